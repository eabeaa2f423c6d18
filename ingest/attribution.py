"""ATTRIBUTION.md: whose every source is, under which licence, and where it is published."""

from __future__ import annotations

from collections.abc import Iterable

from knowledge.credit import credit, credit_due
from knowledge.documents import Source

HEAD = """# Attribution

What the index of this home was made from. The texts are their owners'; a citation quotes them with their source.
Sources under a Creative Commons licence with attribution (CC BY) are credited here and beside each citation; their
texts were normalised (marks, hidden characters and spaces), and nothing else was changed.
"""
KINDS = {
    "licence": "Licences",
    "law": "Law",
    "policy": "Policies",
    "definition": "Definitions",
    "dataset": "Data sets",
    "article": "Articles",
    "wiki": "Wikis",
    "model": "Facts on models, in our own words",
    "note": "Notes, in our own words",
}


def attribution(sources: Iterable[Source], credit: str = "") -> str:
    """The file's Markdown, by kind and then title. credit: for the data set that the licence texts are read from."""
    by_kind: dict[str, list[Source]] = {}
    for source in sources:
        by_kind.setdefault(source.kind, []).append(source)
    parts = [HEAD]
    for kind, heading in KINDS.items():
        if kind in by_kind:
            rows = [
                _row(source) for source in sorted(by_kind[kind], key=lambda source: (source.title.lower(), source.id))
            ]
            parts.append(f"## {heading}\n\n" + "\n".join(rows) + "\n")
        if kind == "licence" and credit:
            parts.append(f"The licence texts are read from: {credit}.\n")
    return "\n".join(parts)


def _row(source: Source) -> str:
    mark = " **Credit required (CC BY).**" if credit_due(source) else ""
    return f"- `{source.id}`: {credit(source)}.{mark}"
