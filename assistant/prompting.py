"""Evidence and question into messages. The fixed part stands first, so that the engine's prompt cache holds it."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from assistant.evidence import lead_in
from assistant.generation import Message
from knowledge.documents import OURS, Evidence
from knowledge.lexical import stems
from prompts import turns

FACT_CHARS = (300, 220, 160)  # of the best fact and the next ones; two cores read about 50 tokens a second
WHOLE_CHARS = 600  # of a note that answers this very question

PART = re.compile(r"(?<=[,;:.])(?= )")


def messages(question: str, facts: Sequence[Sequence[Evidence]], whole: Collection[str] = ()) -> list[Message]:
    """What the model is asked: facts, each some sentences of one passage with where they stand, then the question.

    whole: the ids of chunks that get more room.
    """
    asked = set(stems(question))
    allotted = [
        (items, WHOLE_CHARS if items[0].chunk.id in whole else FACT_CHARS[min(n, len(FACT_CHARS) - 1)])
        for n, items in enumerate(facts)
    ]
    listed = "\n".join(f"{n}. {_fact(items, asked, most)}" for n, (items, most) in enumerate(allotted, 1))
    return [Message(role, words) for role, words in turns("answer", facts=listed, question=question)]


def _fact(items: Sequence[Evidence], asked: set[str], most: int) -> str:
    chunk, lead = items[0].chunk, lead_in(items[0])
    text = focused(" ".join(" ".join([lead, *(item.text for item in items)]).split()), asked, most)
    if chunk.source.kind in OURS:
        return text
    return f"({chunk.source.title}, {chunk.path[-1]}) {text}" if chunk.path else f"({chunk.source.title}) {text}"


def focused(text: str, asked: set[str], most: int) -> str:
    """The run of a text's parts, at most ``most`` characters, that has most of the stems ``asked``; cuts are marked."""
    if len(text) <= most:
        return text
    parts = [part for part in PART.split(text) if part]
    runs = [_run(parts, first, most) for first in range(len(parts))]
    first, words = max(enumerate(runs), key=lambda run: (len(asked & set(stems(run[1]))), -run[0]))
    before, after = "… " * (first > 0), " …" * (not text.endswith(words))
    return f"{before}{words.strip()}{after}"


def _run(parts: Sequence[str], first: int, most: int) -> str:
    """Parts from ``first`` on, as many as fit; a single part that is longer is cut between words."""
    words = parts[first]
    for part in parts[first + 1 :]:
        if len(words) + len(part) > most:
            break
        words += part
    return words if len(words) <= most else words[:most].rsplit(" ", 1)[0]
