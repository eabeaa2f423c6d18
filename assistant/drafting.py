"""The answer as it grows: sentences with verdicts, and citations numbered in the order in which they are used."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from assistant.answer import SUPPORTED, Citation, Sentence
from assistant.citations import Finding
from assistant.corrections import Correction
from assistant.disputes import Disputes
from assistant.evidence import merged, novelty
from assistant.quoting import quotations, quoted
from knowledge.documents import Evidence, Passage


class Draft:
    """Gathers sentences; the same place of the same source keeps its number."""

    def __init__(self, passages: Sequence[Passage], disputes: Disputes, say: Callable[[str], str] = str) -> None:
        """say: gives a sentence of ours in the asker's language."""
        self._say = say
        self._passages = {passage.chunk.id: passage for passage in passages}
        self._disputes = disputes
        self._numbers: dict[tuple[str, int, int], int] = {}
        self.sentences: list[Sentence] = []
        self.citations: list[Citation] = []

    @property
    def cited(self) -> set[tuple[str, int, int]]:
        """The places that are cited, as (source id, start, end)."""
        return set(self._numbers)

    def state(self) -> tuple[int, int]:
        """A mark to go ``back_to``."""
        return len(self.sentences), len(self.citations)

    def back_to(self, state: tuple[int, int]) -> None:
        """Takes back what was added since."""
        sentences, citations = state
        del self.sentences[sentences:], self.citations[citations:]
        self._numbers = {place: number for place, number in self._numbers.items() if number <= citations}

    def write(self, text: str, finding: Finding) -> bool:
        """Adds a model's sentence with its citations; not one that says again what was said."""
        if any(_same(text, said.text) for said in self.sentences):
            return False
        numbers = tuple(dict.fromkeys(self._cite(item, finding.score) for item in finding.evidence))
        self.sentences.append(Sentence(text, finding.verdict, numbers))
        return True

    def quote(self, items: Sequence[Evidence], least_new: float = 0.0) -> bool:
        """Adds a run of a passage's own sentences, if a share of at least ``least_new`` of its words was not said yet.

        Our notes are said sentence by sentence; other sources as one quotation. Either way one citation holds the run.
        """
        whole, said = quoted(items), [said.text for said in self.sentences]
        run = merged(items)
        if {place(whole), place(run)} & self.cited or novelty(run, said) < least_new:
            return False
        number = self._cite(whole, 1.0, run)
        for text in quotations(items, self._say):
            if not any(_same(text, said.text) for said in self.sentences):
                self.sentences.append(Sentence(text, SUPPORTED, (number,), quoted=True))
        return True

    def correct(self, correction: Correction) -> None:
        """Adds what is known to be right about a claim that a found sentence makes, citing our notes and the claim."""
        numbers = tuple(self._cite(item, 1.0) for item in (*correction.told, correction.claimed))
        right = self._say(correction.dispute.correction)
        if not any(_same(right, said.text) for said in self.sentences):
            self.sentences.append(Sentence(right, SUPPORTED, numbers, quoted=True))

    def _cite(self, item: Evidence, score: float, shown: Evidence | None = None) -> int:
        """The number of a place. shown: what is said of it, if that is less; a dispute about the rest is not told."""
        if place(item) not in self._numbers:
            number = len(self._numbers) + 1
            self._numbers[place(item)] = number
            passage = self._passages.get(item.chunk.id) or Passage(item.chunk, item.score)
            citation = Citation(
                number, passage, item.start, item.end, item.text, min(score, 1.0), self._disputes.of(shown or item)
            )
            self.citations.append(citation)
        return self._numbers[place(item)]


def place(item: Evidence) -> tuple[str, int, int]:
    """Where a piece of evidence stands."""
    return item.chunk.source.id, item.start, item.end


def _same(one: str, other: str) -> bool:
    return " ".join(one.lower().split()).strip(" .") == " ".join(other.lower().split()).strip(" .")
