"""Fits the gate: a logistic regression from the search's signals to whether there is an answer.

The threshold is the highest that wrongly declines at most so many answerable questions, judged out of fold: a question
has no part in the weights that judge it. A second, higher one parts what is answered from what is only quoted. Both
kinds of question weigh the same, whatever their numbers.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float64]
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

    def write(self, path: Path) -> None:
        """Writes the gate's file."""
        held = {"weights": self.weights, "bias": self.bias, "least": self.least, "sure": self.sure}
        path.write_text(json.dumps(held) + "\n", "utf-8")


def fit(
    found: Sequence[tuple[dict[str, float], bool]], *, wrongly: float = 0.05, unsure: float = 0.12, ridge: float = 1.0
) -> Fitted:
    """The gate for these (signals, answerable) pairs; both kinds must be there.

    wrongly, unsure: the shares of answerable questions that may be declined, and that may fall below ``sure``.
    """
    names = sorted(found[0][0])
    x = np.array([[signals[name] for name in names] for signals, _ in found], dtype=np.float64)
    y = np.array([answerable for _, answerable in found], dtype=np.float64)
    if not 0 < y.sum() < len(y):
        raise ValueError("a gate is fitted on questions with an answer and on questions without")
    judged = _out_of_fold(x, y, ridge)
    yes, no = np.sort(judged[y == 1]), judged[y == 0]
    least, sure = (float(yes[int(share * len(yes))]) for share in (wrongly, unsure))
    weights = _solve(x, y, ridge)
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


def _out_of_fold(x: Rows, y: Rows, ridge: float) -> Rows:
    """Each question's probability by the weights of the other folds."""
    fold = np.random.default_rng(SEED).permutation(len(y)) % min(FOLDS, len(y))
    judged = np.zeros(len(y))
    for number in range(int(fold.max()) + 1):
        held = fold == number
        judged[held] = _probability(x[held], _solve(x[~held], y[~held], ridge))
    return judged


def _solve(x: Rows, y: Rows, ridge: float, rounds: int = 50) -> Rows:
    """Weights and bias by Newton's method; the ridge leaves the bias alone."""
    whole = np.column_stack([x, np.ones(len(x))])
    share = np.where(y == 1, 0.5 / max(1.0, y.sum()), 0.5 / max(1.0, (1 - y).sum())) * len(y)
    penalty = np.diag([ridge] * x.shape[1] + [1e-6])
    weights = np.zeros(whole.shape[1])
    for _ in range(rounds):
        p = _probability(x, weights)
        slope = whole.T @ (share * (y - p)) - penalty @ weights
        curve = (whole * (share * p * (1 - p))[:, None]).T @ whole + penalty
        step = np.linalg.solve(curve, slope)
        weights = weights + step
        if np.abs(step).max() < 1e-9:
            break
    return weights


def _probability(x: Rows, weights: Rows) -> Rows:
    return np.asarray(1 / (1 + np.exp(-np.clip(x @ weights[:-1] + weights[-1], -30, 30))))
