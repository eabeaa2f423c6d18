"""The things that a question sets beside each other."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from knowledge.routing import Router
from knowledge.things import Thing, things, without
from tests.fakes import source

LAMP = replace(source("model-lamp", "Lamp: how open it is", "model", names=("Lamp 7B",)), terms="lamp-2.0")
TORCH = replace(source("model-torch", "Torch: how open it is", "model", names=("Torch 7B",)), terms="lamp-2.0")
ROUTER = Router(
    [
        source("lamp-1.0", "Lamp Licence 1.0", names=("Lamp Licence", "LL 1.0")),
        source("lamp-2.0", "Lamp Licence 2.0", names=("Lamp Licence 2.0", "LL 2.0")),
        source("rope", "Rope Licence", names=("Rope", "Rope Licence")),
        source("harbour-3.0", "Harbour Terms 3.0", names=("Harbour Terms",)),
        LAMP,
        TORCH,
        source("tug-1.0", "Tug Licence 1.0", names=("Tug 1", "Tug")),
        source("tug-2.0", "Tug Licence 2.0", names=("Tug 2", "Tug")),
    ]
)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("Is Rope free?", ["Rope"]),
        ("Is Lamp Licence 2.0 freer than Rope?", ["Lamp Licence 2.0", "Rope"]),
        ("Lamp Licence: what is new between 1.0 and 2.0?", ["Lamp Licence 1.0", "Lamp Licence 2.0"]),
        ("What did Lamp Licence 2.0 drop that 1.0 has?", ["Lamp Licence 2.0", "Lamp Licence 1.0"]),
        ("May I sell it under version 2 and version 1 of the Lamp Licence?", ["Lamp Licence 2", "Lamp Licence 1"]),
        ("Under LL 1.0, and under Rope with 2 boats?", ["LL 1.0", "Rope"]),  # two boats are no version of Rope
        ("Harbour Terms 4.1-NC or Rope?", ["Harbour Terms 4.1-NC", "Rope"]),
        ("Does the Lamp Licence end at 2.0 million boats?", ["Lamp Licence"]),
        ("Is Lamp 7B under Lamp Licence 2.0?", ["Lamp 7B"]),  # a model and its licence are one
        ("Is Lamp 7B or Torch 7B under Rope?", ["Lamp 7B", "Torch 7B", "Rope"]),  # two models of one licence are two
        ("How did Tug change between Tug 1 and Tug 2?", ["Tug 1", "Tug 2"]),  # a family is none of its members
        ("Tug 1 and 2: who may row?", ["Tug 1", "Tug 2"]),
        ("1. May I sell it under a Tug licence? 2. May I row?", ["Tug"]),
        ("Under Tug, what do sections 1 and 2 say?", ["Tug"]),
        ("Do I owe Tug the oil of 1 and 2 rows, or to 2 or more?", ["Tug"]),
        ("Is it free?", []),
        ("", []),
    ],
)
def test_what_a_question_names(question: str, said: list[str]) -> None:
    assert [thing.said for thing in things(question, ROUTER)] == said


@pytest.mark.parametrize(
    ("text", "is_in"),
    [("the ROPE's end", True), ("a ropeway", False), ("Rope 2", True), ("Rope.2", False), ("", False)],
)
def test_a_thing_stands_in_a_part_as_a_word(text: str, is_in: bool) -> None:
    assert Thing("Rope", ("Rope",), frozenset({"rope"})).is_in(text) is is_in


def test_a_list_of_names_takes_no_time() -> None:
    began = time.perf_counter()
    things("Tug and Tug 1 and Tug 2 or 1 and 2, " * 50, ROUTER)
    assert time.perf_counter() - began < 1


def test_what_is_left_without_the_things() -> None:
    question = "Which of Lamp Licence and Lamp Licence 2.0 asks for oil?"
    assert " ".join(without(question, things(question, ROUTER)).split()) == "Which of asks for oil?"
    assert without("Who asks?", []) == "Who asks?"
