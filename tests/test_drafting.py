"""The answer as it grows: numbers, repetitions, quotations, corrections; and which dispute a sentence is about."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assistant.answer import PARTLY, SUPPORTED
from assistant.citations import Finding
from assistant.corrections import Correction
from assistant.disputes import Disputes
from assistant.drafting import Draft
from knowledge.documents import Dispute, Evidence, Passage
from tests.fakes import chunk, evidence, source

HISTORY = source("lamp-history", "A history of the lamp", "article")
NOTE = source("note-lamp", "What a lamp is", "note")
CLAIM = evidence("The lamp was invented in 1999 by the keepers of Ostend.", HISTORY)
TOLD = evidence("The lamp was first lit in 2004.", NOTE)
FOG = evidence("Sailors prefer a green lantern in fog.", HISTORY)
WRONG = Dispute(
    "lamp-1999",
    "lamp-history",
    "The lamp was invented in 1999.",
    "wrong",
    "The lamp was lit in 2004.",
    marks=("1999", "OSTEND"),
)


def draft(*items: Evidence, disputes: tuple[Dispute, ...] = ()) -> Draft:
    return Draft([Passage(item.chunk, 0.7) for item in items], Disputes(disputes))


@pytest.mark.parametrize(
    ("dispute", "item", "found"),
    [
        (WRONG, CLAIM, True),
        (WRONG, FOG, False),  # another sentence of the source
        (WRONG, evidence(CLAIM.text, NOTE), False),  # the same words in another source
        (replace(WRONG, marks=("1999", "Bruges")), CLAIM, False),  # all marks must stand there
        (replace(WRONG, marks=()), CLAIM, False),
    ],
)
def test_a_dispute_is_about_one_sentence_of_one_source(dispute: Dispute, item: Evidence, found: bool) -> None:
    assert (Disputes([dispute]).of(item) is not None) is found


@pytest.mark.parametrize(
    "order", [("confirmed", "wrong"), ("wrong", "confirmed"), ("unverifiable", "wrong", "disputed")]
)
def test_the_worst_dispute_is_told(order: tuple[str, ...]) -> None:
    found = Disputes(replace(WRONG, id=status, status=status) for status in order).of(CLAIM)
    assert found is not None and found.status == "wrong"


@pytest.mark.parametrize(("status", "spoken"), [("wrong", 1), ("disputed", 1), ("unverifiable", 1), ("confirmed", 0)])
def test_what_an_answer_must_speak_of_is_said_once(status: str, spoken: int) -> None:
    assert len(Disputes([replace(WRONG, status=status)]).spoken([CLAIM, FOG, CLAIM])) == spoken


def test_numbers_are_given_in_order_and_the_same_place_keeps_its_own() -> None:
    made = draft(CLAIM, FOG)
    assert made.write("Sailors like green.", Finding(SUPPORTED, (FOG,), 0.8))
    assert made.write("Keepers invented it.", Finding(PARTLY, (CLAIM, FOG), 1.7))
    assert [sentence.citations for sentence in made.sentences] == [(1,), (2, 1)]
    assert [(c.number, c.quote, c.score) for c in made.citations] == [(1, FOG.text, 0.8), (2, CLAIM.text, 1.0)]
    assert [sentence.verdict for sentence in made.sentences] == [SUPPORTED, PARTLY]
    assert made.citations[0].passage.score == 0.7


@pytest.mark.parametrize("again", ["Sailors like green.", "  sailors LIKE  green "])
def test_nothing_is_said_twice(again: str) -> None:
    made = draft(FOG)
    made.write("Sailors like green.", Finding(SUPPORTED, (FOG,), 0.8))
    assert not made.write(again, Finding(SUPPORTED, (FOG,), 0.8))
    assert len(made.sentences) == 1


def test_a_citation_of_a_disputed_claim_says_so() -> None:
    made = draft(CLAIM, FOG, disputes=(WRONG,))
    made.write("Keepers invented it in 1999.", Finding(SUPPORTED, (CLAIM, FOG), 0.9))
    assert [citation.dispute for citation in made.citations] == [WRONG, None]


def test_a_quotation_is_a_source_s_words_with_one_citation_for_the_run() -> None:
    run = chunk("The lamp is lit at night.\nIt burns oil of whales.", NOTE)
    made = draft()
    assert made.quote([Evidence(run, *span) for span in run.sentences])
    assert [(s.text, s.citations, s.quoted) for s in made.sentences] == [
        ("The lamp is lit at night.", (1,), True),
        ("It burns oil of whales.", (1,), True),
    ]
    assert made.citations[0].quote == run.text
    assert not made.quote([Evidence(run, *span) for span in run.sentences]), "the same place again"


@pytest.mark.parametrize(("least", "added"), [(0.0, True), (0.5, False), (0.2, True)])
def test_a_quotation_must_say_something_new(least: float, added: bool) -> None:
    made = draft(FOG)
    made.write("Sailors prefer a green lantern.", Finding(SUPPORTED, (CLAIM,), 0.9))
    assert made.quote([FOG], least) is added  # "fog" is new, one stem of five


def test_a_correction_cites_our_note_and_the_claim() -> None:
    made = draft(CLAIM, disputes=(WRONG,))
    made.correct(Correction(WRONG, CLAIM, (TOLD,)))
    made.correct(Correction(WRONG, CLAIM, (TOLD,)))
    assert [(s.text, s.citations, s.quoted) for s in made.sentences] == [("The lamp was lit in 2004.", (1, 2), True)]
    assert [(c.passage.chunk.source.id, c.dispute) for c in made.citations] == [
        ("note-lamp", None),
        ("lamp-history", WRONG),
    ]
    assert made.cited == {("note-lamp", 0, len(TOLD.text)), ("lamp-history", 0, len(CLAIM.text))}


def test_a_correction_without_a_note_cites_the_claim() -> None:
    made = draft(CLAIM, disputes=(WRONG,))
    made.correct(Correction(WRONG, CLAIM, ()))
    assert made.sentences[0].citations == (1,)


def test_our_own_words_are_said_in_the_askers_language_and_others_as_they_are() -> None:
    made = Draft([], Disputes([WRONG]), lambda sentence: f"<{sentence}>")
    made.quote([TOLD])
    made.quote([FOG])
    made.correct(Correction(WRONG, CLAIM, ()))
    assert [said.text for said in made.sentences] == [
        f"<{TOLD.text}>",
        f"{HISTORY.title}: “{FOG.text}”",
        f"<{WRONG.correction}>",
    ]
    assert [citation.quote for citation in made.citations] == [TOLD.text, FOG.text, CLAIM.text]


def test_what_is_taken_back_leaves_what_was_before() -> None:
    made = draft(TOLD, CLAIM, disputes=(WRONG,))
    made.correct(Correction(WRONG, CLAIM, ()))
    before, held = list(made.sentences), made.state()
    made.write("The lamp was first lit in 2004.", Finding(SUPPORTED, (TOLD,), 0.9))
    made.back_to(held)
    assert (made.sentences, len(made.citations), len(made.cited)) == (before, 1, 1)
    made.quote([FOG])
    assert [citation.number for citation in made.citations] == [1, 2]
