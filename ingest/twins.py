"""The same text under two names is indexed once, under the first; the second's names lead there.

A maker publishes a use policy, and a licence collection holds it as well: both would fill two of five passages with the
same words. Two texts are twins if their words are the same, or if their titles are and their words differ only in how
lists are numbered ("a.", "ii.", "3."). Digests are kept in the ledger, so that a run with nothing new reads nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256

from ingest.fetch import Raw
from knowledge.documents import Document

WORD = re.compile(r"[^\W_]+")
#: What numbers a list; a number of two digits and more is a figure.
MARKER = re.compile(r"\d|[a-z]|[ivx]{2,4}")
LEAST_WORDS = 20  # below that a text is a stub


def prints(document: Document) -> tuple[str, ...]:
    """Digests of the words, and of title and words without list numbers; two texts that share one are twins."""
    words = WORD.findall(document.text.lower())
    if len(words) < LEAST_WORDS:
        return ()
    loose = [word for word in words if not MARKER.fullmatch(word)]
    return _digest(words), _digest([*WORD.findall(document.source.title.lower()), "\n", *loose])


def twins(printed: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Ids of texts that stand here already, each with the id of the first that has its words."""
    first: dict[str, str] = {}
    found = {}
    for id_, marks in printed.items():
        owner = next((first[mark] for mark in marks if mark in first), id_)
        if owner != id_:
            found[id_] = owner
        for mark in marks:
            first.setdefault(mark, owner)
    return found


def joined(raws: Sequence[Raw], found: Mapping[str, str]) -> list[Raw]:
    """The raws without twins; a first bears the names, the title and the id of its twins too."""
    more: dict[str, list[str]] = {}
    for raw in raws:
        if raw.source.id in found:
            more.setdefault(found[raw.source.id], []).extend([*raw.source.names, raw.source.title, raw.source.id])
    return [_named(raw, more.get(raw.source.id, [])) for raw in raws if raw.source.id not in found]


def _named(raw: Raw, names: list[str]) -> Raw:
    if not names:
        return raw
    return replace(raw, source=replace(raw.source, names=tuple(dict.fromkeys([*raw.source.names, *names]))))


def _digest(words: Iterable[str]) -> str:
    return sha256(" ".join(words).encode()).hexdigest()[:32]
