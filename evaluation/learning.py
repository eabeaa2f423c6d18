"""Learns ``assistant/gate.npz`` from our own questions: those with a passage that answers them, and near misses.

A near miss is a question on a passage's subject that the passage does not answer. Pairs of questions on one passage
should be told from pairs of a near miss, or of a question on something else, and what is nearest to it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from assistant.asked_for import relation
from assistant.learnt import Learnt, Vectors, features
from errors import SourceError
from knowledge.search import Searcher

FILE = Path(__file__).parent / "near-misses" / "questions.jsonl"
NEAREST = 6  # pairs made of each question
ALIKE = (0.65, 0.97)  # questions on one passage count as another wording up to a cosine drawn from this range
APART = 0.72  # below this cosine, questions on two passages are taken for two questions
ANSWERED, SAME = 0.9, 0.85  # a near miss so near to a question is answered; one so near may ask the same
HARD = 3.0  # what a pair of a near miss counts for
SHARE = 0.5  # of the pairs of two passages, which are many and easy
RIDGE, STEPS = 30.0, 150
KEPT = 96  # numbers of 384: the area under the gate's curve is the same to 0.001
SEED = 3


@dataclass(frozen=True)
class NearMiss:
    """A question about a source that a passage of it nearly answers."""

    source: str
    question: str


@dataclass(frozen=True)
class Asked:
    """Questions with an answer: vectors and those of relations, shape (questions, dimension); owner: the row of each
    one's chunk; own: those that may be paired (not headings, which are no questions)."""

    vectors: Vectors
    relations: Vectors
    owner: NDArray[np.int64]
    own: NDArray[np.int64]


def near_misses(path: Path = FILE) -> list[NearMiss]:
    """Reads the file. Raises SourceError with the line that is wrong."""
    found = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        try:
            found.append(NearMiss(**json.loads(line)))
        except (ValueError, TypeError) as error:
            raise SourceError(f"{path.name}, line {number}: {error}.") from None
    return found


def learn(searcher: Searcher, missed: Sequence[NearMiss]) -> Learnt:
    """What the gate should know of the questions that the index holds, and of near misses."""
    asked = _asked(searcher)
    questions = searcher.vectors([searcher.english(miss.question) for miss in missed])
    relations = searcher.vectors([relation(miss.question) for miss in missed])
    same, other = (
        np.array(list(pairs), dtype=np.int64).reshape(-1, 3)
        for pairs in (_of_asked(asked), _of_missed(asked, questions))
    )
    x = np.concatenate([_features(asked, same, asked.vectors, asked.relations),
                        _features(asked, other, questions, relations)])  # fmt: skip
    y = np.concatenate([same[:, 2], other[:, 2]]).astype(np.float32)
    share = np.concatenate([np.ones(len(same)), np.full(len(other), HARD)])
    share[y == 1] *= share[y == 0].sum() / max(1.0, y.sum())
    weights = _solve(x, y, (share / share.mean()).astype(np.float32))
    _, _, basis = np.linalg.svd(relations, full_matrices=False)
    reduced = relations @ basis[:KEPT].T
    vain = reduced / np.linalg.norm(reduced, axis=1, keepdims=True)
    return Learnt(searcher.embedder, weights[:-1], float(weights[-1]), basis[:KEPT].astype(np.float32), vain)


def _asked(searcher: Searcher) -> Asked:
    counts = [len(chunk.asked) for chunk in searcher.chunks]
    texts = [relation(question) for chunk in searcher.chunks for question in chunk.asked]
    firsts = np.cumsum([0, *counts[:-1]])
    own = np.setdiff1d(np.arange(len(texts)), firsts)
    owner = np.repeat(np.arange(len(counts)), counts)
    return Asked(searcher.rows.asked_vectors, searcher.vectors(texts), owner, own)


def _of_asked(asked: Asked) -> Iterator[tuple[int, int, int]]:
    """(question, another one, whether they are on one passage). Other wordings of a question are left out by chance."""
    chance = np.random.default_rng(SEED)
    for one in asked.own:
        near = asked.vectors @ asked.vectors[one]
        near[one] = -1
        near[near > chance.uniform(*ALIKE)] = -1
        for other in _nearest(near):
            if asked.owner[other] == asked.owner[one]:
                yield int(one), other, 1
            elif near[other] < APART and chance.random() < SHARE:
                yield int(one), other, 0


def _of_missed(asked: Asked, questions: Vectors) -> Iterator[tuple[int, int, int]]:
    """(near miss, a question with an answer, 0)."""
    for number, question in enumerate(questions):
        near = asked.vectors @ question
        if near.max() <= ANSWERED:
            yield from ((number, other, 0) for other in _nearest(near) if near[other] < SAME)


def _nearest(near: Vectors) -> list[int]:
    return [int(row) for row in np.argsort(-near)[:NEAREST]]


def _features(asked: Asked, pairs: NDArray[np.int64], vectors: Vectors, relations: Vectors) -> Vectors:
    one, other = pairs[:, 0], pairs[:, 1]
    return features(vectors[one], relations[one], asked.vectors[other], asked.relations[other])


def _solve(x: Vectors, y: Vectors, share: Vectors) -> Vectors:
    """The weights, and the bias, of the least weighed loss; the ridge leaves the bias alone."""

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        odds = x @ weights[:-1].astype(np.float32) + np.float32(weights[-1])
        off = share * (1 / (1 + np.exp(-np.clip(odds, -30, 30))) - y)
        wrong = float((share * np.logaddexp(0, np.where(y == 1, -odds, odds))).sum())
        slope = np.append(x.T @ off + RIDGE * weights[:-1], off.sum())
        return wrong + RIDGE * float((weights[:-1] ** 2).sum()) / 2, slope.astype(np.float64)

    found = minimize(loss, np.zeros(x.shape[1] + 1), jac=True, method="L-BFGS-B", options={"maxiter": STEPS})
    return np.asarray(found.x, dtype=np.float32)
