"""Words, stems, and how texts score for a question."""

from __future__ import annotations

import math

import pytest

from knowledge.lexical import Lexicon, stem, stems, words

TEXTS = ["The licence allows copies of the lamp.", "The lamp burns oil.", "Boats carry oil and oil and oil."]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Llama 3.1 has 700 million", ["llama", "3.1", "has", "700", "million"]),
        ("GPL-3.0, 1,000 and snake_case", ["gpl", "3.0", "1,000", "and", "snake", "case"]),
        ("L'été — c'est tout", ["l", "été", "c", "est", "tout"]),
        ("", []),
    ],
)
def test_words(text: str, wanted: list[str]) -> None:
    assert words(text) == wanted


@pytest.mark.parametrize(
    ("one", "other"), [("licence", "license"), ("licences", "licensing"), ("copies", "copy"), ("allowed", "allows")]
)
def test_forms_of_a_word_have_one_stem(one: str, other: str) -> None:
    assert stem(one) == stem(other)


def test_words_that_say_nothing_are_left_out() -> None:
    assert stems("What is the lamp for, and who may light it?") == ["lamp", "light"]


def test_the_best_text_has_the_score_one() -> None:
    found = Lexicon(TEXTS).scores("Which licence allows copies?")
    assert found.shape == (3,)
    assert found[0] == 1.0
    assert found[1] == found[2] == 0.0


def test_a_word_that_is_said_often_counts_more() -> None:
    found = Lexicon(TEXTS).scores("oil")
    assert 0 < found[1] < found[2] == 1.0


@pytest.mark.parametrize(("question", "more"), [("", []), ("what is it", []), ("Mongolia", []), ("xyzzy", ["plugh"])])
def test_unknown_words_score_nothing(question: str, more: list[str]) -> None:
    assert not Lexicon(TEXTS).scores(question, more).any()


def test_further_words_count_too() -> None:
    assert Lexicon(TEXTS).scores("petroleum", ["oil"])[2] == 1.0


def test_a_rare_word_weighs_more_than_a_common_one_and_an_unknown_one_most() -> None:
    lexicon = Lexicon(TEXTS)
    # idf = log(1 + (n - df + 0.5) / (df + 0.5)), of three texts
    assert lexicon.weight("oil") == pytest.approx(math.log(1 + 1.5 / 2.5))
    assert lexicon.weight(stem("copies")) == pytest.approx(math.log(1 + 2.5 / 1.5))
    assert lexicon.weight("mongolia") == pytest.approx(math.log(1 + 3.5 / 0.5))
    assert lexicon.knows("oil") and not lexicon.knows("mongolia")


@pytest.mark.parametrize(
    ("question", "texts", "wanted"),
    [
        ("What does the lamp burn?", ["The lamp burns oil."], 1.0),
        ("What does the lamp burn?", [], 0.0),
        ("what is it", ["The lamp burns oil."], 0.0),
        # lamp and oil stand in two texts each and weigh the same
        ("lamp oil", ["a lamp"], 0.5),
    ],
)
def test_coverage_is_the_weighted_share_of_the_words(question: str, texts: list[str], wanted: float) -> None:
    assert Lexicon(TEXTS).coverage(question, texts) == pytest.approx(wanted)
