"""Questions that passages answer: where they belong, and that none of ours has lost its passage."""

from __future__ import annotations

from pathlib import Path

import pytest

from errors import SourceError
from ingest.chunk import chunks
from ingest.fetch import Data
from ingest.load import load
from knowledge.asked import asked, questions_of
from knowledge.documents import Asked, Source
from tests.fakes import chunk

LAMP = chunk("The keepers pay 700 crowns.", path=("2. Oil", "(a)"))


@pytest.mark.parametrize(
    ("clause", "marks", "belongs"),
    [
        ("2. Oil", (), True),
        ("2. oil › (a)", (), True),
        ("", (), True),
        ("3. Rope", (), False),
        ("2. Oil", ("700",), True),
        ("2. Oil", ("800",), False),
    ],
)
def test_a_question_belongs_to_the_passage_of_its_clause_and_marks(
    clause: str, marks: tuple[str, ...], belongs: bool
) -> None:
    assert questions_of(LAMP, [Asked(clause, ("Who pays?", "Who pays?"), marks)]) == (("Who pays?",) if belongs else ())


def test_files_are_read_and_joined(tmp_path: Path) -> None:
    entry = '[[passage]]\nsource = "mit"\nclause = "{}"\nquestions = ["Who?"]\n'
    (tmp_path / "a.toml").write_text(entry.format("1.") + entry.format("2."))
    (tmp_path / "b.toml").write_text(entry.format("3."))
    assert [one.clause for one in asked(tmp_path)["mit"]] == ["1.", "2.", "3."]


@pytest.mark.parametrize(("words", "told"), [('clause = ""\n', "source is missing"), ("x = 1\n", "x is not a field")])
def test_a_wrong_entry_is_named(tmp_path: Path, words: str, told: str) -> None:
    (tmp_path / "a.toml").write_text(f"[[passage]]\n{words}")
    with pytest.raises(SourceError, match=rf"a\.toml, passage number 1: .*{told}|a\.toml.*missing"):
        asked(tmp_path)


def test_every_question_on_our_own_texts_has_its_passage() -> None:
    data = Data.own()
    texts = {f"note-{path.stem}": (path.read_bytes(), "note") for path in data.notes.glob("*.md")}
    texts |= {source.id: (text.encode(), "model") for source, text in data.models}
    kinds = {id_: form for id_, (_, form) in texts.items()}
    for id_, (held, form) in texts.items():
        cut = chunks(load(Source(id_, id_, kinds[id_]), held, form))
        for one in data.asked[id_]:
            assert any(questions_of(piece, [one]) for piece in cut), (id_, one.clause)


def test_questions_name_only_sources_that_exist() -> None:
    data = Data.own()
    known = {f"note-{path.stem}" for path in data.notes.glob("*.md")} | {source.id for source, _ in data.models}
    assert set(data.asked) <= known | set(data.licences) | set(data.listed) | {"plainsource"}
