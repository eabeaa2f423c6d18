"""Answers that can be opened again: in memory, and on disk only where somebody asked for it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.fake_assistant import SENTENCES, scripted, shelf
from web.kept import Kept, from_json, identity

LOOK = shelf().source


def test_an_answer_is_kept_under_a_name_of_its_content() -> None:
    kept = Kept(most=2)
    one, slower = scripted("a", "supported"), replace(scripted("a", "supported"), timings_ms={"total": 9})
    assert kept.keep(one) == kept.keep(slower) == identity(one)
    kept.keep(scripted("b", "supported"))
    kept.keep(scripted("c", "supported"))
    assert kept.get(identity(one)) is None


@pytest.mark.parametrize(
    "change",
    [{"question": "b"}, {"prompt": "x"}, {"seed": 8}, {"status": "interrupted"}, {"corpus": "x"}, {"passages": ()}],
)  # fmt: skip
def test_another_answer_has_another_name(change: dict[str, object]) -> None:
    one = scripted("a", "supported")
    assert identity(one) != identity(replace(one, **change))  # type: ignore[arg-type]


@pytest.mark.parametrize("script", SENTENCES)
def test_what_the_json_says_comes_back(script: str) -> None:
    one = scripted("a", script)
    back = from_json(one.as_json(), LOOK)
    assert back.as_json() == one.as_json()
    assert identity(back) == identity(one)
    without = from_json(one.as_json(), lambda _: None)  # the sources have gone since
    assert [c.quote for c in without.citations] == [c.quote for c in one.citations]


def test_nothing_is_written_until_it_is_asked_for(tmp_path: Path) -> None:
    kept = Kept(folder=tmp_path / "answers", source=LOOK)
    name = kept.keep(scripted("a", "supported"))
    assert not (tmp_path / "answers").exists()
    assert kept.save(name)
    again = Kept(folder=tmp_path / "answers", source=LOOK)  # after a restart
    found = again.get(name)
    assert found is not None and found.question == "a"
    assert again.keep(found) == name


def test_all_are_written_where_the_owner_says_so(tmp_path: Path) -> None:
    name = Kept(folder=tmp_path, always=True).keep(scripted("a", "declined"))
    assert [path.name for path in tmp_path.iterdir()] == [f"{name}.json"]


def test_the_newest_files_stay(tmp_path: Path) -> None:
    kept = Kept(folder=tmp_path, always=True, files=3)
    names = [kept.keep(scripted(str(number), "supported")) for number in range(6)]
    assert len(list(tmp_path.iterdir())) == 3
    assert (tmp_path / f"{names[-1]}.json").exists()


@pytest.mark.parametrize("name", ["../x", "a" * 23, "A" * 24, "a" * 24])
def test_a_name_that_is_none_finds_nothing(tmp_path: Path, name: str) -> None:
    assert Kept(folder=tmp_path).get(name) is None
    assert not Kept(folder=tmp_path).save(name)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"question": "a"}'])
def test_a_damaged_file_is_as_if_forgotten(tmp_path: Path, content: str) -> None:
    (tmp_path / f"{'a' * 24}.json").write_text(content, encoding="utf-8")
    assert Kept(folder=tmp_path).get("a" * 24) is None
