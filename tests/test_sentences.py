"""Where sentences begin and end, in prose and in legal text."""

from __future__ import annotations

from itertools import pairwise

import pytest

from knowledge.sentences import sentences

TABLE = [
    ("", []),
    ("   \n \n", []),
    ("One lamp is lit. Two lamps are not.", ["One lamp is lit.", "Two lamps are not."]),
    ("Is the lamp lit? It is not! It only rests…", ["Is the lamp lit?", "It is not!", "It only rests…"]),
    ("He said “it is lit.” Then he left the quay.", ["He said “it is lit.”", "Then he left the quay."]),
    (
        "See Art. 5 of the harbour rules. It is short and plain.",
        ["See Art. 5 of the harbour rules.", "It is short and plain."],
    ),
    (
        "Lamps Inc. builds lamps in Ghent. Nobody else does it.",
        ["Lamps Inc. builds lamps in Ghent.", "Nobody else does it."],
    ),
    (
        "Lamps, e.g. Green ones, are sold. White ones are not.",
        ["Lamps, e.g. Green ones, are sold.", "White ones are not."],
    ),
    (
        "Version 2.1 of the lamp costs 3.5 euros. It is new here.",
        ["Version 2.1 of the lamp costs 3.5 euros.", "It is new here."],
    ),
    ("J. Keeper lit the lamp. Nobody saw him.", ["J. Keeper lit the lamp.", "Nobody saw him."]),
    ("2. Definitions. A lamp is a light.", ["2. Definitions. A lamp is a light."]),  # too short to stand alone
    ("The grant ends here. So be it.", ["The grant ends here.", "So be it."]),
    ("The grant ends here. Really.", ["The grant ends here. Really."]),  # a short end joins the one before
    (
        "You must not:\n(a) paint the lamp red;\n(b) sell the lamp twice.",
        ["You must not:", "(a) paint the lamp red;", "(b) sell the lamp twice."],
    ),
    ("- light the lamp\n- clean the lamp", ["- light the lamp", "- clean the lamp"]),
    ("A paragraph without a stop\n\nAnother one follows it", ["A paragraph without a stop", "Another one follows it"]),
    ("A line that is\nwrapped. It goes on here.", ["A line that is\nwrapped.", "It goes on here."]),
    ("lit in 2004. then it broke down.", ["lit in 2004. then it broke down."]),  # a small letter goes on
]


@pytest.mark.parametrize(("text", "wanted"), TABLE, ids=[text[:24] for text, _ in TABLE])
def test_the_sentences_of_a_text(text: str, wanted: list[str]) -> None:
    assert [text[start:end] for start, end in sentences(text)] == wanted


@pytest.mark.parametrize("text", [text for text, _ in TABLE], ids=[text[:24] for text, _ in TABLE])
def test_no_word_is_lost_and_none_is_said_twice(text: str) -> None:
    spans = sentences(text)
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))
    assert " ".join(" ".join(text[start:end] for start, end in spans).split()) == " ".join(text.split())


def test_an_offset_shifts_the_spans() -> None:
    assert sentences("One lamp is lit.", 100) == [(100, 116)]


def test_a_long_line_without_a_stop_is_quick() -> None:
    text = "word " * 40_000
    assert sentences(text) == [(0, len(text) - 1)]
