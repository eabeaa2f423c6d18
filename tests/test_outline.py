"""The structure that no format marks: clauses, headings, items, entries, wrapped lines. All texts are invented here."""

from __future__ import annotations

from itertools import pairwise

import pytest

from ingest.outline import outline
from tests.fakes import document

LICENCE = """HARBOUR LICENCE AGREEMENT

Preamble

The keepers share their lamps so that every boat can find its way home.

1. Definitions.

"Lamp" means the light and all of its parts, together with the oil that it burns.

2. Use of the Lamp. You may light the Lamp for any purpose, for as long as you like.

2.1 Copies. You may build copies of the Lamp. Each copy must carry this page.

2.2 You must not, whatever the weather of the day is and whoever asks you to:

(a) paint the Lamp in the colours of another harbour;
(b) light the Lamp in order to mislead:
(i) boats that carry people;
(ii) boats that carry mail.

3. Ending

The grant ends when the page is torn out. It ends for you alone.
"""
TOP = "HARBOUR LICENCE AGREEMENT"
PATHS = {
    "The keepers share": (TOP, "Preamble"),
    '"Lamp" means': (TOP, "1. Definitions"),
    "2. Use of": (TOP, "2. Use of the Lamp"),
    "2.1 Copies": (TOP, "2. Use of the Lamp", "2.1 Copies"),
    "2.2 You must": (TOP, "2. Use of the Lamp", "2.2."),  # a sentence is no title
    "(a) paint": (TOP, "2. Use of the Lamp", "2.2.", "(a)"),
    "(i) boats": (TOP, "2. Use of the Lamp", "2.2.", "(b)", "(i)"),
    "(ii) boats": (TOP, "2. Use of the Lamp", "2.2.", "(b)", "(ii)"),
    "The grant ends": (TOP, "3. Ending"),  # and no letter of clause 2 stays open
}
WRAPPED = """The harbour was built by hand, over
many years, and by people whose names
nobody wrote down. It has two quays,
and one of them is closed in
winter because ice comes early.

The east quay

Boats that are longer than twelve
metres may not moor here unless the
harbour master has said so in
1999. Fees are paid at the office
by the gate.

1. Fees. The fee for a night is
14 euros, and it is paid before
the boat leaves.

2. Fuel. Fuel is sold from May until
September, by the person on duty.
"""
TIMELINE = """A history of the harbour

2011–2019: The first years
2011: The quay is built of stone.
2015: A lamp is lit (by hand) at the east end.
2020: Later years
January: The lamp is moved – nobody says why.
March: The ice breaks the quay.
"""


def paths(text: str, form: str = "text") -> dict[str, tuple[str, ...]]:
    made = document(text, form=form)
    return {made.text[block.start : block.end]: block.path for block in outline(made)}


def path_of(words: str, text: str, form: str = "text") -> tuple[str, ...]:
    (found,) = [path for block, path in paths(text, form).items() if block.startswith(words)]
    return found


@pytest.mark.parametrize(("words", "path"), PATHS.items())
def test_the_path_of_a_clause(words: str, path: tuple[str, ...]) -> None:
    assert path_of(words, LICENCE) == path


def test_clauses_come_after_a_preamble_not_in_it() -> None:
    assert not any("Preamble" in path for block, path in paths(LICENCE).items() if block[0].isdigit())


def test_wrapped_lines_are_one_paragraph_and_a_number_that_begins_a_line_is_no_clause() -> None:
    found = paths(WRAPPED)
    assert [" ".join(block.split())[:24] for block in found] == [
        "The harbour was built by",
        "The east quay",
        "Boats that are longer th",
        "1. Fees. The fee for a n",
        "2. Fuel. Fuel is sold fr",
    ]
    assert path_of("1. Fees", WRAPPED) == ("The east quay", "1. Fees")
    assert path_of("Boats", WRAPPED) == ("The east quay",)


@pytest.mark.parametrize(
    ("words", "path"),
    [
        ("2011: The quay", ("2011–2019: The first years", "2011: The quay is built of stone.")),
        ("2015: A lamp", ("2011–2019: The first years", "2015: A lamp is lit")),
        ("January: The lamp", ("2020: Later years", "January: The lamp is moved")),
        ("March: The ice", ("2020: Later years", "March: The ice breaks the quay.")),
    ],
)
def test_timeline_entries_stand_under_their_period(words: str, path: tuple[str, ...]) -> None:
    assert path_of(words, TIMELINE) == ("A history of the harbour", *path)


@pytest.mark.parametrize(
    ("text", "words", "path"),
    [
        ("Article 12\n\nKeepers keep the lamp clean and dry.\n", "Keepers", ("Article 12",)),
        ("ANNEX II\n\nLamps that need not be registered at all.\n", "Lamps", ("ANNEX II",)),
        (
            "Article 3\n\n1. Keepers shall keep logs of it.\n\n2. Logs are kept dry.\n",
            "2. Logs",
            ("Article 3", "2. Logs are kept dry"),
        ),
        (
            "3.Oil of the Lamp\n\nKeepers pay for the oil.\n\n4.Ropes\n\nRopes are dry.\n",
            "Keepers",
            ("3. Oil of the Lamp",),
        ),
        ("Version\n\n3.x lamps are older than all other lamps here.\n", "3.x", ("Version",)),
        ("(1) Lamps are of use to all boats.\n\n(2) Boats are many in this sea.\n", "(2) Boats", ("(2)",)),
        (
            "Section 4 - Oil. The keepers pay for the oil of the lamp.\n",
            "Section 4",
            ("Section 4 - Oil. The keepers pay for the oil of the lamp.",),
        ),
        ("The fee is\n\n1. paid at night, by the gate, without any other word;\n", "1. paid", ("The fee is", "1.")),
    ],
)
def test_numbered_parts(text: str, words: str, path: tuple[str, ...]) -> None:
    assert path_of(words, text) == path


LETTERS = "1. Words\n\n" + "".join(f"{letter}. “{letter.upper()}” means a part of the quay;\n" for letter in "abcdefgh")


def test_i_after_h_is_a_letter_unless_a_list_begins_there() -> None:
    text = f"{LETTERS}i. “Gate” means the way in;\nj. “Keeper” means a person.\n"
    assert path_of("i. “Gate", text) == (*path_of("a. ", text)[:-1], "(i)")
    assert path_of("j. “Keeper", text) == (*path_of("a. ", text)[:-1], "(j)")
    nested = f"{LETTERS[:-2]}, which is:\n(i) the way in;\n(ii) the way out.\n"
    assert path_of("(ii) the", nested)[-2:] == ("(h)", "(ii)")
    bare = f"{LETTERS[:-2]}, namely;\n(i) the way in;\n(ii) the way out.\n"
    assert path_of("(i) the", bare)[-2:] == ("(h)", "(i)")


def test_a_clause_that_a_sentence_only_mentions_does_not_begin_there() -> None:
    text = (
        "5. Boats. A boat that is built\nwith this plan is covered by it.\n"
        "Section 6 states the terms\nfor such boats and\ntheir sails.\n\n"
        "When a plan is copied from\nthe book, the boat may\nbe one of ours, and\nthe fee is paid.\n\n"
        "6. Sails. The sails of the\nboats are\nwhite.\n"
    )
    assert path_of("When a plan", text) == ("5. Boats",)
    assert path_of("6. Sails", text) == ("6. Sails",)
    small = "Section 1. you may light the lamp at night.\n\nKeepers are paid.\n"
    assert path_of("Keepers", small) == ("Section 1. you may light the lamp at night.",)


def test_headings_of_a_format_are_taken_as_they_are() -> None:
    text = "# The harbour\n\n## Its lamps\n\nA lamp stands on the quay.\n\n## Its boats\n\n- red boats\n- green boats\n"
    assert path_of("A lamp", text, "markdown") == ("The harbour", "Its lamps")
    assert path_of("- red", text, "markdown") == ("The harbour", "Its boats")


@pytest.mark.parametrize("text", [LICENCE, WRAPPED, TIMELINE], ids=["licence", "wrapped", "timeline"])
def test_blocks_stand_in_order_and_hold_every_word(text: str) -> None:
    made = document(text)
    blocks = outline(made)
    assert all(one.end <= other.start for one, other in pairwise(blocks))
    assert "".join("".join(made.text[b.start : b.end] for b in blocks).split()) == "".join(made.text.split())
