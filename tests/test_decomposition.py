"""A question that asks several things, as questions that ask one."""

from __future__ import annotations

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
        ("Rope or Harbour Terms?", ()),  # nothing is asked of them
        ("", ()),
    ],
)
def test_the_questions_in_one(question: str, asked: tuple[str, ...]) -> None:
    assert decomposed(question, ROUTER) == asked


def test_no_question_is_endless() -> None:
    question = "May I sell oil, and how long may I, and who may buy it, and where is it kept, under Rope and LL 1.0?"
    assert len(decomposed(question, ROUTER)) == MOST
