"""What an answer must set right: a claim of the sources that is known to be wrong, and where our notes say so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.disputes import Disputes
from knowledge.documents import Dispute, Evidence
from knowledge.search import Searcher

MARK = "disputes:"  # before a dispute's id where a note says that it rests on it
UNFIT = ("wrong", "unverifiable")  # a claim of this kind is nothing to write from
ON_CLAIM = 0.55  # the cosine of a question and a claim, or its correction, that it is about
BEST, MOST = 4, 2  # sentences of evidence that are looked at, and corrections that one answer makes
MOST_TOLD, LEAST_NEW = 4, 0.05  # sentences of notes beside a correction; the share of its words that each must add


@dataclass(frozen=True)
class Correction:
    """dispute: what is claimed and what is right; claimed: where the claim stands; told: where our notes correct it."""

    dispute: Dispute
    claimed: Evidence
    told: tuple[Evidence, ...]


class Corrections:
    """Finds what must be set right in the evidence for a question."""

    def __init__(self, searcher: Searcher, disputes: Disputes) -> None:
        self._searcher, self._disputes = searcher, disputes
        self._notes: dict[str, list[Evidence]] = {}
        for chunk in searcher.chunks:
            for rest in chunk.rests_on:
                if rest.startswith(MARK):
                    said = [Evidence(chunk, *span) for span in chunk.sentences]
                    self._notes.setdefault(rest.removeprefix(MARK), []).extend(said)

    def due(self, english: str, evidence: Sequence[Evidence]) -> list[Correction]:
        """The corrections that an answer to this question leads with, from the best evidence first.

        A claim that only stands beside what is asked is left out. english: the question in English words.
        """
        spoken = [
            (dispute, claimed)
            for dispute, claimed in self._disputes.spoken(evidence[:BEST])
            if self._searcher.near(english, [dispute.claim, dispute.correction]).max() >= ON_CLAIM
        ]
        return [Correction(dispute, claimed, self.told(dispute)) for dispute, claimed in spoken[:MOST]]

    def told(self, dispute: Dispute) -> tuple[Evidence, ...]:
        """Sentences of the notes that rest on a dispute: each time the one that has most of the correction's words
        which those before it lack; of two that have as many, the nearer one."""
        notes = self._notes.get(dispute.id, [])
        if not notes:
            return ()
        near = self._searcher.stored(notes) @ self._searcher.vectors([dispute.correction])[0]
        covered, told = 0.0, list[Evidence]()
        while len(told) < MOST_TOLD:
            shares = [self._covered(dispute, [*told, note]) for note in notes]
            place = max(range(len(notes)), key=lambda place: (round(shares[place], 2), near[place]))
            if told and shares[place] < covered + LEAST_NEW:
                break
            covered = shares[place]
            told.append(notes[place])
        return tuple(told)

    def _covered(self, dispute: Dispute, told: Sequence[Evidence]) -> float:
        return self._searcher.lexicon.coverage(dispute.correction, [" ".join(item.text for item in told)])

    def fit(self, item: Evidence) -> bool:
        """Whether an answer may rest on a sentence: not on a claim that is known to be wrong."""
        dispute = self._disputes.of(item)
        return dispute is None or dispute.status not in UNFIT
