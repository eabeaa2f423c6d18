"""A source's own words as a sentence of an answer, where a model's words did not hold or there is no model."""

from __future__ import annotations

import re

from assistant.evidence import lead_in
from knowledge.documents import Evidence

MOST_CHARS = 420
MARKER = re.compile(r"^(?:[-*•·]|\(?(?:\d{1,3}(?:\.\d{1,3})*|[a-zA-Z]|[ivx]{1,5})[.)])\s+")


def quotation(item: Evidence) -> str:
    """The sentence with where it stands: ``Llama 4 licence, 2. Additional Commercial Terms: “…”``.

    Our own notes and model facts are written to be said as they are, so they stand without quotation marks.
    """
    words = shorten(" ".join(item.text.split()))
    words = MARKER.sub("", words)
    if item.chunk.source.kind in ("note", "model"):
        return words
    lead = lead_in(item)
    if lead and not lead.endswith((".", "?")) and lead not in item.chunk.path:
        words = f"{' '.join(lead.split())} … {words}"
    return f"{_where(item)}: “{words.strip('“”')}”"


def shorten(text: str, most: int = MOST_CHARS) -> str:
    """At most ``most`` characters, cut at a comma or semicolon where there is one, and marked with an ellipsis."""
    if len(text) <= most:
        return text
    head = text[:most]
    cut = max(head.rfind(mark) for mark in ("; ", ", ", ": "))
    return f"{head[: cut if cut > most // 2 else head.rfind(' ')]} …"


def _where(item: Evidence) -> str:
    chunk = item.chunk
    return f"{chunk.source.title}, {chunk.path[-1]}" if chunk.path else chunk.source.title
