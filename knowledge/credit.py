"""Whose a source is, in one line; and which sources must be credited wherever they are quoted."""

from __future__ import annotations

from knowledge.documents import Source


def credit(source: Source) -> str:
    """One line of credit: "Title", by author, date, licence, address."""
    by = source.author or source.publisher
    parts = [
        f"“{source.title}”",
        f"by {by}" if by else "",
        source.published,
        source.licence or "licence not known",
        source.url,
    ]
    return ", ".join(part for part in parts if part)


def credit_due(source: Source) -> str:
    """The credit that a CC BY licence asks for beside a quotation; empty where none does."""
    return credit(source) if "CC-BY" in source.licence.upper().replace(" ", "-") else ""
