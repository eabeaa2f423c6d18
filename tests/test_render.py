"""An answer as Markdown for terminals."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assistant.answer import Answer, Citation, Engine, Sentence
from assistant.render import as_markdown, note
from knowledge.documents import Dispute, Passage
from tests.fakes import chunk, source

PLACE = replace(
    chunk("You may light\nthe lamp.", source("l", "Harbour Licence", url="https://example.org/l"), ("1. Use", "(a)")),
    rests_on=("osaid-1.0", "mit"),
)
BARE = chunk("The lamp burns oil.", source("b", "Book"))
WRONG = Dispute("d", "l", "It is free.", "wrong", "It costs 3 euros.")
CITED = Citation(1, Passage(PLACE, 0.7), 0, 23, "You may light\nthe lamp.", 0.9)
ANSWER = Answer(
    "May I?",
    "May I?",
    "answered",
    (Sentence("You may light the lamp.", "supported", (1,)), Sentence("It burns oil.", "partly", (1, 2))),
    (CITED, Citation(2, Passage(BARE, 0.5), 0, 19, "The lamp burns oil.", 0.5)),
    (Passage(PLACE, 0.7), Passage(BARE, 0.5)),
    Engine("embedded", "small"),
    {"total": 1234},
)


def test_an_answer_its_notes_and_who_wrote_it() -> None:
    assert as_markdown(ANSWER) == (
        "You may light the lamp. [1]\n"
        "It burns oil. [1][2] (only partly confirmed)\n\n"
        "[1] Harbour Licence, 1. Use › (a)\n"
        "    “You may light the lamp.”\n"
        "    https://example.org/l\n"
        "    rests on: osaid-1.0, mit\n"
        "[2] Book\n"
        "    “The lamp burns oil.”\n\n"
        "(small, embedded; 1.2 s)"
    )


@pytest.mark.parametrize(
    ("answer", "begins", "holds"),
    [
        (replace(ANSWER, status="quoted"), "Quoted from the sources, not written by a model:", ""),
        (replace(ANSWER, status="interrupted"), "Interrupted; what was checked so far:", ""),
        (replace(ANSWER, notice="Ollama is away."), "You may light", "\n\nOllama is away.\n\n"),
        (replace(ANSWER, engine=Engine("none", "")), "You may light", "(no model; 1.2 s)"),
        (replace(ANSWER, status="interrupted", sentences=(), citations=(), notice="It broke."), "It broke.", ""),
    ],
)
def test_what_kind_of_answer_it_is_is_said(answer: Answer, begins: str, holds: str) -> None:
    text = as_markdown(answer)
    assert text.startswith(begins)
    assert holds in text


def test_a_declined_question_lists_the_closest_passages() -> None:
    declined = replace(ANSWER, status="declined", sentences=(), citations=(), notice="Nothing there.")
    text = as_markdown(declined)
    assert text.startswith("Nothing there.\n\n- Harbour Licence, 1. Use › (a)\n\n- Book")
    assert text.count("Nothing there.") == 1


@pytest.mark.parametrize(("status", "told"), [("wrong", True), ("unverifiable", True), ("confirmed", False)])
def test_a_dispute_stands_in_the_note(status: str, told: bool) -> None:
    text = note(replace(CITED, dispute=replace(WRONG, status=status)))
    assert (f"{status}: It costs 3 euros." in text) is told


def test_credit_stands_in_the_note_where_the_licence_asks_for_it() -> None:
    def cited(licence: str) -> str:
        chunk = CITED.passage.chunk
        by = replace(chunk.source, licence=licence, author="Keepers", url="https://x.example/")
        return note(replace(CITED, passage=replace(CITED.passage, chunk=replace(chunk, source=by))))

    assert "credit: “" in cited("CC BY 4.0") and "by Keepers" in cited("CC BY 4.0")
    assert "credit" not in cited("Apache-2.0")
    assert all("https://x.example/" in cited(licence) for licence in ("CC BY 4.0", "Apache-2.0"))
