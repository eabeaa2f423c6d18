"""Evidence and question into messages. The fixed part stands first, so that the engine's prompt cache holds it."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.evidence import lead_in
from assistant.generation import Message
from knowledge.documents import Evidence
from prompts import turns

FACT_CHARS = 700


def messages(question: str, facts: Sequence[Sequence[Evidence]]) -> list[Message]:
    """What the model is asked: facts, each some sentences of one passage with where they stand, then the question."""
    listed = "\n".join(f"{n}. {_fact(items)}" for n, items in enumerate(facts, 1))
    return [Message(role, words) for role, words in turns("answer", facts=listed, question=question)]


def _fact(items: Sequence[Evidence]) -> str:
    chunk, lead = items[0].chunk, lead_in(items[0])
    where = f"({chunk.source.title}, {chunk.path[-1]})" if chunk.path else f"({chunk.source.title})"
    text = " ".join(" ".join([lead, *(item.text for item in items)]).split())
    return f"{where} {text[:FACT_CHARS]}"
