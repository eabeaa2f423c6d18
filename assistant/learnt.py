"""What the gate has learnt of the embedding model's vectors: what people ask in vain, and what is not our field.

"What does it cost a year?" is asked of every licence, and no licence says it. The relations, without names, of the
questions in ``evaluation/near-misses`` stand in ``gate.npz`` in fewer numbers than the embedding model's. Beside them
stands a direction that parts questions of our field from others ("Quand souffle le mistral ?"). Both hold for that
model and for no other. ``python -m evaluation calibrate`` writes the file.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
FILE = Path(__file__).with_name("gate.npz")
MOST_ODDS = 4.0  # beyond it a question is not more of our field, nor less


@dataclass(frozen=True)
class Learnt:
    """embedder: the digest of its weights; basis: (fewer numbers, dimension); vain: relations asked in vain, in the
    numbers of the basis, each of length 1, shape (relations, fewer numbers); field: weights of a question's vector, and
    the bias, shape (dimension + 1,): the log of the odds that it is of our field."""

    embedder: str
    basis: Vectors
    vain: Vectors
    field: Vectors

    def in_vain(self, relation: Vectors) -> float:
        """The cosine of a relation and the nearest one that is asked in vain."""
        reduced = self.basis @ relation
        length = float(np.linalg.norm(reduced))
        return float((self.vain @ reduced).max()) / length if length else 0.0

    def in_field(self, question: Vectors) -> float:
        """The log of the odds that a question is of our field, cut at about 50 to 1 and brought to 0 to 1."""
        odds = float(self.field[:-1] @ question + self.field[-1])
        return 0.5 + max(-MOST_ODDS, min(MOST_ODDS, odds)) / (2 * MOST_ODDS)

    def write(self, path: Path = FILE) -> None:
        """Writes the file, the relations with one byte a number."""
        step = np.abs(self.vain).max() / 127
        np.savez_compressed(
            path,
            embedder=np.array(self.embedder),
            basis=self.basis.astype(np.float16),
            step=np.float32(step),
            vain=np.round(self.vain / step).astype(np.int8),
            field=self.field.astype(np.float32),
        )

    @classmethod
    def read(cls, embedder: str, path: Path = FILE) -> Learnt | None:
        """What was learnt for this embedding model (the digest of its weights), or nothing."""
        if not path.is_file():
            return None
        with np.load(path, allow_pickle=False) as held:
            if str(held["embedder"]) != embedder:
                return None
            vain = held["vain"].astype(np.float32) * held["step"]
            lengths = np.linalg.norm(vain, axis=1, keepdims=True)
            return cls(embedder, held["basis"].astype(np.float32), vain / lengths, held["field"])


def learn(embedder: str, relations: Vectors, kept: int, field: Vectors) -> Learnt:
    """Of the vectors of relations that are asked in vain, shape (relations, dimension), so many numbers of each."""
    _, _, basis = np.linalg.svd(relations, full_matrices=False)
    reduced = relations @ basis[:kept].T
    lengths = np.linalg.norm(reduced, axis=1, keepdims=True)
    return Learnt(embedder, basis[:kept].astype(np.float32), reduced / lengths, field)
