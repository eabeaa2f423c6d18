"""A source's own words as a sentence of an answer, where a model's words did not hold or there is no model."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from assistant.evidence import leading, merged
from knowledge.documents import OURS, Evidence

MOST_CHARS = 900  # licences have sentences of 800, whose exception stands last
MARKER = re.compile(r"^(?:[-*•·]|\(?(?:\d{1,3}(?:\.\d{1,3})*|[a-zA-Z]|[ivx]{1,5})[.)])\s+")


def quotations(items: Sequence[Evidence], say: Callable[[str], str] = str) -> list[str]:
    """A run of one passage's sentences as sentences of an answer.

    Our own notes and model facts are written to be said as they are, one by one; another source is quoted as one, with
    where it stands: ``Llama 4 Community License Agreement, 2. Additional Commercial Terms: “…”``.
    say: gives a sentence of ours in the asker's language.
    """
    if items[0].chunk.source.kind in OURS:
        return [MARKER.sub("", say(" ".join(item.text.split()))) for item in items]
    words = MARKER.sub("", " ".join(" ".join(item.text for item in items).split()))
    if lead := _lead(items[0]):
        words = f"{' '.join(lead.text.split())} … {words}"
    return [f"{_where(items[0])}: “{shorten(words).strip('“”')}”"]


def quoted(items: Sequence[Evidence]) -> Evidence:
    """What the quotation of a run cites: from the lead-in of a list item, if it has one, to the run's end."""
    lead = _lead(items[0])
    return merged([lead, *items] if lead else items)


def shorten(text: str, most: int = MOST_CHARS) -> str:
    """At most ``most`` characters, cut at a comma or semicolon where there is one, and marked with an ellipsis."""
    if len(text) <= most:
        return text
    head = text[:most]
    cut = max(head.rfind(mark) for mark in ("; ", ", ", ": "))
    return f"{head[: cut if cut > most // 2 else head.rfind(' ')]} …"


def _lead(item: Evidence) -> Evidence | None:
    """The lead-in that a quotation begins with, unless it stands there as the clause's title anyway."""
    lead = leading(item) if item.chunk.source.kind not in OURS else None
    return None if lead and lead.text.strip() in item.chunk.path else lead


def _where(item: Evidence) -> str:
    chunk = item.chunk
    return f"{chunk.source.title}, {chunk.path[-1]}" if chunk.path else chunk.source.title
