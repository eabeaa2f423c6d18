"""Searcher.search: what comes first, for which signals, and how many of one source."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from knowledge.documents import Asked, Document
from knowledge.language import Glossary
from knowledge.search import Searcher
from tests.fakes import ARTICLE, HARBOUR, LICENCE, NOTE, WordEmbedder, document, rows_of, searcher_over, source

SEARCHER = searcher_over(HARBOUR)
TWINS = tuple(
    document(
        f"The keeper of {name} pays for oil.\n\nBoats in {name} pay for rope.\n",
        source(f"rules-{n}", f"Rules of {name}", names=(name,)),
    )
    for n, name in enumerate(("Ostend", "Bruges"), 1)
)


@pytest.mark.parametrize(
    ("question", "id_", "words"),
    [
        ("May I light the lamp for any purpose?", LICENCE.source.id, "any purpose"),
        ("When must I ask for a permit?", LICENCE.source.id, "700 boats"),
        ("Which lantern do sailors prefer in fog?", ARTICLE.source.id, "green lantern"),
        ("When was the lamp first lit in Bruges?", NOTE.source.id, "2004"),
    ],
)
def test_the_passage_that_answers_comes_first(question: str, id_: str, words: str) -> None:
    first = SEARCHER.search(question)[0]
    assert first.chunk.source.id == id_
    assert words in first.chunk.text


def test_passages_come_best_first_with_their_signals_and_nearest_sentences() -> None:
    found = SEARCHER.search("Must a harbour with more than 700 boats ask for a permit?", 4)
    assert [p.score for p in found] == sorted((p.score for p in found), reverse=True)
    signals = found[0].signals
    assert set(signals) == {"dense", "lexical", "sentence", "asked", "named"}
    parts = signals["dense"] + 1.3 * signals["lexical"] + signals["sentence"] + signals["asked"] + signals["named"]
    assert found[0].score == pytest.approx(parts, abs=1e-5)
    assert "700 boats" in found[0].evidence[0].text
    assert [e.score for e in found[0].evidence] == sorted((e.score for e in found[0].evidence), reverse=True)


@pytest.mark.parametrize("k", [1, 2, 3])
def test_at_most_k_passages(k: int) -> None:
    assert len(SEARCHER.search("lamp", k)) == k


@pytest.mark.parametrize("question", ["", "?", "xyzzy plugh", "Ω"])
def test_a_question_without_known_words_finds_something_or_nothing_but_does_not_break(question: str) -> None:
    assert all(np.isfinite(passage.score) for passage in SEARCHER.search(question))


def test_the_named_source_comes_first() -> None:
    searcher = searcher_over(TWINS)
    for made, name in zip(TWINS, ("Ostend", "Bruges"), strict=True):
        found = searcher.search(f"Who pays for oil in {name}?")
        assert found[0].chunk.source == made.source
        assert found[0].signals["named"] == pytest.approx(0.3)


def test_a_question_that_names_two_gets_both() -> None:
    crowd = [
        document(f"Oil is paid by nobody in harbour {n}, not by Ostend.\n", source(f"x-{n}", "X")) for n in range(9)
    ]
    found = searcher_over([*TWINS, *crowd]).search("Who pays for oil, Ostend or Bruges?", 4)
    assert {p.chunk.source.id for p in found[:2]} == {"rules-1", "rules-2"}


def test_at_most_three_passages_of_one_source_and_none_twice() -> None:
    parts = "\n\n".join(
        f"{n}. Lamp {word}. The lamp is {word} and of {word} oil."
        for n, word in enumerate("red green blue white black amber".split(), 1)
    )
    one = document(parts + "\n", source("one"))
    twin = document("The lamp is red and of red oil.\n", source("twin", "Twin"))
    again = document("The lamp is red and of red oil.\n", source("again", "Twin"))
    found = searcher_over([one, twin, again]).search("Which lamp oil?", 8)
    ids = [p.chunk.source.id for p in found]
    assert ids.count("one") == 3
    assert len({"twin", "again"} & set(ids)) == 1


def test_a_question_of_another_language_is_searched_for_in_english_too() -> None:
    glossary = Glossary({"fr": {"lampe": "lamp", "permission": "permission"}, "synonyms": {"consent": "permit"}})
    embedder = WordEmbedder()
    searcher = Searcher(rows_of(HARBOUR, embedder), embedder, glossary)  # type: ignore[arg-type]
    question = "Qui peut allumer la lampe sans permission ?"
    assert searcher.language(question) == "fr"
    assert "lamp" in searcher.english(question)
    assert "permission" in searcher.search(question)[0].chunk.text
    assert "permit" in searcher.search("Whose consent must a harbour have?")[0].chunk.text


def test_stored_vectors_are_those_of_the_sentences() -> None:
    found = SEARCHER.search("lamp", 3)
    evidence = [item for passage in found for item in passage.evidence]
    assert np.allclose(SEARCHER.stored(evidence), SEARCHER.vectors([item.text for item in evidence]), atol=1e-5)
    assert SEARCHER.stored([]).shape[0] == 0


def test_what_a_passage_is_known_to_answer_is_a_question_and_else_its_heading() -> None:
    made = document("Harbour Rules\n\n1. Lamps\n\nYou may light the lamp at night.\n\n2. Ropes\n\nRopes are dry.\n")
    asked = (Asked("1. Lamps", ("Who lights it?", "Is fire allowed?")),)
    searcher = searcher_over([replace(made, asked=asked)])
    known = {p.chunk.clause: p for p in searcher.search("1. Lamps: who lights them?")}
    lamps, ropes = (next(p for clause, p in known.items() if word in clause) for word in ("Lamps", "Ropes"))
    assert lamps.known == "Who lights it?"
    assert ropes.known == ropes.chunk.asked[0]
    assert searcher.asked(lamps) == pytest.approx(searcher.questions(lamps.chunk.asked))
    assert searcher.asked(ropes) == pytest.approx(searcher.questions([ropes.known]))


def test_a_licence_is_called_by_its_models_too() -> None:
    model = replace(source("model-shine", "Shine: how open it is", "model", names=("Shine",)), terms="lamp-2.1")
    lamp = source("lamp-2.1", "Lamp Licence 2.1", names=("Lamp Licence",))
    searcher = searcher_over([document("The lamp is lit.", lamp), document("Shine is lit.", model)])
    assert searcher.called(lamp).endswith("Shine")
    assert "Lamp" not in searcher.called(model)


def test_near_is_the_cosine() -> None:
    # one of two words shared, each of weight 1: 1 / (sqrt 2 * sqrt 2)
    assert SEARCHER.near("lamp oil", ["lamp rope", "lamp oil", "boats"]) == pytest.approx([0.5, 1.0, 0.0])


@pytest.mark.parametrize("made", HARBOUR, ids=lambda made: str(made.source.id))
def test_passages_point_into_the_text(made: Document) -> None:
    for passage in SEARCHER.search(f"lamp {made.source.title}", 9):
        if passage.chunk.source == made.source:
            assert all(made.text[e.start : e.end] == e.text for e in passage.evidence)
