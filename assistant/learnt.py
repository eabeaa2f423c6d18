"""What the gate has learnt of questions: the only signals that are fitted rather than looked up.

Two things, in ``gate.npz``, learnt by ``python -m evaluation calibrate`` from ``knowledge/asked`` and from questions
that a passage nearly answers (``evaluation/near-misses``): which numbers of two questions' vectors must agree if one
passage answers both, and what relations people ask for in vain. They hold for the embedding model of which they were
learnt, and for no other.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
FILE = Path(__file__).with_name("gate.npz")
SCALE = 10.0  # brings the log-odds to the size of the other signals


@dataclass(frozen=True)
class Learnt:
    """weights: of ``features``, and bias; basis: (fewer numbers, dimension); vain: relations asked in vain, in the
    numbers of the basis, each of length 1, shape (relations, fewer numbers); embedder: the digest of its weights."""

    embedder: str
    weights: Vectors
    bias: float
    basis: Vectors
    vain: Vectors

    def alike(self, asked: Vectors, relation: Vectors, known: Vectors, relations: Vectors) -> Vectors:
        """Log-odds, a tenth of them, that what answers each of ``known`` answers the question, shape (known,).

        asked, relation: the question's vector, and that of its wording without names; known, relations: those of
        questions with an answer, shape (known, dimension).
        """
        count = len(known)
        rows = features(np.tile(asked, (count, 1)), np.tile(relation, (count, 1)), known, relations)
        return np.asarray((rows @ self.weights + self.bias) / SCALE, dtype=np.float32)

    def in_vain(self, relation: Vectors) -> float:
        """The cosine of a relation and the nearest one that is asked in vain."""
        reduced = self.basis @ relation
        length = float(np.linalg.norm(reduced))
        return float((self.vain @ reduced).max()) / length if length else 0.0

    def write(self, path: Path = FILE) -> None:
        """Writes the file, the relations with one byte a number."""
        step = np.abs(self.vain).max() / 127
        np.savez_compressed(
            path,
            embedder=np.array(self.embedder),
            weights=self.weights.astype(np.float16),
            bias=np.float32(self.bias),
            basis=self.basis.astype(np.float16),
            step=np.float32(step),
            vain=np.round(self.vain / step).astype(np.int8),
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
            return cls(
                embedder,
                held["weights"].astype(np.float32),
                float(held["bias"]),
                held["basis"].astype(np.float32),
                vain / np.linalg.norm(vain, axis=1, keepdims=True),
            )


def features(one: Vectors, relation: Vectors, other: Vectors, others_relation: Vectors) -> Vectors:
    """What is weighed of pairs of questions, shape (pairs, 4 × dimension + 2), from their vectors and relations'.

    Products and distances number by number, each about 1 in size, and the two cosines.
    """
    size = np.float32(one.shape[1] ** 0.5)
    near, near_relation = one * other, relation * others_relation
    return np.concatenate(
        [
            size * near,
            size / 2 * np.abs(one - other),
            size * near_relation,
            size / 2 * np.abs(relation - others_relation),
            3 * near.sum(axis=1, keepdims=True),
            3 * near_relation.sum(axis=1, keepdims=True),
        ],
        axis=1,
    ).astype(np.float32)
