"""The parts of a sentence that can be looked up in another one."""

from __future__ import annotations

import pytest

from assistant.claims import claim, names, numbers


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("More than 700 million users", {"700"}),
        ("Llama 3.1 has 8 billion", {"3.1", "8"}),
        ("It costs 1,000 euros", {"1000"}),
        ("within twelve months, or ninety days", {"12", "90"}),
        ("Version v2 of the lamp", {"2"}),
        ("GPLv3 and Apache-2.0", {"2.0"}),  # the 3 of GPLv3 is a part of a name
        ("the second section of the first", {"2", "1"}),
        ("10^25 operations", {"10", "25"}),
        ("no number here", set()),
    ],
)
def test_numbers(text: str, wanted: set[str]) -> None:
    assert numbers(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("The lamp was made by Meta in Menlo Park.", {"meta", "menlo", "park"}),
        ("Apache-2.0 asks for a notice.", {"apache-2.0"}),  # more than a capital that begins a sentence
        ("OSAID says so. Lamps burn.", {"osaid"}),
        ("The GPLv3 and the LGPL.", {"gplv3", "lgpl"}),
        ("Lamps burn oil. Boats carry it.", set()),
        ("“Lamps” burn: Oil is bought.", set()),
        ("Llama 4 is here", set()),
        ("May I sell it?", set()),
        ("It is Class I and Annex II.", {"class", "i", "annex", "ii"}),
    ],
)
def test_names(text: str, wanted: set[str]) -> None:
    assert names(text) == wanted


@pytest.mark.parametrize(
    ("text", "negative", "duty", "leave", "hedged"),
    [
        ("You may sell the lamp.", False, False, True, False),
        ("You must keep the page.", False, True, False, False),
        ("You must not paint the lamp.", True, True, False, False),
        ("You can't sell it.", True, False, True, False),
        ("You can’t sell it.", True, False, True, False),
        ("The licence prohibits sale.", True, False, False, False),
        ("Nothing is owed.", True, False, False, False),
        ("It is sold without oil.", True, False, False, False),
        ("A notice is required.", False, True, False, False),
        ("You need a permit of the keepers.", False, False, False, False),  # a permit permits nobody yet
        ("Sale is permitted.", False, False, True, False),
        ("It was reportedly lit in 1999.", False, False, False, True),
        ("The lamp burns oil.", False, False, False, False),
        ("No, the lamp burns oil.", False, False, False, False),  # an answer's tone is no negation
        ("No! The lamp burns oil.", False, False, False, False),
        ("Yes: the lamp burns oil.", False, False, False, False),
        ("No lamp burns oil.", True, False, False, False),
        ("The note is notable.", False, False, False, False),  # "not" within a word
    ],
)
def test_negation_duty_leave_and_hedge(text: str, negative: bool, duty: bool, leave: bool, hedged: bool) -> None:
    found = claim(text)
    assert (found.negative, found.duty, found.leave, found.hedged) == (negative, duty, leave, hedged)


def test_content_is_what_says_something() -> None:
    assert claim("Yes, the licences of the lamp are in it.").content == {"licens", "lamp"}
    assert not claim("It is what it is.").content
