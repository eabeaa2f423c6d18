"""A follow-up becomes a question that stands alone."""

from __future__ import annotations

import pytest

from assistant.conversation import standalone
from knowledge.routing import Router
from tests.fakes import source

ROUTER = Router(
    [
        source("llama-3.1", "Llama 3.1 Community License", names=("Llama 3.1",)),
        source("llama-4", "Llama 4 Community License", names=("Llama 4",)),
        source("gpl-3.0", "GNU General Public License", names=("GPLv3", "GPL v3")),
    ]
)
ASKED = "Does Llama 3.1 forbid military use?"
TABLE = [
    # nothing was said before, or nothing that names anything
    ([], "Does it allow copies?", "Does it allow copies?"),
    ([("user", "What is open source?")], "Does it allow copies?", "What is open source? Does it allow copies?"),
    ([("assistant", "")], "And Llama 4?", "And Llama 4?"),
    # the new name in the old one's place
    ([("user", ASKED)], "And Llama 4?", "Does Llama 4 forbid military use?"),
    ([("user", ASKED)], "What about GPLv3?", "Does GPLv3 forbid military use?"),
    ([("user", ASKED)], "And the GPL v3?", "Does GPL v3 forbid military use?"),
    ([("user", ASKED)], "Et Llama 4 ?", "Does Llama 4 forbid military use?"),
    # the last name in the pronoun's place
    ([("user", ASKED)], "Does it allow copies of the whole model?", "Does Llama 3.1 allow copies of the whole model?"),
    ([("user", ASKED)], "What do its terms say about trade marks?", "What do Llama 3.1's terms say about trade marks?"),
    ([("user", ASKED)], "Does this licence ask for a notice?", "Does Llama 3.1 ask for a notice?"),
    # a question that leans on the last one is asked together with it
    ([("user", ASKED)], "Why?", f"{ASKED} Why?"),
    ([("user", ASKED)], "And in France?", f"{ASKED} In France?"),
    (
        [("user", "Which models passed?"), ("assistant", "GPLv3.")],
        "And which failed?",
        "Which models passed? Which failed?",
    ),
    # a question that names its own subject, or is long enough, stays
    (
        [("user", ASKED)],
        "Does GPLv3 allow sale, and is it copyleft too?",
        "Does GPLv3 allow sale, and is it copyleft too?",
    ),
    (
        [("user", ASKED)],
        "Which exemptions does European law grant to research?",
        "Which exemptions does European law grant to research?",
    ),
    # the latest name counts, the user's before the assistant's
    ([("user", ASKED), ("user", "Is GPLv3 free?")], "Does it ask for a notice?", "Does GPLv3 ask for a notice?"),
    (
        [("user", ASKED), ("assistant", "GPLv3 does not.")],
        "Does it ask for a notice?",
        "Does Llama 3.1 ask for a notice?",
    ),
    ([("user", "Hello there"), ("assistant", "GPLv3?")], "Does it ask for a notice?", "Does GPLv3 ask for a notice?"),
]


@pytest.mark.parametrize(("history", "question", "wanted"), TABLE)
def test_a_question_stands_alone(history: list[tuple[str, str]], question: str, wanted: str) -> None:
    assert standalone(question, history, ROUTER) == wanted


def test_only_the_last_turns_are_remembered() -> None:
    old = [("user", ASKED), *[("user", "And then?"), ("assistant", "No.")] * 6]
    assert standalone("Does it allow copies?", old, ROUTER) == "And then? Does it allow copies?"
