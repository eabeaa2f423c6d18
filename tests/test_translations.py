"""Sentences of ours in other languages: paired by place, and left out where the two sides differ."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from errors import SourceError
from ingest.fetch import Data
from ingest.load import load
from knowledge import catalogue
from knowledge.documents import Dispute, Source
from knowledge.translations import FOLDER, Translations, read, sections_of
from tests.fakes import document

NOTE = Source("note-lamps", "Lamps", "note")
TEXT = """---
title: Lamps
subjects: [lamps]
sources: [keepers]
checked: 2026-11-21
---
## Who lit it?
The lamp was lit in 1875. Nobody knows by whom.
Sources: keepers

## What does it burn?
The lamp burns oil.
Sources: keepers
"""
FRENCH = """## Qui l'a allumée ?
La lampe fut allumée en 1875.
Nul ne sait par qui.

## Que brûle-t-elle ?
La lampe brûle de l'huile.
"""
WRONG = Dispute("lamp-1999", "x", "It is of 1999.", "wrong", "The lamp is of 1875.")


def translations(folder: Path, french: str, corrections: str = "") -> Translations:
    (folder / "fr").mkdir()
    (folder / "fr" / "lamps.md").write_text(french, "utf-8")
    (folder / "fr" / "corrections.toml").write_text(corrections, "utf-8")
    from ingest.chunk import chunks

    return Translations(chunks(document(TEXT, NOTE, "note")), [WRONG], folder)


def test_each_sentence_is_said_in_french(tmp_path: Path) -> None:
    said = translations(tmp_path, FRENCH, 'lamp-1999 = "La lampe est de 1875."').said
    assert said("The lamp was lit in 1875.", "fr") == "La lampe fut allumée en 1875."
    assert said("Nobody  knows by whom.", "fr") == "Nul ne sait par qui."
    assert said("The lamp burns oil.", "fr") == "La lampe brûle de l'huile."
    assert said("The lamp is of 1875.", "fr") == "La lampe est de 1875."
    assert said("The lamp burns oil.", "de") == "The lamp burns oil."
    assert said("A sentence of no note.", "fr") == "A sentence of no note."


@pytest.mark.parametrize(
    ("changed", "stays"),
    [
        (FRENCH.replace("1875", "1876"), "The lamp was lit in 1875."),  # another figure
        (FRENCH.replace("Nul ne sait par qui.\n", ""), "Nobody knows by whom."),  # another number of lines
        (FRENCH.split("\n\n")[0], "The lamp burns oil."),  # another number of sections
        ("", "The lamp burns oil."),
    ],
)
def test_what_differs_is_said_in_english(tmp_path: Path, changed: str, stays: str) -> None:
    assert translations(tmp_path, changed).said(stays, "fr") == stays


def test_a_sentence_that_differs_in_names_only_follows_a_pattern(tmp_path: Path) -> None:
    (tmp_path / "fr").mkdir()
    (tmp_path / "fr" / "patterns.toml").write_text(
        '"{name} is of {year} (brass)." = "{name} date de {year} (laiton)."\n'
    )
    said = Translations((), (), tmp_path).said
    assert said("Lamp 2.1 is of 1875 (brass).", "fr") == "Lamp 2.1 date de 1875 (laiton)."
    assert said("Lamp 2.1 is of 1875.", "fr") == "Lamp 2.1 is of 1875."


def test_the_fact_sheets_of_all_models_are_there_in_french_but_for_their_summaries() -> None:
    said = Translations().said
    for model in catalogue.models():
        _, text = catalogue.model_document(model)
        for section in ("What is published of", "Licence of"):
            body = text.split(f"## {section}")[1].split("\n")[1]
            first = next(s for s in re.split(r"(?<=[.)]) (?=[A-Z])", body) if model.name in s)
            assert said(first, "fr") != first, first


def test_corrections_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"corrections\.toml"):
        translations(tmp_path, FRENCH, "no toml")


def test_every_sentence_of_our_notes_and_corrections_is_there_in_french() -> None:
    from ingest.chunk import chunks

    notes = sorted(Data.own().notes.glob("*.md"))
    made = [load(Source(f"note-{p.stem}", p.stem, "note"), p.read_bytes(), "note") for p in notes]
    cut = [chunk for one in made for chunk in chunks(one)]
    disputes = catalogue.disputes()
    said = Translations(cut, disputes).said
    english = [line for sections in sections_of(cut).values() for lines in sections for line in lines]
    english += [dispute.correction for dispute in disputes]
    unsaid = [line for line in english if said(line, "fr") == line]
    assert not unsaid, unsaid[:5]
    assert {path.stem for path in (FOLDER / "fr").glob("*.md")} == {path.stem for path in notes}
    assert all(read(path) for path in (FOLDER / "fr").glob("*.md"))
