"""The same text under two names: when it is one, and who is left out."""

from __future__ import annotations

import pytest

from ingest.fetch import Raw
from ingest.twins import joined, prints, twins
from knowledge.documents import Source
from tests.fakes import document, source

WORDS = (
    "Nobody may light a lamp in the harbour at night, nor sell its oil, nor paint it green; "
    "the keepers decide on 700 boats."
)
LISTED = f"1. {WORDS}\n\n2. A lamp is no toy.\n"


@pytest.mark.parametrize(
    ("title", "text", "same"),
    [
        ("Harbour Rules", LISTED, True),
        ("Rules in another book", LISTED.upper(), True),  # the same words: the title does not matter
        ("Harbour Rules", LISTED.replace("1.", "a.").replace("2.", "ii."), True),  # only the list is numbered otherwise
        ("Rules in another book", LISTED.replace("1.", "a."), False),  # that much needs the same title
        ("Harbour Rules", LISTED.replace("700", "800"), False),  # a figure is no list number
        ("Harbour Rules", LISTED.replace("green", "red"), False),
    ],
)
def test_what_makes_twins(title: str, text: str, same: bool) -> None:
    first = prints(document(LISTED, source("a", "Harbour Rules")))
    second = prints(document(text, source("b", title)))
    assert twins({"a": first, "b": second}) == ({"b": "a"} if same else {})


def test_a_stub_has_no_twin() -> None:
    assert prints(document("Not found.", source("a"))) == ()
    assert twins({"a": (), "b": ()}) == {}


def test_the_first_bears_the_names_of_all_that_follow() -> None:
    assert twins({"a": ("1", "2"), "b": ("2", "3"), "c": ("3", "4"), "d": ("5",)}) == {"b": "a", "c": "a"}
    raws = [
        Raw(Source(id_, f"Title {id_}", "policy", names=(f"name {id_}",)), b"x", "text", "own")
        for id_ in ("a", "b", "d")
    ]
    kept = joined(raws, {"b": "a"})
    assert [raw.source.id for raw in kept] == ["a", "d"]
    assert kept[0].source.names == ("name a", "name b", "Title b", "b")
    assert kept[1] == raws[2]
