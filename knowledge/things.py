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
    r"|(?<![\w.(])(?P<bare>\d+(?:\.\d+)+)(?! ?(?:%|per ?cent|thousand|million|billion|[BMK]\b))"
    r"|\b(?:and|or|vs|versus|than|between|from|to) (?P<beside>\d+)"
    r"(?= ?(?:$|[,;:?!]|\.(?!\d)|(?:and|or|vs|versus|than|to|has|have|had)\b(?! (?:more|less|fewer))))",
    re.IGNORECASE,
)
PART = re.compile(  # "sections 2 and 3" are no versions
    r"\b(?:sections?|articles?|clauses?|recitals?|parts?|chapters?|paragraphs?|items?|criteri\w+)[\d\s,.]*(?:and|or|to)?\s*$",
    re.IGNORECASE,
)
MOST_NAMES = 12  # whoever names more does not compare
AT_ONCE = re.compile(r"[ -]?v?\d+(?:\.\d+)+(?:-[A-Z]+)?", re.IGNORECASE)
OWN_VERSION = re.compile(r"[\s-]*(?:version |v)?\s?\d[\d.]*$")


@dataclass(frozen=True)
class Thing:
    """A thing that a question names. said: how it can be called; words: what stands for it in the question; sources,
    terms: what bears its name, and the licences of the models among it."""

    said: str
    words: tuple[str, ...]
    sources: frozenset[str]
    terms: frozenset[str] = frozenset()

    def is_in(self, text: str) -> bool:
        """Whether a part of the question names it."""
        return any(_pattern(words).search(text) for words in self.words)

    def is_same(self, other: Thing) -> bool:
        """Whether both are one: under two names, or a model and its licence; two models of one licence are two."""
        return bool(self.sources & (other.sources | other.terms) or self.terms & other.sources)


def things(question: str, router: Router) -> list[Thing]:
    """What a question names, in its order; names of one thing are joined, and a family whose members it names is none.

    A version that stands apart is a thing of its own.
    """
    named = router.named(question)[:MOST_NAMES]
    versions = _versions(question, named, router)
    every: list[Thing] = []
    for name in named:
        words = question[name.start : _end(question, name)]
        others = [thing for of, thing in versions if of is name]
        if words[-1:].isdigit() or not others:
            every.append(Thing(words, (words,), frozenset(name.sources), frozenset(name.terms)))
        every += others
    found: list[Thing] = []
    for thing in (one for one in every if not _is_family(one, every)):
        same = next((n for n, one in enumerate(found) if one.is_same(thing)), None)
        if same is None:
            found.append(thing)
        else:
            one = found[same]
            words_of_both = (*one.words, *thing.words)
            found[same] = Thing(one.said, words_of_both, one.sources | thing.sources, one.terms | thing.terms)
    return found


def _is_family(thing: Thing, every: Sequence[Thing]) -> bool:
    """Whether two of the other things are both of it, and are not the same: "GPL", beside GPLv2 and GPLv3."""
    members = [other for other in every if other is not thing and other.sources & thing.sources]
    return any(not one.is_same(other) for one in members for other in members)


def without(text: str, found: Sequence[Thing]) -> str:
    """A text without the words that stand for these things."""
    for words in sorted({words for thing in found for words in thing.words}, key=len, reverse=True):
        text = _pattern(words, before=r"(?:\b(?:and|or|than) )?(?:\b(?:the|a|an) )?").sub(" ", text)
    return text


def _versions(question: str, named: Sequence[Named], router: Router) -> list[tuple[Named, Thing]]:
    """Versions that stand apart from their name, each with that name: the last one before it that has such a version,
    or else the next one after it ("version 2 of the GPL")."""
    found = []
    for match in VERSION.finditer(question):
        if any(name.start <= match.start() < _end(question, name) for name in named):
            continue
        group = match.lastgroup or 0
        if PART.search(question[: match.start(group)]):
            continue
        number = match[group]
        for name in sorted(named, key=lambda name: (name.start > match.start(), abs(name.start - match.start()))):
            if sources := router.version(name, number):
                words = question[name.start : _end(question, name)]
                family = OWN_VERSION.sub("", words)
                said = match[0] if group == "told" else number
                found.append((name, Thing(f"{family} {number}", (said, *[words][: family == words]), sources)))
                break
    return found


def _end(question: str, name: Named) -> int:
    """Where a name ends in a question, with a version that follows it at once."""
    after = AT_ONCE.match(question, name.end)
    return after.end() if after else name.end


def _pattern(words: str, before: str = "") -> re.Pattern[str]:
    return re.compile(rf"{before}(?<![\w.]){re.escape(words)}(?:['’]s)?(?!\w|\.\d)", re.IGNORECASE)
