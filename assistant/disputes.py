"""Claims of the sources that are known to be wrong, contradicted or untraceable, found where they are cited."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from knowledge.documents import Dispute, Evidence

SPOKEN = ("wrong", "disputed", "unverifiable")


class Disputes:
    """Looks up the dispute of a piece of evidence."""

    def __init__(self, disputes: Iterable[Dispute]) -> None:
        self._by_source: dict[str, list[Dispute]] = {}
        for dispute in disputes:
            self._by_source.setdefault(dispute.source_id, []).append(dispute)

    def of(self, item: Evidence) -> Dispute | None:
        """The dispute about the claim that this very sentence makes, the worst first; None if there is none."""
        words = item.text.lower()
        found = [
            dispute
            for dispute in self._by_source.get(item.chunk.source.id, [])
            if dispute.marks and all(mark.lower() in words for mark in dispute.marks)
        ]
        return min(found, key=lambda dispute: (*SPOKEN, "confirmed").index(dispute.status), default=None)

    def spoken(self, evidence: Sequence[Evidence]) -> list[tuple[Dispute, Evidence]]:
        """The disputes that an answer from this evidence must speak of, each once, with where the claim stands."""
        told: dict[str, tuple[Dispute, Evidence]] = {}
        for item in evidence:
            dispute = self.of(item)
            if dispute and dispute.status in SPOKEN:
                told.setdefault(dispute.id, (dispute, item))
        return list(told.values())
