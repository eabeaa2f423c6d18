"""What is found for a question, and for each of the questions that it asks."""

from __future__ import annotations

from assistant.finding import Finder
from assistant.gate import Gate
from tests.fakes import document, searcher_over, source

ROPE = document("Rope Licence\n\nRope lets you sell oil at night.", source("rope", "Rope Licence", names=("Rope",)))
SHINE = document(
    "Shine Licence\n\nShine forbids you to sell oil at night.", source("shine", "Shine Licence", names=("Shine",))
)
BOATS = document("Boats\n\nBoats carry hemp and tar.", source("boats", "Boats", "article"))
SEARCHER = searcher_over([ROPE, SHINE, BOATS])
FINDER = Finder(SEARCHER, Gate(), 8)


def test_a_single_question_is_looked_up_once() -> None:
    found = FINDER.find("Does Rope let me sell oil?")
    assert found.parts == ()
    assert (found.whole.passages, found.whole.evidence) == (found.passages, found.evidence)
    assert found.passages[0].chunk.source.id == "rope"


def test_a_comparison_is_looked_up_for_each_and_as_a_whole() -> None:
    question = "Rope or Shine: which one lets me sell oil at night?"
    found = FINDER.find(question)
    assert found.whole.english == question
    assert [lookup.english for lookup in found.parts] == [
        "Rope: lets me sell oil at night?",
        "Shine: lets me sell oil at night?",
    ]
    assert {passage.chunk.source.id for passage in found.passages[:2]} == {"rope", "shine"}
    assert len({passage.chunk.id for passage in found.passages}) == len(found.passages)
    runs = FINDER.quotable(found, lambda item: True)
    assert {run[0].chunk.source.id for run in runs[:2]} == {"rope", "shine"}


def test_another_language_is_looked_up_as_a_whole() -> None:
    assert not FINDER.find("Puis-je vendre la lampe, et combien de bateaux faut-il pour Rope et Shine ?").parts


def test_a_judgement_weighs_each_question_that_is_asked() -> None:
    half = "Does Rope let me sell oil at night, and who was the first king of Persia?"
    both = "Does Rope let me sell oil at night, and does Shine let me sell oil at night?"
    one, other = (FINDER.judge(question, FINDER.find(question)).probability for question in (half, both))
    assert one < other
