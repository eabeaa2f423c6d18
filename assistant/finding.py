"""What is found for a question before anything is written: passages, their telling sentences, and the gate's judgement.

A question that asks several things (``decomposition``) is looked up once for each; what is found stands in turn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import TypeVar

from assistant.decomposition import decomposed
from assistant.evidence import best_sentences, worth_quoting
from assistant.gate import Gate, Judgement, absent_section
from assistant.signals import signals
from knowledge.documents import Evidence, Passage
from knowledge.search import Searcher

T = TypeVar("T")
EACH = 3  # passages of each question that is asked, if there are so many


@dataclass(frozen=True)
class Lookup:
    """What is found for one question, in English words."""

    english: str
    passages: tuple[Passage, ...]
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True)
class Found:
    """What is found for a question: for the whole, and for each question that it asks, if several.

    passages, evidence: of the whole and the parts in turn, best first.
    """

    whole: Lookup
    parts: tuple[Lookup, ...]
    passages: tuple[Passage, ...]
    evidence: tuple[Evidence, ...]


def parts(question: str, searcher: Searcher) -> tuple[str, ...]:
    """The questions that are asked in one, if several, and in English: of other languages only terms are translated."""
    return decomposed(searcher.english(question), searcher.router) if searcher.language(question) == "en" else ()


class Finder:
    """Looks questions up in one index."""

    def __init__(self, searcher: Searcher, gate: Gate, passages: int) -> None:
        self._searcher, self._gate, self._k = searcher, gate, passages

    def find(self, question: str) -> Found:
        """The passages for a question that stands alone, and the sentences in them, best first."""
        whole, of_parts = self._lookup(question), tuple(map(self._lookup, parts(question, self._searcher)))
        every = (whole, *of_parts)
        passages = _in_turn((lookup.passages for lookup in every), lambda passage: passage.chunk.id)
        del passages[max(self._k, EACH * len(every)) :]
        held = {passage.chunk.id for passage in passages}
        evidence = _in_turn((lookup.evidence for lookup in every), lambda item: (item.chunk.id, item.start))
        kept = tuple(item for item in evidence if item.chunk.id in held)
        return Found(whole, of_parts, tuple(passages), kept)

    def judge(self, question: str, found: Found) -> Judgement:
        """Whether to answer from what was found."""
        of_parts = [self._signals(part.english, part) for part in found.parts]
        presumed = self._presumed(question, found.whole.english)
        return self._gate.judge(self._signals(question, found.whole), presumed, of_parts)

    def quotable(self, found: Found, fit: Callable[[Evidence], bool]) -> list[tuple[Evidence, ...]]:
        """What is quoted, best first: of the whole question and of each part in turn."""
        router = self._searcher.router
        runs = [worth_quoting(one.english, one.passages, router, fit) for one in (found.whole, *found.parts)]
        held = {passage.chunk.id for passage in found.passages}
        return [run for run in _in_turn(runs, lambda run: run[0].chunk.id) if run[0].chunk.id in held]

    def _lookup(self, question: str) -> Lookup:
        english = self._searcher.english(question)
        passages = self._searcher.search(question, self._k)
        evidence = best_sentences(english, passages, self._searcher.lexicon, self._searcher.router)
        return Lookup(english, tuple(passages), tuple(evidence))

    def _signals(self, question: str, found: Lookup) -> dict[str, float]:
        return signals(
            found.english,
            found.passages,
            found.evidence,
            self._searcher,
            original=question,
            learnt=self._gate.learnt,
        )

    def _presumed(self, question: str, english: str) -> str:
        """What the question takes for given and the corpus does not have: a version, or a section of a named text."""
        named = self._searcher.router.named(question)
        of_each = [
            [chunk for chunk in self._searcher.chunks if chunk.source.id == source_id]
            for name in named
            for source_id in name.sources
            if self._searcher.sources[source_id].kind != "model"
        ]
        absent = [absent_section(english, chunks) for chunks in of_each]
        if absent and all(absent):  # "GPL" names two licences: one of them may have the section
            return f"{absent[0]} of {of_each[0][0].source.title}"
        return self._searcher.router.unknown_version(question)


def _in_turn(lists: Iterable[Sequence[T]], key: Callable[[T], object]) -> list[T]:
    """The first of each list, then the second of each, and so on; what is the same by its key once."""
    first: dict[object, T] = {}
    for item in chain.from_iterable(zip_longest(*lists)):
        if item is not None:
            first.setdefault(key(item), item)
    return list(first.values())
