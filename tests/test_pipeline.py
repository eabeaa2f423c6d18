"""The story of ingest with a fake store and embedder: what is embedded, kept, removed, and what a kill leaves."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from errors import SourceError
from ingest import added
from ingest.ledger import Ledger
from knowledge.catalogue import Listed
from knowledge.documents import Source
from knowledge.texts import read_text
from tests.ingest_world import (
    ALL,
    FOLDER_LIST,
    LISTED,
    MADE_BY,
    Killed,
    World,
)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "world")


def test_the_first_run_brings_in_every_kind(world: World) -> None:
    report = world.run()
    assert sorted(report.added) == ALL == sorted(world.store.committed)
    assert report.missing == ()
    assert read_text(world.home, "osaid-1.0") == "Definition\n\nFour freedoms are granted.\n"
    said = world.store.said["osaid-1.0"]  # ours; a folder's list only fills what ours leaves empty
    assert (said.title, said.rank, said.names, said.published) == ("The Definition", 2, ("OSAID",), "")
    assert world.store.said["note-weights"].title == "Weights"


def test_a_second_run_opens_no_writer_and_makes_no_embedder(world: World) -> None:
    world.run()
    report = world.run()
    assert report.did_nothing
    assert sorted(report.unchanged) == ALL
    assert world.store.begun == 1


def test_what_came_from_a_folder_stays_without_it(world: World) -> None:
    world.run()
    assert world.run(from_folder=False).did_nothing
    shutil.rmtree(world.folder)
    assert world.run(from_folder=False).did_nothing
    assert world.asked == []


def test_only_what_changed_is_embedded(world: World) -> None:
    world.run()
    world.store.puts.clear()
    (world.folder / "article.txt").write_text("An article says another thing.\n")
    report = world.run()
    assert (report.added, report.changed, report.removed) == ((), ("article",), ())
    assert world.store.puts == ["article"]
    assert read_text(world.home, "article") == "An article says another thing.\n"


def test_a_new_description_is_kept_without_embedding(world: World) -> None:
    world.run()
    world.store.puts.clear()
    world.data = replace(world.data, listed={LISTED.id: Listed(replace(LISTED, rank=3))})
    assert world.run().changed == ("osaid-1.0",)
    assert world.store.puts == []
    assert world.store.said["osaid-1.0"].rank == 3


def test_what_its_folder_no_longer_lists_is_removed(world: World) -> None:
    world.run()
    (world.folder / "sources.toml").write_text(FOLDER_LIST.split('[[source]]\nid = "article"')[0])
    assert world.run().removed == ("article",)
    assert "article" not in world.store.committed
    assert not (world.home / "texts" / "article.txt").exists()
    assert world.run(from_folder=False).did_nothing


def test_a_note_that_is_gone_is_removed(world: World) -> None:
    world.run()
    (world.notes / "weights.md").unlink()
    assert world.run().removed == ("note-weights",)


def test_check_says_and_does_nothing(world: World) -> None:
    report = world.run(check=True)
    assert sorted(report.added) == ALL
    assert world.store.begun == 0
    assert sorted(path.name for path in world.home.iterdir()) == ["cache"]


@pytest.mark.parametrize(
    ("name", "data"), [("article.txt", b""), ("article.txt", b"a\0b"), ("article.txt", b"%PDF-1.7 cut")]
)
def test_a_broken_file_is_named_and_the_others_go_on(world: World, name: str, data: bytes) -> None:
    (world.folder / name).write_bytes(data)
    report = world.run()
    assert [missing.source for missing in report.missing] == ["article"]
    assert sorted(report.added) == [id_ for id_ in ALL if id_ != "article"]
    again = world.run()
    assert again.did_nothing
    assert [missing.source for missing in again.missing] == ["article"]
    assert world.store.begun == 1


def test_a_file_that_breaks_later_does_not_take_the_good_text_along(world: World) -> None:
    world.run()
    (world.folder / "article.txt").write_bytes(b"")
    for _ in range(2):
        report = world.run()
        assert "article" in world.store.committed
        assert [missing.source for missing in report.missing] == ["article"]
    assert read_text(world.home, "article") == "An article says a thing.\n"
    world.run(made_by={**MADE_BY, "chunker": "2"})
    assert sorted(world.store.committed) == ALL


def test_a_file_outside_its_folder_is_not_read(world: World) -> None:
    (world.folder / "sources.toml").write_text(FOLDER_LIST.replace("article.txt", "../home/cache/mit.raw"))
    assert [missing.reason for missing in world.run().missing] == [f"mit.raw lies outside {world.folder.resolve()}.",
                                                                   "article has no address."]  # fmt: skip


def test_a_web_that_is_away_is_a_warning_and_is_not_asked_at_every_start(world: World) -> None:
    first = world.run(from_folder=False)
    assert sorted(first.added) == ["mit", "model-olmo", "note-weights"]
    assert [missing.source for missing in first.missing] == ["osaid-1.0"]
    second = world.run(from_folder=False)
    assert second.did_nothing
    assert [missing.source for missing in second.missing] == ["osaid-1.0"]
    assert world.asked == ["dead.example"]


def test_a_licence_text_that_cannot_be_had_stays_in_the_index(world: World) -> None:
    world.run()
    (world.home / "cache" / "mit.raw").unlink()
    report = world.run()
    assert [missing.source for missing in report.missing] == ["mit"]
    assert sorted(world.store.committed) == ALL


def test_another_chunker_makes_everything_anew(world: World) -> None:
    world.run()
    world.store.puts.clear()
    world.run(made_by={**MADE_BY, "chunker": "2"})
    assert sorted(world.store.puts) == ALL
    assert world.run(made_by={**MADE_BY, "chunker": "2"}).did_nothing


@pytest.mark.parametrize("step", [*(f"put {id_}" for id_ in ALL), "commit", "after commit"])
def test_a_kill_at_any_step_is_repaired_and_nothing_is_embedded_twice(world: World, step: str) -> None:
    world.store.kill_at = step
    with pytest.raises(Killed):
        world.run()
    assert (world.store.made is None) == (step != "after commit")
    world.store.kill_at = ""
    world.run()
    assert sorted(world.store.puts) == ALL == sorted(world.store.committed)
    assert all(sha256(read_text(world.home, id_).encode()).hexdigest() == world.store.committed[id_] for id_ in ALL)
    assert world.run().did_nothing


@pytest.mark.parametrize("step", ["put article", "commit"])
def test_a_kill_during_a_change_leaves_the_old_index_and_its_texts(world: World, step: str) -> None:
    world.run()
    before = world.store.documents()
    (world.folder / "article.txt").write_text("An article says another thing.\n")
    world.store.kill_at = step
    with pytest.raises(Killed):
        world.run()
    assert world.store.documents() == before
    assert read_text(world.home, "article") == "An article says a thing.\n"


def test_a_ledger_that_cannot_be_read_costs_reading_not_the_index(world: World) -> None:
    world.run()
    (world.home / "ledger.json").write_text("{ broken")
    world.run()
    assert sorted(world.store.committed) == ALL
    assert world.run().did_nothing


def test_a_folder_without_a_list_is_refused(world: World) -> None:
    (world.folder / "sources.toml").unlink()
    with pytest.raises(SourceError, match=r"sources\.toml"):
        world.run()


def test_an_added_file_stays_until_it_is_dropped(world: World, tmp_path: Path) -> None:
    file = tmp_path / "My Paper.md"
    file.write_text('# Paper\n\nIt says "much".\n')
    id_ = added.add(str(file), world.home, None, set(), title='A "paper"', licence="CC-BY-4.0")
    assert id_ == added.add(str(file), world.home, None, set(), title='A "paper"', licence="CC-BY-4.0")
    assert world.run().added.count(id_) == 1
    assert world.store.said[id_].title == 'A "paper"'
    file.unlink()
    assert world.run(from_folder=False).did_nothing
    assert added.drop(id_, world.home)
    assert world.run(from_folder=False).removed == (id_,)


def test_a_forgotten_source_stays_away(world: World) -> None:
    world.run()
    ledger = Ledger.read(world.home)
    ledger.forgotten = ["article", "mit"]
    ledger.save(world.home)
    assert world.run().removed == ("article", "mit")
    assert world.run().did_nothing


def test_a_text_that_stands_here_already_is_left_out_and_its_names_lead_to_the_first(world: World) -> None:
    words = "".join(f"Rule {number}: the lamp stays lit and nobody sells its oil.\n" for number in range(4))
    for name in ("article.txt", "osaid.md"):
        (world.folder / name).write_text(words)
    report = world.run()
    assert report.twins == {"article": "osaid-1.0"}
    assert sorted(world.store.committed) == [id_ for id_ in ALL if id_ != "article"]
    assert world.store.said["osaid-1.0"].names == ("OSAID", "An article", "article")
    again = world.run(from_folder=False)
    assert again.did_nothing and again.twins == report.twins
    assert world.store.begun == 1
    (world.folder / "osaid.md").write_text("# Definition\n\nFour freedoms are granted.\n")
    parted = world.run()
    assert (list(parted.added), list(parted.changed), parted.twins) == (["article"], ["osaid-1.0"], {})
    assert list(world.store.said["osaid-1.0"].names) == ["OSAID"]


def test_a_twin_that_was_in_the_index_goes_and_stays_in_the_cache(world: World) -> None:
    world.run()
    text = "The lamp stays lit and nobody sells its oil, nor its wick, nor its glass, nor the tower. " * 3
    for name in ("article.txt", "osaid.md"):
        (world.folder / name).write_text(text)
    assert world.run().removed == ("article",)
    assert (world.home / "cache" / "article.raw").is_file()
    assert world.run(from_folder=False).did_nothing


def test_the_document_on_the_assistant_counts_what_is_there_and_is_made_last(world: World) -> None:
    def about(made_by: Mapping[str, str], sources: Sequence[Source]) -> tuple[Source, str]:
        return Source("plainsource", "Itself", "note"), f"## What?\n\n{made_by['embedder']}, {len(sources)} texts.\n"

    world.data = replace(world.data, about=about)
    assert "plainsource" in world.run().added
    assert "fake, 5 texts." in read_text(world.home, "plainsource")
    assert world.run().did_nothing
    (world.folder / "article.txt").write_bytes(b"")  # cannot be read any more: its last text still counts
    assert "plainsource" in world.run().unchanged
    (world.notes / "weights.md").unlink()
    assert world.run().changed == ("plainsource",)
    assert "fake, 4 texts." in read_text(world.home, "plainsource")
