"""Evidence and question into messages. The fixed part stands first, so that the engine's prompt cache holds it."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.evidence import lead_in
from assistant.generation import Message
from knowledge.documents import Evidence
from prompts import turns

FACT_CHARS = 700


def messages(question: str, evidence: Sequence[Evidence]) -> list[Message]:
    """What the model is asked: the facts with where they stand, then the question."""
    facts = "\n".join(f"{n}. {_fact(item)}" for n, item in enumerate(evidence, 1))
    return [Message(role, words) for role, words in turns("answer", facts=facts, question=question)]


def _fact(item: Evidence) -> str:
    chunk, lead = item.chunk, lead_in(item)
    where = f"({chunk.source.title}, {chunk.path[-1]})" if chunk.path else f"({chunk.source.title})"
    text = " ".join(f"{lead} {item.text}".split())
    return f"{where} {text[:FACT_CHARS]}"
