"""The things that a question sets beside each other, by its own words: "GPL version 2 and 3" are two.

Names alone (``routing``) do not tell: one thing can have two of them, and a version can stand far from its name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.routing import Named, Router

VERSION = re.compile(
    r"\b(?:versions? |v\.? ?)(?P<told>\d+(?:\.\d+)*)\b"
    r"|(?<![\w.])(?P<bare>\d+(?:\.\d+)+(?! ?(?:%|per ?cent|thousand|million|billion|[BMK]\b))"
    r"|\d+(?= ?(?:$|[,;:?!)]|\.(?!\d)|(?:and|or|vs|versus|than|has|have|had)\b)))",
    re.IGNORECASE,
)
AT_ONCE = re.compile(r"[ -]?v?\d+(?:\.\d+)+(?:-[A-Z]+)?", re.IGNORECASE)
OWN_VERSION = re.compile(r"[\s-]*(?:version |v)?\s?\d[\d.]*$")


@dataclass(frozen=True)
class Thing:
    """A thing that a question names. said: how it can be called; words: what stands for it in the question."""

    said: str
    words: tuple[str, ...]
    sources: frozenset[str]

    def is_in(self, text: str) -> bool:
        """Whether a part of the question names it."""
        return any(_pattern(words).search(text) for words in self.words)


def things(question: str, router: Router) -> list[Thing]:
    """What a question names, in its order; two names are one thing if one source bears both."""
    named = router.named(question)
    versions = _versions(question, named, router)
    found: list[Thing] = []
    for name in named:
        words = question[name.start : _end(question, name)]
        others = [thing for of, thing in versions if of is name]
        if words[-1:].isdigit() or not others:
            others.insert(0, Thing(words, (words,), frozenset({*name.sources, *name.terms})))
        for thing in others:
            for same in [one for one in found if one.sources & thing.sources]:
                thing = Thing(same.said, (*same.words, *thing.words), same.sources | thing.sources)
                found.remove(same)
            found.append(thing)
    return found


def without(text: str, found: Sequence[Thing]) -> str:
    """A text without the words that stand for these things."""
    for words in sorted({words for thing in found for words in thing.words}, key=len, reverse=True):
        text = _pattern(words).sub(" ", text)
    return text


def _versions(question: str, named: Sequence[Named], router: Router) -> list[tuple[Named, Thing]]:
    """Versions that stand apart from their name, each with that name: the last one before it that has such a version,
    or else the next one after it ("version 2 of the GPL")."""
    found = []
    for match in VERSION.finditer(question):
        if any(name.start <= match.start() < _end(question, name) for name in named):
            continue
        number = match["told"] or match["bare"]
        for name in sorted(named, key=lambda name: (name.start > match.start(), abs(name.start - match.start()))):
            if sources := router.version(name, number):
                words = question[name.start : _end(question, name)]
                family = OWN_VERSION.sub("", words)
                found.append((name, Thing(f"{family} {number}", (match[0], *[words][: family == words]), sources)))
                break
    return found


def _end(question: str, name: Named) -> int:
    """Where a name ends in a question, with a version that follows it at once."""
    after = AT_ONCE.match(question, name.end)
    return after.end() if after else name.end


def _pattern(words: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.]){re.escape(words)}(?:['’]s)?(?!\w|\.\d)", re.IGNORECASE)
