"""A Yes or No is kept only where the sentence speaks of what was asked, in the same direction."""

from __future__ import annotations

import pytest

from assistant.tone import borne_out
from knowledge.lexical import Lexicon

LEXICON = Lexicon(
    ["The lamp may be sold to harbours.", "Ropes of hemp are kept dry.", "Copies of ropes must be painted."]
)
LAMP, ROPE = "May the lamp be sold to harbours?", "May ropes of hemp be painted?"


@pytest.mark.parametrize(
    ("sentence", "question", "shown"),
    [
        ("Yes. The lamp may be sold to harbours.", LAMP, "Yes. The lamp may be sold to harbours."),
        ("No, the lamp may not be sold to harbours.", LAMP, "No, the lamp may not be sold to harbours."),
        ("The lamp may be sold to harbours.", LAMP, "The lamp may be sold to harbours."),
        # it speaks of something else
        ("Yes. Ropes are kept dry.", LAMP, "Ropes are kept dry."),
        ("Yes. Ropes of hemp are kept dry.", ROPE, "Ropes of hemp are kept dry."),
        # it goes the other way
        ("Yes. The lamp may not be sold to harbours.", LAMP, "The lamp may not be sold to harbours."),
        ("No. The lamp may be sold to harbours.", LAMP, "The lamp may be sold to harbours."),
        ("No. The lamp may be sold only to harbours.", LAMP, "No. The lamp may be sold only to harbours."),
    ],
)
def test_a_tone_is_borne_out_or_left_out(sentence: str, question: str, shown: str) -> None:
    assert borne_out(sentence, question, (), LEXICON) == shown


def test_the_title_of_what_is_cited_counts_as_said() -> None:
    assert borne_out("Yes. It may be sold to harbours.", LAMP, (), LEXICON) == "It may be sold to harbours."
    assert borne_out("Yes. It may be sold to harbours.", LAMP, ["Lamp"], LEXICON).startswith("Yes.")
