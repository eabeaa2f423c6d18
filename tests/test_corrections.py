"""What an answer sets right: which claims of the evidence, and the sentences of our notes that say what is right."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assistant.corrections import MOST, Correction, Corrections
from assistant.disputes import Disputes
from knowledge.documents import Dispute, Evidence
from tests.fakes import ARTICLE, document, evidence, searcher_over, source

NOTE = document(
    """---
title: Lamps
subjects: [lamp]
sources: [lamp-history]
checked: 2026-11-21
---
## What is known of the lamp?
The lighthouse lamp was first lit in 2004. A lamp needs oil.
Sources: disputes:lamp-1999

## Who kept it?
The lighthouse lamp was lit by keepers from Bruges. Keepers sleep by day.
Sources: disputes:lamp-1999

## What else?
The lighthouse lamp was first lit in 2004 by keepers from Bruges.
Sources: lamp-history
""",
    source("note-lamps", "Lamps", "note"),
    "note",
)
WRONG = Dispute(
    "lamp-1999",
    ARTICLE.source.id,
    "The lamp was invented in 1999.",
    "wrong",
    "The lighthouse lamp was first lit in 2004 by keepers from Bruges.",
    marks=("1999", "Ostend"),
)
CLAIM = evidence("The lamp was invented in 1999 by the keepers of Ostend.", ARTICLE.source)
SEARCHER = searcher_over((ARTICLE, NOTE))


def corrections(*disputes: Dispute) -> Corrections:
    return Corrections(SEARCHER, Disputes(disputes))


def said(told: tuple[Evidence, ...]) -> list[str]:
    return [item.text for item in told]


def test_each_sentence_of_a_note_tells_another_part_of_what_is_right() -> None:
    told = corrections(WRONG).told(WRONG)
    assert sorted(said(told)) == [
        "The lighthouse lamp was first lit in 2004.",
        "The lighthouse lamp was lit by keepers from Bruges.",
    ]
    assert {item.chunk.source.id for item in told} == {"note-lamps"}


def test_one_sentence_is_enough_where_it_says_all() -> None:
    short = replace(WRONG, correction="The lighthouse lamp was first lit in 2004.")
    assert said(corrections(short).told(short)) == ["The lighthouse lamp was first lit in 2004."]


def test_a_dispute_that_no_note_rests_on_has_no_sentence() -> None:
    other = replace(WRONG, id="lamp-1998")
    assert corrections(other).told(other) == ()


def test_a_claim_that_is_asked_for_is_due_and_one_beside_the_question_is_not() -> None:
    due = corrections(WRONG).due("When was the lamp invented?", [CLAIM])
    assert due == [Correction(WRONG, CLAIM, corrections(WRONG).told(WRONG))]
    assert corrections(WRONG).due("How do boats find the harbour?", [CLAIM]) == []
    assert corrections(WRONG).due("When was the lamp invented?", []) == []


def test_few_claims_are_set_right_at_once() -> None:
    disputes = [replace(WRONG, id=f"lamp-{n}", source_id=f"history-{n}") for n in range(MOST + 1)]
    claims = [evidence(CLAIM.text, replace(ARTICLE.source, id=f"history-{n}")) for n in range(MOST + 1)]
    assert len(corrections(*disputes).due("When was the lamp invented?", claims)) == MOST


@pytest.mark.parametrize(
    ("status", "fit"), [("wrong", False), ("unverifiable", False), ("disputed", True), ("confirmed", True)]
)
def test_an_answer_rests_on_no_claim_that_is_known_to_be_wrong(status: str, fit: bool) -> None:
    assert corrections(replace(WRONG, status=status)).fit(CLAIM) is fit
    assert corrections().fit(CLAIM)
