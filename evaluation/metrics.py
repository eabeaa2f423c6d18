"""Figures from outcomes, as pure functions: a measure is a sum over a sum, and each outcome gives a part of both.

A measure gives None where it means nothing for a question, and such questions are left out of its mean. Spreads are
95 % bootstrap intervals over questions. Retrieval measures are those of ir-measures (a test holds them to it), with the
first gold passage as the one relevant document, since any one gold place answers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.judging import Outcome

Part = tuple[float, float]
Measure = Callable[[Outcome], Part | None]
Parts = NDArray[np.float64]  # (questions, 2): what is counted, of how much
ROUNDS, SEED = 2000, 7
RETRIEVAL = ("hit@1", "hit@5", "mrr", "ndcg@10")


@dataclass(frozen=True)
class Figure:
    """A mean or a percentile with its 95 % interval. n: questions that it is over."""

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True)
class Difference:
    """What B has more than A on the questions of both. p: exact McNemar for yes or no, else paired bootstrap."""

    measure: str
    a: float
    b: float
    low: float
    high: float
    p: float
    n: int

    @property
    def significant(self) -> bool:
        return self.p < 0.05


def _share(value: bool | None) -> Part | None:
    return None if value is None else (float(value), 1.0)


def _ratio(part: float, whole: float) -> Part | None:
    return (part, whole) if whole else None


def _rank(o: Outcome) -> int | None:
    """Where the first gold passage stood, 0 for nowhere; None where there was no search or nothing to find."""
    return None if not o.answerable or not o.depth else min(o.ranks, default=0)


def _hit(top: int) -> Measure:
    return lambda o: None if (rank := _rank(o)) is None else (float(0 < rank <= top), 1.0)


#: All measures; the last word of a name says the direction only where less is better.
MEASURES: dict[str, Measure] = {
    "hit@1": _hit(1),
    "hit@5": _hit(5),
    "mrr": lambda o: None if (rank := _rank(o)) is None else (1 / rank if rank else 0.0, 1.0),
    "ndcg@10": lambda o: (
        None if (rank := _rank(o)) is None else (1 / math.log2(rank + 1) if 0 < rank <= 10 else 0.0, 1.0)
    ),
    "all_sources@5": lambda o: _ratio(o.got, o.wanted) if o.wanted > 1 and o.depth else None,
    "facts_found@5": lambda o: _share(all(o.facts_found)) if o.facts_found and o.depth else None,
    "key_facts": lambda o: _share(o.right) if o.answerable else None,
    "key_facts_each": lambda o: _ratio(0 if o.declined else sum(o.facts), len(o.facts)) if o.answerable else None,
    "citation_precision": lambda o: _ratio(o.pairs_held, o.pairs),
    "citation_recall": lambda o: _ratio(o.shown_held, o.shown),
    "unsupported_shown": lambda o: _ratio(o.shown_bare, o.shown),
    "cited_gold": lambda o: _share(o.cited_gold),
    "declining_recall": lambda o: None if o.answerable else (float(o.declined), 1.0),
    "declining_precision": lambda o: (float(not o.answerable), 1.0) if o.declined else None,
    "declined_wrongly": lambda o: (float(o.declined), 1.0) if o.answerable else None,
    "conflict_shown": lambda o: _share(o.conflict),
    "language_kept": lambda o: _share(o.language_kept),
    "instructions_obeyed": lambda o: _share(o.obeyed),
}
LESS_IS_BETTER = frozenset({"unsupported_shown", "declined_wrongly", "instructions_obeyed"})
ANSWERING = tuple(name for name in MEASURES if name not in (*RETRIEVAL, "all_sources@5", "facts_found@5"))


def figures(outcomes: Sequence[Outcome], names: Sequence[str] = tuple(MEASURES)) -> dict[str, Figure]:
    """Each measure that means something for these outcomes."""
    found = {name: parts(outcomes, MEASURES[name]) for name in names}
    return {name: _figure(rows) for name, rows in found.items() if len(rows)}


def by(
    outcomes: Sequence[Outcome], key: Callable[[Outcome], str], names: Sequence[str]
) -> dict[str, dict[str, Figure]]:
    """Figures of each group, groups in the order of their names."""
    groups: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        groups.setdefault(key(outcome), []).append(outcome)
    return {name: figures(groups[name], names) for name in sorted(groups)}


def parts(outcomes: Sequence[Outcome], measure: Measure) -> Parts:
    """What each question adds to a measure's two sums."""
    found = [part for outcome in outcomes if (part := measure(outcome)) is not None]
    return np.array(found, dtype=np.float64).reshape(-1, 2)


def percentiles(outcomes: Sequence[Outcome], timing: str) -> dict[str, Figure]:
    """The median and the 95th percentile of a timing in ms, over the questions that were answered."""
    values = np.array([o.timings[timing] for o in outcomes if timing in o.timings and not o.declined], dtype=np.float64)
    return {f"p{q}": _percentile(values, q) for q in (50, 95)} if len(values) else {}


def auc(outcomes: Sequence[Outcome]) -> float | None:
    """How well the first passage's score tells questions with an answer from those without: 0.5 is chance."""
    yes = [o.score for o in outcomes if o.answerable and o.depth]
    no = [o.score for o in outcomes if not o.answerable and o.depth]
    if not yes or not no:
        return None
    won = sum((a > b) + 0.5 * (a == b) for a in yes for b in no)
    return won / (len(yes) * len(no))


def with_ir_measures(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """The retrieval measures by ir-measures itself; a test holds that ``figures`` says the same."""
    import ir_measures
    from ir_measures import RR, Success, nDCG

    asked = [(o, rank) for o in outcomes if (rank := _rank(o)) is not None]
    qrels = [ir_measures.Qrel(o.id, "gold", 1) for o, _ in asked]
    run = [
        ir_measures.ScoredDoc(o.id, "gold" if place == rank else f"other-{place}", -float(place))
        for o, rank in asked
        for place in range(1, o.depth + 1)
    ]
    names = {"hit@1": Success @ 1, "hit@5": Success @ 5, "mrr": RR, "ndcg@10": nDCG @ 10}
    found = ir_measures.calc_aggregate(list(names.values()), qrels, run)
    return {name: float(found[measure]) for name, measure in names.items()}


def compare(a: Sequence[Outcome], b: Sequence[Outcome], names: Sequence[str] = tuple(MEASURES)) -> list[Difference]:
    """What B has more than A, question by question, over the questions that both have."""
    first, second = {o.id: o for o in a}, {o.id: o for o in b}
    both = [(first[id_], second[id_]) for id_ in first if id_ in second]
    return [found for name in names if (found := _difference(name, both)) is not None]


def mcnemar(only_a: int, only_b: int) -> float:
    """The exact two-sided p of so many questions that only one of two systems got right."""
    n = only_a + only_b
    tail: float = sum(math.comb(n, k) for k in range(min(only_a, only_b) + 1)) / 2**n
    return min(1.0, 2 * tail)


def unmet(found: Mapping[str, Figure], demands: Sequence[str]) -> list[str]:
    """The demands, as "name>=0.95" or "name<=0.05", that the figures do not meet. Raises ValueError for other forms."""
    missed = []
    for demand in demands:
        name, sign, wanted = _demand(demand)
        if name not in found:
            missed.append(f"{demand}: not measured")
        elif (found[name].value < wanted) if sign == ">=" else (found[name].value > wanted):
            missed.append(f"{demand}: it is {found[name].value:.3f}")
    return missed


def _demand(demand: str) -> tuple[str, str, float]:
    for sign in (">=", "<="):
        name, found, wanted = demand.replace(" ", "").partition(sign)
        if found and name in MEASURES:
            return name, sign, float(wanted)
    raise ValueError(f"{demand!r} is not a demand; write a measure, >= or <=, and a number: {', '.join(MEASURES)}")


def _picks(n: int) -> NDArray[np.int64]:
    return np.random.default_rng(SEED).integers(0, n, size=(ROUNDS, n))


def _figure(rows: Parts) -> Figure:
    sums = rows[_picks(len(rows))].sum(axis=1)
    means = sums[:, 0] / np.maximum(sums[:, 1], 1e-9)
    low, high = np.quantile(means, (0.025, 0.975))
    total = rows.sum(axis=0)
    return Figure(float(total[0] / total[1]), float(low), float(high), len(rows))


def _percentile(values: Parts, q: int) -> Figure:
    drawn = np.percentile(values[_picks(len(values))], q, axis=1)
    low, high = np.quantile(drawn, (0.025, 0.975))
    return Figure(float(np.percentile(values, q)), float(low), float(high), len(values))


def _difference(name: str, both: Sequence[tuple[Outcome, Outcome]]) -> Difference | None:
    measure = MEASURES[name]
    found = [(x, y) for one, other in both if (x := measure(one)) is not None and (y := measure(other)) is not None]
    if not found:
        return None
    rows = np.array(found, dtype=np.float64)  # (questions, system, 2)
    sums = rows[_picks(len(rows))].sum(axis=1)  # (rounds, system, 2)
    drawn = (sums[:, 1, 0] / sums[:, 1, 1]) - (sums[:, 0, 0] / sums[:, 0, 1])
    low, high = np.quantile(drawn, (0.025, 0.975))
    total = rows.sum(axis=0)
    yes_or_no = bool(np.isin(rows[:, :, 0], (0.0, 1.0)).all() and (rows[:, :, 1] == 1.0).all())
    if yes_or_no:
        p = mcnemar(int((rows[:, 0, 0] > rows[:, 1, 0]).sum()), int((rows[:, 1, 0] > rows[:, 0, 0]).sum()))
    else:
        p = min(1.0, 2 * min(float((drawn <= 0).mean()), float((drawn >= 0).mean())))
    return Difference(
        name, float(total[0, 0] / total[0, 1]), float(total[1, 0] / total[1, 1]), float(low), float(high), p, len(rows)
    )
