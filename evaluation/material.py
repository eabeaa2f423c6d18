"""What ``adapting`` learns from, in batches: our questions on passages, and near misses.

A batch holds questions of ours, each beside another one on its passage; pairs of a question that a passage answers and
one, told in the same manner, that it does not; and other near misses. Each chooses among all the others of the batch,
or none: a near miss should choose none. Without the pairs the manner of whoever wrote the near misses is learnt, and
not what they ask (docs/decisions/questions.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from errors import SourceError
from evaluation.near_misses import NearMiss
from knowledge.rows import Rows

Vectors = NDArray[np.float32]
Mask = NDArray[np.bool_]

QUESTIONS, PAIRS, MISSED = 12, 20, 6  # of a batch
TOGETHER, NEIGHBOURS = 4, 30  # pairs that lie near each other, and among how many they are looked for
ALIKE, ALIKE_OF_PAIR = (0.65, 0.97), (0.75, 1.01)  # another one on a passage: the nearest below a cosine of these
SAME, SAME_AS_MISSED = 0.8, 0.87  # above this cosine two questions may ask the same, and are not told apart
ANSWERED = 0.9  # a near miss so near to a question is answered
HARDEST = 3  # a near miss meets one of so many questions that are nearest to it
SEED = 0


class Embedder(Protocol):
    """Texts to vectors; see knowledge.embedding.Embedder."""

    def encode(self, texts: Sequence[str], /) -> Vectors: ...


@dataclass(frozen=True)
class Batch:
    """texts: who chooses; others: what is chosen from; answers: what each may choose, with none as the last column;
    unclear: what nobody is judged by. Shapes of both (texts, others + 1)."""

    texts: tuple[str, ...]
    others: tuple[str, ...]
    answers: Mask
    unclear: Mask


@dataclass(frozen=True)
class Material:
    """What is learnt from. texts, vectors, owner: of the questions of an index, their vectors before the change, and
    the number of their passage; near, near_vectors: of near misses in English; beside: the row of the question that a
    near miss was written with, or -1."""

    texts: Sequence[str]
    vectors: Vectors
    owner: NDArray[np.int64]
    near: Sequence[str]
    near_vectors: Vectors
    beside: NDArray[np.int64]
    chance: np.random.Generator = field(default_factory=lambda: np.random.default_rng(SEED))

    @classmethod
    def of(cls, rows: Rows, missed: Sequence[NearMiss], english: Callable[[str], str], embedder: Embedder) -> Material:
        """Of the questions of an index, without the headings of its passages."""
        owned = [(number, text) for number, chunk in enumerate(rows.chunks) for text in chunk.asked[1:]]
        row_of = {text: row for row, (_, text) in enumerate(owned)}
        texts = [english(text) for _, text in owned]
        near = [english(miss.question) for miss in missed]
        beside = np.array([row_of.get(miss.beside, -1) for miss in missed], dtype=np.int64)
        owner = np.array([number for number, _ in owned], dtype=np.int64)
        return cls(texts, embedder.encode(texts), owner, near, embedder.encode(near), beside)

    def batches(self) -> Iterator[Batch]:
        """Without end. Raises SourceError where the index lacks the questions that near misses were written with."""
        if not len(self._pairs):
            raise SourceError("The index has none of the questions that stand beside near misses: ingest all sources.")
        questions = self._rounds(np.flatnonzero([len(self.of_passage[owner]) > 1 for owner in self.owner.tolist()]))
        unpaired = self._rounds(self._unpaired)
        while True:
            for pairs in self._clusters():
                own = [next(questions) for _ in range(QUESTIONS)]
                misses = [next(unpaired) for _ in range(min(MISSED, len(self._unpaired)))]
                yield self._batch(own, pairs, misses)

    @cached_property
    def of_passage(self) -> dict[int, list[int]]:
        """The number of a passage to the rows of its questions."""
        found: dict[int, list[int]] = {}
        for row, owner in enumerate(self.owner.tolist()):
            found.setdefault(owner, []).append(row)
        return found

    @cached_property
    def _pairs(self) -> NDArray[np.int64]:
        """Near misses that have a question beside them, with another one on its passage."""
        paired = np.flatnonzero(self.beside >= 0).tolist()
        able = [miss for miss in paired if len(self.of_passage[int(self.owner[self.beside[miss]])]) > 1]
        return np.array(able, dtype=np.int64)

    @cached_property
    def _unpaired(self) -> NDArray[np.int64]:
        alone = np.flatnonzero(self.beside < 0)
        return np.array([m for m in alone if (self.vectors @ self.near_vectors[m]).max() <= ANSWERED], dtype=np.int64)

    def _rounds(self, rows: NDArray[np.int64]) -> Iterator[int]:
        while len(rows):
            yield from self.chance.permutation(rows).tolist()

    def _clusters(self) -> Iterator[list[int]]:
        """Nearly all pairs once, so many at a time; some of them lie near each other, so that the choice is hard."""
        answered = self.vectors[self.beside[self._pairs]]
        used: set[int] = set()
        picked: list[int] = []
        for seed in self.chance.permutation(len(self._pairs)).tolist():
            if seed in used:
                continue
            together, owners = [seed], {self._passage(seed)}
            for place in np.argsort(-(answered @ answered[seed]))[:NEIGHBOURS].tolist():
                if len(together) < TOGETHER and place not in used and self._passage(place) not in owners:
                    together.append(place)
                    owners.add(self._passage(place))
            used.update(together)
            picked += together
            if len(picked) >= PAIRS:
                yield self._pairs[picked[:PAIRS]].tolist()
                picked = []
        if picked:
            yield self._pairs[picked].tolist()

    def _passage(self, place: int) -> int:
        return int(self.owner[self.beside[self._pairs[place]]])

    def _batch(self, own: list[int], pairs: list[int], misses: list[int]) -> Batch:
        answered = self.beside[pairs].tolist()
        near = [*pairs, *misses]
        columns = [self._other(row, ALIKE) for row in own]
        columns += [self._other(row, ALIKE_OF_PAIR) for row in answered]
        columns += [self._hardest(miss) for miss in pairs] + [self._near(miss) for miss in misses]
        columns = list(dict.fromkeys(columns))
        choosing = [*own, *answered]
        vectors = np.concatenate([self.vectors[choosing], self.near_vectors[near]])
        owner = np.concatenate([self.owner[choosing], np.full(len(near), -1)])
        same = owner[:, None] == self.owner[columns][None]
        itself = np.zeros_like(same)
        itself[: len(choosing)] = np.array(choosing)[:, None] == np.array(columns)[None]
        limit = np.where(owner >= 0, SAME, SAME_AS_MISSED)[:, None]
        unclear = itself | ((vectors @ self.vectors[columns].T > limit) & ~same)
        return Batch(
            tuple([self.texts[row] for row in choosing] + [self.near[miss] for miss in near]),
            tuple(self.texts[row] for row in columns),
            np.column_stack([same & ~itself, owner < 0]),
            np.column_stack([unclear, np.zeros(len(vectors), dtype=bool)]),
        )

    def _other(self, row: int, alike: tuple[float, float]) -> int:
        """The nearest other question on the passage below a cosine drawn by chance: other wordings are too easy."""
        others = np.array([other for other in self.of_passage[int(self.owner[row])] if other != row])
        near = self.vectors[others] @ self.vectors[row]
        below = near < self.chance.uniform(*alike)
        return int(others[np.where(below, near, -2.0).argmax() if below.any() else near.argmax()])

    def _hardest(self, miss: int) -> int:
        """What is nearest to a near miss of all that its passage is known to answer, but for what stands beside it."""
        beside = int(self.beside[miss])
        others = [other for other in self.of_passage[int(self.owner[beside])] if other != beside]
        return others[int((self.vectors[others] @ self.near_vectors[miss]).argmax())]

    def _near(self, miss: int) -> int:
        nearest = np.argsort(-(self.vectors @ self.near_vectors[miss]))[:HARDEST]
        return int(self.chance.choice(nearest))
