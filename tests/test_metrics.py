"""Metrics by tables, with the arithmetic beside them."""

from __future__ import annotations

import math

import pytest

from evaluation.calibrate import fit
from evaluation.judging import Outcome, holds, judge, opening, plain, says
from evaluation.metrics import (
    MEASURES,
    Figure,
    auc,
    by,
    compare,
    figures,
    mcnemar,
    percentiles,
    unmet,
    with_ir_measures,
)
from evaluation.observed import Observed, Piece, Shown, from_text
from evaluation.questions import Gold, Question

GOLD = Gold("lamp", marks=("700 million",))
ASKED = Question("q1", "How many?", "licence", True, "dev", key_facts=("700 million",), gold=(GOLD,))
UNASKED = Question("q2", "How hot?", "unanswerable-inside", False, "dev")
RIGHT = Piece("lamp", "2. Users", 0, 40, "More than 700 million users need a licence.")
OTHER = Piece("lamp", "3. End", 41, 60, "The grant ends with the lamp.")


def outcome(id_: str = "q", **fields: object) -> Outcome:
    """An answered question of ten passages, but for what is said."""
    held = {"category": "licence", "language": "en", "answerable": True, "status": "answered", "depth": 10, **fields}
    return Outcome(id=id_, **held)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "fact", "said"),
    [
        ("Above 700 million users.", "700 million", True),
        ("Above 1700 million users.", "700 million", False),  # a number matches whole
        ("a revenue of US $1,000,000", "1000000|1 million", True),
        ("The licence terminates.", "terminate", True),  # words match at their beginning
        ("It is a determinate case.", "terminate", False),
        ("It is open-weight.", "open weight", True),  # hyphens are spaces
        ("points (a) and (b)", "(a)", True),
        ("You may not sell it.", "no", True),
        ("That doesn’t hold.", "no", True),
        ("La licence ne le permet pas.", "no", True),
        ("A notice of note.", "no", False),
        ("A non-commercial use.", "no", False),
        ("It runs for 3 years.", "30", False),
    ],
)
def test_key_facts(text: str, fact: str, said: bool) -> None:
    assert says(text, fact) is said


def test_plain_text_is_what_is_compared() -> None:
    assert plain("**US $1,000,000** – “Built  with\nLlama”") == "us $1000000 “built with llama”"


@pytest.mark.parametrize(
    ("sentence", "cited", "held"),
    [
        ("More than 700 million users need a licence.", (RIGHT,), True),
        ("More than 800 million users need a licence.", (RIGHT,), False),  # a number that is not there
        (
            "More than 700 million users in Ghana need a licence.",
            (RIGHT,),
            False,
        ),  # enough words, but a name that is not there
        ("Bananas are cheap in summer markets.", (RIGHT,), False),  # 0 of 4 words
        ("More than 700 million users need a licence.", (), False),
        ("The grant ends, and 700 million users need a licence.", (RIGHT, OTHER), True),  # two pieces together
    ],
)
def test_what_is_cited_holds_what_is_said(sentence: str, cited: tuple[Piece, ...], held: bool) -> None:
    assert holds(Shown(sentence, "supported", cited), cited) is held


def test_a_right_answer() -> None:
    shown = Shown("More than 700 million users need a licence.", "supported", (RIGHT,))
    found = judge(ASKED, Observed("answered", (shown,), (OTHER, RIGHT)))
    assert (found.right, found.ranks, found.cited_gold, found.pairs_held, found.shown_bare) == (True, (2,), True, 1, 0)


def test_a_note_that_rests_on_the_gold_source_counts_if_it_says_what_is_asked() -> None:
    note = Piece("note-lamps", "Users", 0, 9, "The limit is 700 million.", ("lamp",))
    silent = Piece("note-lamps", "Colour", 10, 19, "The lamp is grey.", ("lamp",))
    assert judge(ASKED, Observed("answered", (), (silent, note))).ranks == (2,)


def test_a_declined_question_says_nothing() -> None:
    shown = Shown("700 million", "supported", (RIGHT,))
    assert not judge(ASKED, Observed("declined", (shown,), (RIGHT,))).right
    assert judge(UNASKED, Observed("declined", (), (RIGHT,))).right


@pytest.mark.parametrize(
    ("category", "sources", "passages", "wanted", "got"),
    [
        ("multi", ("lamp", "torch"), (RIGHT, OTHER), 2, 1),
        ("multi", ("lamp",), (RIGHT,), 1, 1),
        ("licence", ("lamp", "torch"), (RIGHT,), 0, 0),
    ],
)
def test_questions_of_several_parts(
    category: str, sources: tuple[str, ...], passages: tuple[Piece, ...], wanted: int, got: int
) -> None:
    asked = Question("m", "Both?", category, True, "dev", key_facts=("700 million",), gold=tuple(map(Gold, sources)))
    found = judge(asked, Observed("answered", (), passages))
    assert (found.wanted, found.got) == (wanted, got)


@pytest.mark.parametrize(
    ("measure", "outcomes", "value", "n"),
    [
        ("hit@1", [outcome(ranks=(1,)), outcome(ranks=(2,))], 1 / 2, 2),
        ("hit@5", [outcome(ranks=(1,)), outcome(ranks=(6,)), outcome(ranks=(5, 9))], 2 / 3, 3),
        ("mrr", [outcome(ranks=(2,)), outcome(ranks=(4,)), outcome()], (1 / 2 + 1 / 4 + 0) / 3, 3),
        ("ndcg@10", [outcome(ranks=(3,)), outcome()], (1 / math.log2(4) + 0) / 2, 2),
        ("hit@1", [outcome(ranks=(1,)), outcome(answerable=False), outcome(depth=0)], 1.0, 1),  # two abstain
        ("key_facts", [outcome(facts=(True, True)), outcome(facts=(True, False))], 1 / 2, 2),
        ("key_facts", [outcome(facts=(True,), status="declined")], 0.0, 1),
        ("key_facts_each", [outcome(facts=(True, True)), outcome(facts=(True, False, False))], 3 / 5, 2),
        ("citation_precision", [outcome(pairs=3, pairs_held=3), outcome(pairs=1)], 3 / 4, 2),
        ("citation_recall", [outcome(shown=2, shown_held=1), outcome()], 1 / 2, 1),
        ("unsupported_shown", [outcome(shown=4, shown_bare=1)], 1 / 4, 1),
        ("declining_recall", [outcome(answerable=False, status=s) for s in ("declined", "answered")], 1 / 2, 2),
        ("declining_precision", [outcome(answerable=a, status="declined") for a in (True, False, False)], 2 / 3, 3),
        ("declined_wrongly", [outcome(status="declined"), outcome(), outcome(answerable=False)], 1 / 2, 2),
        ("all_sources@5", [outcome(wanted=2, got=1), outcome(wanted=1, got=1)], 1 / 2, 1),
        ("conflict_shown", [outcome(conflict=True), outcome(conflict=None), outcome(conflict=False)], 1 / 2, 2),
    ],
)
def test_measures(measure: str, outcomes: list[Outcome], value: float, n: int) -> None:
    found = figures(outcomes, (measure,))[measure]
    assert found.value == pytest.approx(value)
    assert found.n == n
    assert found.low <= found.value <= found.high


def test_no_question_no_figure() -> None:
    assert figures([], tuple(MEASURES)) == {}
    assert "conflict_shown" not in figures([outcome()])


def test_our_retrieval_figures_are_those_of_ir_measures() -> None:
    pytest.importorskip("ir_measures")
    outcomes = [outcome(f"q{n}", ranks=ranks) for n, ranks in enumerate([(1,), (2, 3), (7,), (), (10,)])]
    ours = figures(outcomes)
    assert {name: ours[name].value for name in ("hit@1", "hit@5", "mrr", "ndcg@10")} == pytest.approx(
        with_ir_measures(outcomes)
    )


def test_percentiles_leave_declined_questions_out() -> None:
    outcomes = [outcome(timings={"total": ms}) for ms in (100, 200, 300)]
    outcomes.append(outcome(status="declined", timings={"total": 9999}))
    assert percentiles(outcomes, "total")["p50"].value == 200
    assert percentiles(outcomes, "first_sentence") == {}


@pytest.mark.parametrize(
    ("yes", "no", "value"),
    [((3.0, 2.0), (1.0,), 1.0), ((1.0,), (1.0,), 0.5), ((1.0, 3.0), (2.0,), 0.5), ((1.0,), (), None)],
)
def test_the_score_tells_answerable_questions_apart(
    yes: tuple[float, ...], no: tuple[float, ...], value: float | None
) -> None:
    assert auc([outcome(score=s) for s in yes] + [outcome(score=s, answerable=False) for s in no]) == value


@pytest.mark.parametrize(
    ("only_a", "only_b", "p"),
    [
        (0, 0, 1.0),
        (0, 5, 2 / 2**5),  # 2 · C(5,0) / 32
        (1, 5, 2 * (1 + 6) / 2**6),  # 2 · (C(6,0) + C(6,1)) / 64
        (4, 4, 1.0),
    ],
)
def test_mcnemar(only_a: int, only_b: int, p: float) -> None:
    assert mcnemar(only_a, only_b) == pytest.approx(p)


def test_a_comparison_is_over_the_questions_of_both() -> None:
    a = [outcome(f"q{n}", facts=(False,)) for n in range(6)]
    b = [outcome(f"q{n}", facts=(True,)) for n in range(6)] + [outcome("q9", facts=(True,))]
    found = {difference.measure: difference for difference in compare(a, b)}["key_facts"]
    assert (found.a, found.b, found.n, found.significant) == (0.0, 1.0, 6, True)  # p = 2 / 2**6 = 0.031
    assert found.p == pytest.approx(0.03125)


def test_groups() -> None:
    outcomes = [outcome(category="law", ranks=(1,)), outcome(category="article")]
    found = by(outcomes, lambda o: o.category, ("hit@1",))
    assert [(name, group["hit@1"].value) for name, group in found.items()] == [("article", 0.0), ("law", 1.0)]


FOUND = {"hit@1": Figure(0.9, 0.8, 1.0, 50), "declined_wrongly": Figure(0.06, 0.0, 0.1, 50)}


@pytest.mark.parametrize(
    ("demand", "met"),
    [
        ("hit@1>=0.9", True),
        ("hit@1 >= 0.91", False),
        ("declined_wrongly<=0.05", False),
        ("declined_wrongly<=0.1", True),
        ("mrr>=0.1", False),
    ],
)
def test_demands(demand: str, met: bool) -> None:
    assert (unmet(FOUND, [demand]) == []) is met


@pytest.mark.parametrize("demand", ["hit@1", "nothing>=1", "hit@1>=much"])
def test_demands_that_are_none(demand: str) -> None:
    with pytest.raises(ValueError, match=r"demand|convert"):
        unmet(FOUND, [demand])


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("The context does not mention it.", "declined"),
        ("I don't know.", "declined"),
        ("", "declined"),
        ("The limit is 700 million users.", "answered"),
        ("Je ne sais pas.", "declined"),
    ],
)
def test_a_refusal_in_words(text: str, status: str) -> None:
    assert from_text(text, engine="x", total_ms=1).status == status


def test_an_opening_copies_little() -> None:
    assert opening("one two three four five six seven eight") == "one two three four five six seven …"


def test_a_gate_is_fitted() -> None:
    found = [({"score": n / 100, "noise": (n * 7 % 13) / 13}, n >= 50) for n in range(100)]
    fitted = fit(found, wrongly=0.04)
    assert fitted.weights["score"] > abs(fitted.weights["noise"])
    assert fitted.auc > 0.95 and fitted.declined_wrongly <= 0.04
    with pytest.raises(ValueError, match="without"):
        fit(found[:50])
