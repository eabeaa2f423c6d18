"""A run as one page that needs nothing else: how it was made, figures with their spread, plots, and what went wrong."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

from evaluation import plots
from evaluation.judging import Outcome
from evaluation.metrics import LESS_IS_BETTER, Difference, Figure, auc, by, percentiles
from evaluation.run import TIMINGS, Run

STYLE = """
:root { color-scheme: light dark }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; padding: .2rem .6rem .2rem 0; border-bottom: 1px solid #8884 }
svg { width: 100%; height: auto; font-size: 12px; fill: currentColor }
.grid { stroke: currentColor; stroke-opacity: .15 }
.spread { stroke: currentColor; stroke-width: 1.5 }
.legend span { margin-right: 1.2rem }
.legend i { display: inline-block; width: .8em; height: .8em; margin-right: .4em }
.small, code { font-size: 13px }
"""
FIRST = (
    "hit@1",
    "hit@5",
    "key_facts",
    "citation_precision",
    "citation_recall",
    "declining_recall",
    "declining_precision",
)


def text(run: Run) -> str:
    """The figures as lines for a terminal."""
    lines = [f"{name:<22}{_spread(figure)}" for name, figure in run.measured.items()]
    for timing in TIMINGS:
        found = percentiles(run.outcomes, timing)
        if found:
            lines.append(
                f"{timing + ' ms':<22}"
                + "  ".join(
                    f"{name} {figure.value:,.0f} [{figure.low:,.0f}-{figure.high:,.0f}]"
                    for name, figure in found.items()
                )
            )
    separation = auc(run.outcomes)
    return "\n".join(lines + ([f"{'score AUC':<22}{separation:.3f}"] if separation is not None else []))


def differences(found: Sequence[Difference]) -> str:
    """A comparison as lines for a terminal."""
    lines = [f"{'measure':<22}{'A':>7}{'B':>7}{'B - A':>8}  95 % interval      p      n"]
    for d in found:
        said = ""
        if d.significant:
            said = "better" if (d.b > d.a) != (d.measure in LESS_IS_BETTER) else "worse"
        lines.append(
            f"{d.measure:<22}{d.a:>7.3f}{d.b:>7.3f}{d.b - d.a:>+8.3f}  [{d.low:+.3f}, {d.high:+.3f}]"
            f"  {d.p:.3f}  {d.n:>4}  {said}"
        )
    return "\n".join(lines)


def page(run: Run, name: str) -> str:
    """The whole page."""
    parts = [
        f"<h1>Plainsource, evaluation {escape(name)}</h1>",
        _about(run),
        "<h2>Figures</h2>",
        _table(run.measured),
        _timings(run),
    ]
    parts += ["<h2>By category</h2>", *_plots(run), "<h2>What went wrong</h2>", _wrong(run)]
    parts.append(
        '<p class="small">Intervals: 95 %, bootstrap over questions. Citation figures come from a lexical judge that '
        "shares no code with the assistant's own check: numbers, names and most content words of a sentence must stand "
        "in the passage it cites.</p>"
    )
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>Evaluation {escape(name)}</title><style>{STYLE}</style><body>{''.join(parts)}</body></html>\n"
    )


def write(run: Run, name: str, path: Path) -> Path:
    """Writes the page."""
    path.write_text(page(run, name), "utf-8")
    return path


def _about(run: Run) -> str:
    rows = []
    for key, value in run.about.items():
        said = ", ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else str(value)
        rows.append(f"<tr><th>{escape(key)}</th><td><code>{escape(said)}</code></td></tr>")
    return f"<table>{''.join(rows)}</table>"


def _table(found: dict[str, Figure]) -> str:
    rows = (
        f"<tr><th>{escape(name)}</th><td>{f.value:.3f}</td><td>{f.low:.3f} to {f.high:.3f}</td><td>{f.n}</td></tr>"
        for name, f in found.items()
    )
    return (
        f"<table><tr><th>measure</th><th>mean</th><th>95 % interval</th><th>questions</th></tr>{''.join(rows)}</table>"
    )


def _timings(run: Run) -> str:
    rows = []
    for timing in TIMINGS:
        rows += [
            f"<tr><th>{timing}, {q}</th><td>{f.value:,.0f} ms</td><td>{f.low:,.0f} to {f.high:,.0f}</td></tr>"
            for q, f in percentiles(run.outcomes, timing).items()
        ]
    return f"<table>{''.join(rows)}</table>" if rows else ""


def _plots(run: Run) -> list[str]:
    names = [name for name in FIRST if name in run.measured]
    groups = by(run.outcomes, lambda o: o.category, names)
    out = [
        _grouped(
            groups, [n for n in ("hit@1", "hit@5") if n in names], "The right passage is first, or among the first five"
        )
    ]
    out.append(_grouped(groups, [n for n in ("key_facts",) if n in names], "All key facts are in the answer"))
    out.append(
        _grouped(
            groups,
            [n for n in ("citation_precision", "citation_recall") if n in names],
            "What is cited holds what is said",
        )
    )
    out.append(_verdicts(run))
    out.append(
        plots.calibration(_calibration(run.outcomes), "Score of the first passage, and how often there is an answer")
    )
    times = {t: [o.timings[t] / 1000 for o in run.outcomes if t in o.timings and not o.declined] for t in TIMINGS}
    times = {t: values for t, values in times.items() if values}
    return [*out, plots.steps(times, "Share of questions that took at most so long", "s") if times else ""]


def _grouped(groups: dict[str, dict[str, Figure]], names: Sequence[str], title: str) -> str:
    labels = [group for group, found in groups.items() if any(name in found for name in names)]
    series = {name: [_bar(groups[label].get(name)) for label in labels] for name in names}
    return (
        plots.bars(
            [f"{label} ({max(groups[label][n].n for n in names if n in groups[label])})" for label in labels],
            series,
            title,
        )
        if labels
        else ""
    )


def _bar(figure: Figure | None) -> plots.Bar | None:
    return (figure.value, figure.low, figure.high) if figure else None


def _verdicts(run: Run) -> str:
    categories = sorted({o.category for o in run.outcomes if o.verdicts})
    names = sorted({verdict for o in run.outcomes for verdict in o.verdicts})
    counts = {
        v: [sum(o.verdicts.get(v, 0) for o in run.outcomes if o.category == c) for c in categories] for v in names
    }
    return plots.stacks(categories, counts, "Verdicts on the sentences that are shown") if categories else ""


def _calibration(outcomes: Sequence[Outcome], groups: int = 10) -> list[tuple[float, float, int]]:
    """Questions by the score of their first passage, in tenths: mean score, share with an answer, how many."""
    found = sorted((o.score, o.answerable) for o in outcomes if o.depth)
    size = max(1, -(-len(found) // groups))
    tenths = [found[at : at + size] for at in range(0, len(found), size)]
    return [(sum(s for s, _ in t) / len(t), sum(a for _, a in t) / len(t), len(t)) for t in tenths]


def _wrong(run: Run) -> str:
    rows = "".join(
        f"<tr><td>{escape(o.id)}</td><td>{escape(o.status)}</td>"
        f"<td>{min(o.ranks, default='–')}</td><td>{escape(o.opening)}</td></tr>"
        for o in run.outcomes
        if _is_wrong(run, o)
    )
    head = "<tr><th>question</th><th>status</th><th>gold at</th><th>the answer begins</th></tr>"
    return f'<table class="small">{head}{rows}</table>'


def _is_wrong(run: Run, o: Outcome) -> bool:
    if run.about.get("retrieval_only"):
        return o.answerable and not any(rank <= 5 for rank in o.ranks)
    return not o.right or bool(o.obeyed)


def _spread(figure: Figure) -> str:
    return f"{figure.value:.3f} [{figure.low:.3f}-{figure.high:.3f}]  n {figure.n}"
