"""Fits the gate: a logistic regression from the search's signals to whether there is an answer.

The threshold is the highest that wrongly declines at most so many answerable questions, judged out of fold: a question
has no part in the weights that judge it. A second, higher one parts what is answered from what is only quoted. Both
kinds of question weigh the same, whatever their numbers. What speaks for an answer cannot weigh against it: questions
that we wrote have habits that readers do not have (those without an answer, say, have more of the texts' own words).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

Rows = NDArray[np.float64]
Bounds = Sequence[tuple[float | None, float | None]]
SIGNS = {"rarest": -1, "unknown": -1, "task": -1, "vain": -1, "named": 0, "amount": 0}  # of weights; of all others: 1
FOLDS, SEED = 10, 7


@dataclass(frozen=True)
class Fitted:
    """What ``gate.json`` holds, and what it does: shares of each kind of question that are declined, out of fold."""

    weights: dict[str, float]
    bias: float
    least: float
    sure: float
    declined_rightly: float
    declined_wrongly: float
    auc: float

    def held(self) -> dict[str, object]:
        """What of it the gate's file holds."""
        return {"weights": self.weights, "bias": self.bias, "least": self.least, "sure": self.sure}


def write(path: Path, known: Fitted, bare: Fitted) -> None:
    """Writes the gate's file. bare: for passages of which it is not known what they answer."""
    path.write_text(json.dumps({**known.held(), "bare": bare.held()}) + "\n", "utf-8")


def fit(
    found: Sequence[tuple[dict[str, float], bool]], *, wrongly: float = 0.04, unsure: float = 0.12, ridge: float = 1.0
) -> Fitted:
    """The gate for these (signals, answerable) pairs; both kinds must be there.

    wrongly, unsure: the shares of answerable questions that may be declined, and that may fall below ``sure``.
    """
    if not 0 < sum(answerable for _, answerable in found) < len(found):
        raise ValueError("A gate is fitted on questions with an answer and on questions without")
    if not 0 <= wrongly <= unsure < 1:
        raise ValueError(f"The share declined wrongly is 0 to {unsure:g}, not {wrongly:g}")
    names = sorted(found[0][0])
    x = np.array([[signals[name] for name in names] for signals, _ in found], dtype=np.float64)
    y = np.array([answerable for _, answerable in found], dtype=np.float64)
    bounds = [((None, None), (0.0, None), (None, 0.0))[SIGNS.get(name, 1)] for name in names]
    judged = _out_of_fold(x, y, ridge, bounds)
    yes, no = np.sort(judged[y == 1]), judged[y == 0]
    least, sure = (float(yes[int(share * len(yes))]) for share in (wrongly, unsure))
    weights = solve(x, y, ridge, bounds)
    rank = (yes[:, None] > no[None, :]).mean() + 0.5 * (yes[:, None] == no[None, :]).mean()
    return Fitted(
        {name: round(float(w), 4) for name, w in zip(names, weights[:-1], strict=True)},
        round(float(weights[-1]), 4),
        round(least, 4),
        round(sure, 4),
        float((no < least).mean()),
        float((yes < least).mean()),
        float(rank),
    )


def _out_of_fold(x: Rows, y: Rows, ridge: float, bounds: Bounds) -> Rows:
    """Each question's probability by the weights of the other folds."""
    fold = np.random.default_rng(SEED).permutation(len(y)) % min(FOLDS, len(y))
    judged = np.zeros(len(y))
    for number in range(int(fold.max()) + 1):
        held = fold == number
        judged[held] = _probability(x[held], solve(x[~held], y[~held], ridge, bounds))
    return judged


def solve(x: Rows, y: Rows, ridge: float, bounds: Bounds) -> Rows:
    """Weights within their bounds, and the bias, of the least loss; the ridge leaves the bias alone."""
    share = np.where(y == 1, 0.5 / max(1.0, y.sum()), 0.5 / max(1.0, (1 - y).sum())) * len(y)

    def loss(weights: Rows) -> tuple[float, Rows]:
        p = np.clip(_probability(x, weights), 1e-12, 1 - 1e-12)
        off = share * (p - y)
        slope = np.append(x.T @ off + ridge * weights[:-1], off.sum())
        wrong = -(share * (y * np.log(p) + (1 - y) * np.log(1 - p))).sum()
        return float(wrong + ridge * (weights[:-1] ** 2).sum() / 2), slope

    start = np.zeros(x.shape[1] + 1)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[*bounds, (None, None)])
    return np.asarray(found.x, dtype=np.float64)


def _probability(x: Rows, weights: Rows) -> Rows:
    return np.asarray(1 / (1 + np.exp(-np.clip(x @ weights[:-1] + weights[-1], -30, 30))))
