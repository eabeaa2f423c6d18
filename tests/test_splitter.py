"""A stream of words into sentences, cleaned of what small models add."""

from __future__ import annotations

import pytest

from assistant.sentences import Splitter

TABLE = [
    ("The lamp burns oil. It is lit at night.", ["The lamp burns oil.", "It is lit at night."]),
    ("The lamp burns oil [1]. It is lit at night [1][2, 3].", ["The lamp burns oil.", "It is lit at night."]),
    (
        "The lamp burns oil (Fact 1). It is lit at night (facts 1 and 2).",
        ["The lamp burns oil.", "It is lit at night."],
    ),
    ("- The lamp burns oil.\n- It is lit at night.", ["The lamp burns oil.", "It is lit at night."]),
    ("1. The lamp burns oil.\n2. It is lit at night.", ["The lamp burns oil.", "It is lit at night."]),
    ("Answer: The lamp burns oil.", ["The lamp burns oil."]),
    ("Fact 2: The lamp burns oil.", ["The lamp burns oil."]),
    ("**The lamp** burns `oil` of <b>whales</b>.", ["The lamp burns oil of whales."]),
    ("Yes. The lamp burns oil.", ["Yes. The lamp burns oil."]),
    ("No.\n\nThe lamp burns oil.", ["No. The lamp burns oil."]),
    ("yes!\nThe lamp burns oil. It is lit at night.", ["yes! The lamp burns oil.", "It is lit at night."]),
    ("Yes.", []),
    ("Sure.", []),
    ("", []),
    ("   \n\n ", []),
    ("The lamp burns oil, and no stop follows", ["The lamp burns oil, and no stop follows"]),
    ("Llama 3.1 has 8.0 billion. It is large here.", ["Llama 3.1 has 8.0 billion.", "It is large here."]),
    ("The lamp\nburns   oil.", ["The lamp burns oil."]),
    ("[1] [2]", []),
]


@pytest.mark.parametrize("step", [1, 2, 5, 1000])
@pytest.mark.parametrize(("text", "wanted"), TABLE, ids=[text[:20] for text, _ in TABLE])
def test_the_sentences_are_the_same_however_the_pieces_fall(text: str, wanted: list[str], step: int) -> None:
    splitter, found = Splitter(), list[str]()
    for start in range(0, len(text), step):
        found += splitter.feed(text[start : start + step])
    assert found + splitter.feed("", ends=True) == wanted


def test_a_sentence_comes_when_the_next_one_begins() -> None:
    splitter = Splitter()
    assert splitter.feed("The lamp burns oil.") == []
    assert splitter.feed(" It is lit") == ["The lamp burns oil."]
    assert splitter.feed(" at night.", ends=True) == ["It is lit at night."]
    assert splitter.feed("", ends=True) == []


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("The lamp burns oil. You may sell it", ["The lamp burns oil."]),
        ("The lamp burns oil. You may sell it.", ["The lamp burns oil.", "You may sell it."]),
        ("The lamp burns oil. You may sell it. [1]", ["The lamp burns oil.", "You may sell it."]),
        ("The lamp burns oil. It now costs 3.5", ["The lamp burns oil."]),
        ("You may sell", []),
        ("", []),
    ],
)
def test_half_a_sentence_is_left_out_when_the_words_were_cut(text: str, wanted: list[str]) -> None:
    assert Splitter().feed(text, ends=True, cut=True) == wanted
