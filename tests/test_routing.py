"""The names that a question says: versions stay apart, the longest name wins."""

from __future__ import annotations

from dataclasses import replace

import pytest

from knowledge.routing import Router
from tests.fakes import source

SOURCES = [
    source("llama-3.1-license-2024", "Llama 3.1 Community License Agreement", names=("Llama 3.1", "Llama 3.1 licence")),
    source("llama-3-license", "Llama 3 Community License", names=("Llama 3",)),
    source("model-llama-3.1", "Llama 3.1", "model", names=("Llama",)),
    source("gpl-3.0", "GNU General Public License 3.0", names=("GPLv3", "GPL v3", "GPL-3.0")),
    source("gpl-2.0", "GNU General Public License 2.0", names=("GPLv2", "GPL 2")),
    source("agpl-3.0", "Affero GPL 3.0", names=("AGPL",)),
    source("mit", "MIT License", names=("MIT",)),
    source("python", "PSF License", names=()),
    source("note-mistral", "About Mistral", "note", names=("Mistral",)),
]
ROUTER = Router(SOURCES)


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("What does Llama 3.1 forbid?", [{"llama-3.1-license-2024", "model-llama-3.1"}]),
        ("What does Llama 3 forbid?", [{"llama-3-license"}]),
        ("What does LLAMA-3 forbid?", [{"llama-3-license"}]),
        ("What does llama forbid?", [{"model-llama-3.1"}]),
        ("What does Llama 3.2 forbid?", [{"model-llama-3.1"}]),  # no 3.2 here: only the family is named
        ("Is GPLv3 copyleft?", [{"gpl-3.0"}]),
        ("Is GPL v3 copyleft?", [{"gpl-3.0"}]),
        ("Is the gpl-3.0 copyleft?", [{"gpl-3.0"}]),
        ("Is GPL-2.0 copyleft?", [{"gpl-2.0"}]),
        ("Is AGPL copyleft?", [{"agpl-3.0"}]),
        ("GPLv2 or GPLv3?", [{"gpl-2.0"}, {"gpl-3.0"}]),
        ("Does MIT ask for a notice?", [{"mit"}]),
        ("Is my python program mine?", []),  # an id that is a word is no name
        ("Who made Mistral?", []),  # a note's subjects are no names
        ("Can I submit a patch?", []),  # "mit" inside a word
        ("Darf ich es mit GPLv3 verkaufen?", [{"gpl-3.0"}]),  # a German word
        ("May I use AGPL's code under MIT's terms?", [{"agpl-3.0"}, {"mit"}]),
        ("", []),
    ],
)
def test_the_sources_that_a_question_names(question: str, wanted: list[set[str]]) -> None:
    assert [set(named.sources) for named in ROUTER.named(question)] == wanted


def test_a_name_knows_where_it_stands() -> None:
    (found,) = ROUTER.named("May I use Llama 3.1 licence here?")
    assert (found.start, found.name) == (10, "llama 3.1 licence")


def test_a_model_leads_to_its_licence_which_does_not_bear_its_name() -> None:
    model = replace(source("model-lucie", "Lucie: how open it is", "model", names=("Lucie",)), terms="apache-2.0")
    router = Router([model, source("apache-2.0", "Apache License 2.0", names=("Apache",))])
    assert [(found.sources, found.terms) for found in router.named("May I sell Lucie?")] == [
        (("model-lucie",), ("apache-2.0",))
    ]
    assert [(found.sources, found.terms) for found in router.named("Is Apache free?")] == [(("apache-2.0",), ())]


def test_no_sources_no_names() -> None:
    assert Router([]).named("Llama 3.1") == []


@pytest.mark.parametrize(
    ("question", "unknown"),
    [
        ("What does Llama 6 forbid?", "Llama 6"),
        ("What does Llama 3.1 forbid?", ""),
        ("What does Llama forbid?", ""),
        ("Is GPL 7 copyleft?", "GPL 7"),
        ("Is GPL v3 copyleft?", ""),
        ("What is Mongolia 6?", ""),
        ("", ""),
    ],
)
def test_a_version_that_nobody_has(question: str, unknown: str) -> None:
    assert ROUTER.unknown_version(question) == unknown


@pytest.mark.parametrize(
    ("question", "number", "sources"),
    [
        ("Is GPLv3 copyleft?", "2", {"gpl-2.0"}),
        ("Is GPL 2 copyleft?", "3.0", {"gpl-3.0"}),
        ("Is Llama 3.1 open?", "3", {"llama-3-license"}),
        ("Is AGPL copyleft?", "3", {"agpl-3.0"}),  # its own version
        ("Is AGPL copyleft?", "2", set()),
        ("Is MIT free?", "3", set()),
    ],
)
def test_another_version_of_what_is_named(question: str, number: str, sources: set[str]) -> None:
    (name,) = ROUTER.named(question)
    assert ROUTER.version(name, number) == sources
