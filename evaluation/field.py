"""What is our field and what is not: a direction of the embedding model, learnt from questions of both kinds.

Inside are our questions on passages and near misses; outside are those of ``outside.txt``, written for this: other
fields, small talk, requests to write, words of ours in another meaning ("Quand souffle le mistral ?").
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from errors import SourceError
from evaluation.calibrate import solve
from evaluation.near_misses import near_misses
from knowledge.documents import Chunk

Vectors = NDArray[np.float32]
FILE = Path(__file__).with_name("outside.txt")
EVERY = 5  # of the questions inside, for the time it takes
RIDGE = 1.0


class Searcher(Protocol):
    """What of an index is used; see knowledge.search.Searcher."""

    @property
    def chunks(self) -> tuple[Chunk, ...]:
        """All chunks that can be found."""

    def english(self, question: str, /) -> str:
        """The question in English words."""


def inside(searcher: Searcher) -> list[str]:
    """Every fifth of the questions that passages answer, and of those that they nearly answer, in English words."""
    answered = sorted({question for chunk in searcher.chunks for question in chunk.asked[1:]})
    missed = [miss.question for miss in near_misses()]
    return [searcher.english(question) for question in (*answered[::EVERY], *missed[::EVERY])]


def outside(english: Callable[[str], str], path: Path = FILE) -> list[str]:
    """The questions of the file, one a line, in English words. Raises SourceError where it cannot be read."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"{path.name} cannot be read: {error}.") from None
    return [english(line) for line in lines if line.strip()]


def learn(inside: Vectors, outside: Vectors) -> Vectors:
    """Weights and bias of a logistic regression, shape (dimension + 1,). Both kinds weigh the same."""
    x = np.concatenate([inside, outside]).astype(np.float64)
    y = np.concatenate([np.ones(len(inside)), np.zeros(len(outside))])
    return solve(x, y, RIDGE, [(None, None)] * x.shape[1]).astype(np.float32)
