"""The licences, models and texts that a question names, by the names that people use.

The longest name wins and uses up its words: "Llama 3.1" is not also "Llama 3", and "GPL-3.0" is not "GPL".
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from knowledge.documents import Source


@dataclass(frozen=True)
class Named:
    """A name that stands in a question, where it begins and ends, and the ids of the sources that bear it.

    terms: of the licences of the models among them that do not bear the name themselves.
    """

    name: str
    start: int
    end: int
    sources: tuple[str, ...]
    terms: tuple[str, ...] = ()


class Router:
    """Finds the names of sources in questions."""

    def __init__(self, sources: Collection[Source]) -> None:
        self._bearers: dict[str, list[str]] = {}
        self._terms = {source.id: source.terms for source in sources if source.terms}
        for source in sources:
            if source.kind == "note":
                continue  # a note's subjects are not its names: they would claim half of all questions
            given = {source.title, *source.names}
            if any(char.isdigit() for char in source.id):
                given.add(source.id)  # "python" and "mit" are words, not only licences
            for name in map(_normal, given):
                if len(name) > 1 and source.id not in self._bearers.get(name, ()):
                    self._bearers.setdefault(name, []).append(source.id)
        self._numbers = {
            source.id: set(TOKEN.findall(" ".join([source.id, source.title, *source.names]).lower()))
            for source in sources
        }
        self._versions: dict[str, set[str]] = {}
        for name in self._bearers:
            family, *rest = [token for token in name.split() if token not in BETWEEN]
            if rest and rest[0][0].isdigit() and family.isalpha() and len(family) > 2:
                self._versions.setdefault(family, set()).add(rest[0])
        for name in self._bearers:  # "DeepSeek License Agreement 1.0" is a version of DeepSeek too
            family, *rest = name.split()
            if family in self._versions:
                self._versions[family].update(token for token in rest if token[0].isdigit())
        self._longest = max((name.count(" ") + 1 for name in self._bearers), default=0)

    def unknown_version(self, question: str) -> str:
        """A version that no source has of something that sources have in other versions ("Llama 6"), or nothing."""
        tokens = TOKEN.findall(question.lower())
        for place, family in enumerate(tokens[:-1]):
            rest = [token for token in tokens[place + 1 : place + 4] if token not in BETWEEN]
            if family not in self._versions or not rest or not rest[0][0].isdigit():
                continue
            if not _is_size(rest) and not any(_same_version(rest[0], known) for known in self._versions[family]):
                return f"{family.capitalize() if len(family) > 4 else family.upper()} {rest[0]}"
        return ""

    def named(self, question: str) -> list[Named]:
        """The names in the question, in its order, none inside another."""
        tokens = [(match.start(), match.group()) for match in TOKEN.finditer(question.lower())]
        found: list[Named] = []
        position = 0
        while position < len(tokens):
            for length in range(min(self._longest, len(tokens) - position), 0, -1):
                name = " ".join(token for _, token in tokens[position : position + length])
                bearers = self._bearers.get(name)
                if name in IN_CAPITALS and not question[tokens[position][0] :].startswith(name.upper()):
                    bearers = None
                if bearers:
                    terms = {self._terms[bearer]: None for bearer in bearers if bearer in self._terms}
                    start, (last, word) = tokens[position][0], tokens[position + length - 1]
                    of_others = tuple(term for term in terms if term not in bearers)
                    found.append(Named(name, start, last + len(word), tuple(bearers), of_others))
                    position += length
                    break
            else:
                position += 1
        return found

    def version(self, name: Named, number: str) -> frozenset[str]:
        """The sources of another version of what a name means: of "GPL", or of "GPL 3.0", those of "2"."""
        numbers = {number, f"{number}.0"}
        family = " ".join(token for token in name.name.split() if not token[0].isdigit())
        bearers = {bearer for one in numbers for bearer in self._bearers.get(f"{family} {one}", ())}
        bearers = bearers or {bearer for bearer in name.sources if numbers & self._numbers[bearer]}
        return frozenset(bearers)


BETWEEN = frozenset({"v", "version", "license", "licence"})
TOKEN = re.compile(r"\d+(?:\.\d+)*|(?<!['’])[^\W\d_]+|(?<=['’])(?!s\b)[^\W\d_]+", re.IGNORECASE)  # no "s" of "OSI's"
IN_CAPITALS = frozenset({"mit"})  # a German word too


def _is_size(tokens: list[str]) -> bool:
    """Whether a number is a size ("7B", "8x7B") rather than a version."""
    return len(tokens) > 1 and tokens[1] in ("b", "m", "x", "billion", "million")


def _same_version(asked: str, known: str) -> bool:
    """ "2" is "2.0", and "3" is any of "3", "3.1"; "3.5" is not "3.1"."""
    one, other = asked.removesuffix(".0"), known.removesuffix(".0")
    return one == other or other.startswith(f"{one}.")


def _normal(name: str) -> str:
    """Lower case, letters and numbers as tokens of their own: "GPLv3", "GPL-3.0" become "gplv 3", "gpl 3.0"."""
    return " ".join(TOKEN.findall(name.lower()))
