"""Every sentence is aligned to the evidence and checked, whatever the model wrote beside it.

Guards first: numbers, names, negation, duty and leave must stand in the cited sentence (names and numbers also in its
title or clause); then its words must be covered; then its meaning must be near. A second sentence of the
same search may complete the first. What passes is supported; what passes the guards but is thinner is "partly".
Thresholds were chosen on the development questions: docs/decisions/checking.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from assistant.answer import NOT_CONFIRMED, PARTLY, SUPPORTED
from assistant.claims import Claim, claim, is_of_the_other, is_told_as_fact, names, numbers, points_elsewhere
from knowledge.documents import Evidence
from knowledge.lexical import stems

FIRST = re.compile(r"\s*([A-Z][\w&+-]*)")
ASKER = re.compile(r"\s*(?:(?:yes|no)[.,]\s+)?(?:I|we|my|our)\b", re.IGNORECASE)
SMALL = re.compile(r"\b[a-z][\w&+-]*")
Vectors = Callable[[Sequence[str]], NDArray[np.float32]]


@dataclass(frozen=True)
class Thresholds:
    """denied_…: how alike a sentence that says the opposite must be for the two to be left aside; echo: the share of a
    sentence's words that are the question's, from which on it says nothing but the question; led: the share from which
    on no second sentence of the evidence may complete it.

    cover: the share of the sentence's words, by weight, that the evidence must have; near: the cosine to reach."""

    cover: float = 0.6
    near: float = 0.45
    partly_cover: float = 0.45
    partly_near: float = 0.4
    denied_cover: float = 0.75
    denied_near: float = 0.7
    echo: float = 0.9
    led: float = 0.6


@dataclass(frozen=True)
class Finding:
    """What the check says of a sentence: its verdict, the evidence it rests on (best first), and a score, 0 to 1."""

    verdict: str
    evidence: tuple[Evidence, ...] = ()
    score: float = 0.0
    why: str = ""


@dataclass(frozen=True)
class _Held:
    """An evidence sentence, taken apart once. context: the stems of its title, clause and neighbours."""

    evidence: Evidence
    claim: Claim
    stems: frozenset[str]
    near_stems: frozenset[str]
    context_names: frozenset[str]
    context_numbers: frozenset[str]


class Checker:
    """Checks sentences against the evidence of one question."""

    def __init__(
        self,
        evidence: Sequence[Evidence],
        evidence_vectors: NDArray[np.float32],
        vectors_of: Vectors,
        thresholds: Thresholds | None = None,
        *,
        question: str = "",
        weight: Callable[[str], float] = lambda stem: 1.0,
    ) -> None:
        """evidence_vectors: unit vectors of the evidence, shape (len(evidence), d); vectors_of embeds a sentence.

        question: in English; a sentence that only says it again as a statement is held to more. weight: how much a stem
        says; a rare word that the evidence lacks weighs more than a common one that it has.
        """
        self._weight, self._question = weight, frozenset(stems(question))
        self._held = [_hold(item) for item in evidence]
        self._vectors, self._vectors_of = evidence_vectors, vectors_of
        self._thresholds = thresholds or Thresholds()
        small = {word for item in evidence for word in SMALL.findall(item.text)}
        self._names = {name for item in evidence for name in names(item.text)} - small

    def check(self, sentence: str) -> Finding:
        """The verdict on one sentence, and what it rests on."""
        asked = self._with_subject(claim(sentence))
        if not self._held or not asked.content or not SMALL.search(asked.text):
            return Finding(NOT_CONFIRMED, why="it says nothing that could be looked up")
        if ASKER.match(sentence):
            return Finding(NOT_CONFIRMED, why="it speaks as the asker, or as the source")
        near = self._vectors @ self._vectors_of([asked.text])[0]
        tried = sorted((self._one(asked, held, float(near[n])) for n, held in enumerate(self._held)), key=_order)
        of_question = self._cover(asked, self._question)
        echoes, led = of_question >= self._thresholds.echo, of_question >= self._thresholds.led
        best = tried[0] if tried[0].verdict == SUPPORTED or led else min(tried[0], self._two(asked, near), key=_order)
        if best.verdict != NOT_CONFIRMED and (other := self._denied(asked, near, echoes)):
            return Finding(NOT_CONFIRMED, (other,), best.score, "another sentence says the opposite")
        return best

    def _denied(self, asked: Claim, near: NDArray[np.float32], echoes: bool) -> Evidence | None:
        """A sentence that says nearly the same, but for a not; for one that echoes the question, somewhat the same."""
        limits = replace(self._thresholds, denied_cover=0.4, denied_near=0.6) if echoes else self._thresholds
        for n, held in enumerate(self._held):
            cover = self._cover(asked, held.stems | held.near_stems)
            alike = near[n] >= limits.denied_near and cover >= limits.denied_cover
            if alike and held.claim.negative != asked.negative:
                return held.evidence
        return None

    def _with_subject(self, asked: Claim) -> Claim:
        """A name that begins the sentence counts as a name where the evidence writes it so: "Meta must …"."""
        first = FIRST.match(asked.text)
        subject = first.group(1).lower() if first else ""
        return replace(asked, names=asked.names | {subject}) if subject in self._names else asked

    def _one(self, asked: Claim, held: _Held, near: float) -> Finding:
        cover = self._cover(asked, held.stems | held.near_stems)
        own = self._cover(asked, held.stems)
        score = 0.5 * own + 0.2 * cover + 0.3 * max(near, 0.0)
        return self._verdict(asked, [held], own, cover, near, score)

    def _two(self, asked: Claim, near: NDArray[np.float32]) -> Finding:
        """The best pair: the evidence that covers most, and the one that covers most of what it leaves."""
        ranked = sorted(
            range(len(self._held)), key=lambda n: -self._cover(asked, self._held[n].stems) - 0.3 * float(near[n])
        )
        first = ranked[0]
        left = asked.content - self._held[first].stems
        second = max(
            (n for n in range(len(self._held)) if n != first), default=None,
            key=lambda n: (len(left & self._held[n].stems), float(near[n])),
        )  # fmt: skip
        # A second source that gives one word only lends it: a name or a number to what the first says of another thing.
        if second is None or len(left & self._held[second].stems) < 2 or near[second] < self._thresholds.partly_near:
            return Finding(NOT_CONFIRMED)
        pair = [self._held[first], self._held[second]]
        cover = self._cover(asked, pair[0].stems | pair[1].stems)
        closeness = float(max(near[first], near[second]))
        score = 0.65 * cover + 0.3 * closeness
        return self._verdict(asked, pair, cover, cover, closeness, score)

    def _cover(self, asked: Claim, held: frozenset[str]) -> float:
        total = sum(map(self._weight, asked.content))
        return sum(map(self._weight, asked.content & held)) / total if total else 0.0

    def _lost(self, asked: Claim, held: Sequence[_Held]) -> str:
        """What keeps a sentence from being wholly supported: an exception, a limit or a condition that it leaves out, a
        word of the question that the evidence lacks."""
        if asked.exception is None and held[0].claim.exception:
            return "the source makes an exception"
        if is_of_the_other(asked, held[0].claim.text):
            return "the source says it of another"
        if points_elsewhere(asked.text, held[0].claim.text):
            return "it does not say of what"
        if held[0].claim.limits - asked.limits:
            return "the source says less"
        conditions = (condition for item in held for condition in item.claim.conditions)
        if not asked.conditions and any(is_told_as_fact(condition, asked.content) for condition in conditions):
            return "the source makes it a condition"
        known = frozenset().union(*(item.stems | item.near_stems for item in held))
        return "some of its words are only the question's" if asked.content & self._question - known else ""

    def _verdict(
        self, asked: Claim, held: Sequence[_Held], own: float, cover: float, near: float, score: float
    ) -> Finding:
        limits, evidence = self._thresholds, tuple(item.evidence for item in held)
        if why := _guards(asked, held):
            return Finding(NOT_CONFIRMED, evidence, score, why)
        if own >= limits.cover and near >= limits.near:
            lost = self._lost(asked, held)
            return Finding(PARTLY, evidence, score, lost) if lost else Finding(SUPPORTED, evidence, score)
        if cover >= limits.partly_cover and near >= limits.partly_near:
            return Finding(PARTLY, evidence, score, "only a part of its words stands there")
        return Finding(NOT_CONFIRMED, evidence, score, "too little of it stands there")


def _order(finding: Finding) -> tuple[int, float]:
    return (SUPPORTED, PARTLY, NOT_CONFIRMED).index(finding.verdict), -finding.score


def _hold(item: Evidence) -> _Held:
    chunk = item.chunk
    around = f"{chunk.source.title} {' '.join(chunk.source.names)} {chunk.source.publisher} {chunk.clause}"
    return _Held(
        evidence=item,
        claim=claim(item.text),
        stems=frozenset(stems(item.text)),
        near_stems=frozenset(stems(around)),
        context_names=names(item.text)
        | frozenset(word.lower() for word in around.replace("(", " ").replace(")", " ").split()),
        context_numbers=numbers(item.text) | numbers(around),
    )


def _guards(asked: Claim, held: Sequence[_Held]) -> str:
    """Why the evidence cannot carry the sentence, or nothing."""
    text = " ".join(item.claim.text.lower() for item in held)
    known_numbers = frozenset().union(*(item.context_numbers for item in held))
    known_names = frozenset().union(*(item.context_names for item in held))
    missing = sorted(asked.numbers - known_numbers)
    if missing:
        return f"{', '.join(missing)} does not stand there"
    strange = sorted(name for name in asked.names - known_names if name not in text)
    if strange:
        return f"{', '.join(strange)} does not stand there"
    negative = any(item.claim.negative for item in held)
    if asked.negative != negative:
        return "one of the two says not" if asked.negative else "the source says not"
    # "May not" and "must not" forbid alike.
    if asked.duty and not any(item.claim.duty or item.claim.leave and item.claim.negative for item in held):
        return "the source speaks of no duty"
    if (
        any(item.claim.duty for item in held)
        and asked.leave
        and not asked.negative
        and not asked.duty
        and not any(i.claim.leave for i in held)
    ):
        return "the source says must, not may"
    if not asked.hedged and held[0].claim.hedged:
        return "the source is less sure"
    if asked.exception is not None and not any(_excepts(item.claim, asked.exception) for item in held):
        return "the source makes another exception"
    return ""


def _excepts(claim_: Claim, wanted: frozenset[str]) -> bool:
    """Whether a claim excepts at least half of what is wanted."""
    held = claim_.exception
    return held is not None and len(wanted & held) >= 0.5 * len(wanted)
