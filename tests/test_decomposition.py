"""A question that asks several things, as questions that ask one."""

from __future__ import annotations

import time

import pytest

from assistant.decomposition import MOST, decomposed
from tests.test_things import ROUTER


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        (
            "Lamp Licence 2.0 or Rope: which one forgives a mistake?",
            ("Lamp Licence 2.0: forgives a mistake?", "Rope: forgives a mistake?"),
        ),
        (
            "What is the difference between Rope and Harbour Terms on selling oil?",
            ("Rope: selling oil?", "Harbour Terms: selling oil?"),
        ),
        (
            "How much more oil do I owe under Rope than under the Harbour Terms?",
            ("Rope: How much oil do I owe?", "Harbour Terms: How much oil do I owe?"),
        ),
        (
            "What did Lamp Licence 2.0 drop that 1.0 asks of sellers?",
            ("Lamp Licence 2.0: drop that asks of sellers?", "Lamp Licence 1.0: drop that asks of sellers?"),
        ),
        (  # what is asked apart, with what it is about
            "Under Rope, how long may I keep the oil, and by what route are disputes settled?",
            ("Under Rope, how long may I keep the oil", "Rope: by what route are disputes settled?"),
        ),
        (  # each question names its own
            "Who owns the oil under Rope, and who owns the boat under the Harbour Terms?",
            ("Who owns the oil under Rope", "who owns the boat under the Harbour Terms?"),
        ),
        (  # a name that nobody bears is no matter of Rope's
            "Who owns the oil under Rope, and who owns Anchorsmith?",
            ("Who owns the oil under Rope", "who owns Anchorsmith?"),
        ),
        (  # the story tells what is asked
            "I want to sell oil at night. Rope or Harbour Terms?",
            ("Rope: I want to sell oil at night?", "Harbour Terms: I want to sell oil at night?"),
        ),
        ("May I sell oil, and whose law applies?", ("May I sell oil", "whose law applies?")),
        ("May I sell oil under Rope?", ()),
        (
            "Do I have to publish my changes under Rope or Harbour Terms?",
            ("Rope: I have to publish my changes?", "Harbour Terms: I have to publish my changes?"),
        ),
        (
            "May I change and redistribute Rope or Harbour Terms boats?",
            ("Rope: May I change and redistribute boats?", "Harbour Terms: May I change and redistribute boats?"),
        ),
        ("Does neither Rope nor Harbour Terms want oil?", ()),  # denied of both
        ("May I mix Rope boats with Harbour Terms boats?", ()),  # asked of them together
        (  # what leans on the thing has it
            "Is Rope released at night, and is it OSI approved?",
            ("Is Rope released at night", "Rope: is it OSI approved?"),
        ),
        ("What is tar, and why does it burn?", ()),  # what leans on nothing that has a name is not taken apart
        ("Rope or Harbour Terms?", ()),  # nothing is asked of them
        ("", ()),
    ],
)
def test_the_questions_in_one(question: str, asked: tuple[str, ...]) -> None:
    assert decomposed(question, ROUTER) == asked


def test_each_ask_has_its_turn() -> None:
    question = "May I sell oil under Rope, Harbour Terms and Lamp Licence 2.0, and who may sue me?"
    assert decomposed(question, ROUTER) == (
        "Rope: May I sell oil",
        "Rope: who may sue me?",
        "Harbour Terms: May I sell oil",
        "Harbour Terms: who may sue me?",
    )


def test_a_question_of_marks_takes_no_time() -> None:
    began = time.perf_counter()
    decomposed("I wait " + "-" * 1300 + "x. Rope or Harbour Terms?" + " And may I sell?" * 40, ROUTER)
    assert time.perf_counter() - began < 1


def test_no_question_is_endless() -> None:
    question = "May I sell oil, and how long may I, and who may buy it, and where is it kept, under Rope and LL 1.0?"
    assert len(decomposed(question, ROUTER)) == MOST
