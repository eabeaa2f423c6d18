"""python -m evaluation: run, compare, report, adapt, calibrate."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import settings
from assistant import finding, gate, learnt, signals
from assistant.asked_for import relation
from assistant.conversation import standalone
from assistant.evidence import best_sentences
from assistant.learnt import Learnt
from errors import SettingsError, SourceError, UserError
from evaluation import adapting, calibrate, field, material, metrics, near_misses, questions, report, run
from knowledge import adapter
from knowledge.documents import Passage
from knowledge.embedding import Embedder
from knowledge.search import Searcher

WRONGLY_OF_BARE = 0.03  # of questions about a user's own documents fewer are declined: the reader knows what is in them
KEPT = 96  # of the 384 numbers of a relation: the area under the gate's curve is the same to 0.001


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: 0 all well, 1 what a person can mend or a demand that is not met, 2 wrong usage."""
    chosen = _parser().parse_args(arguments)
    try:
        return int(chosen.do(chosen))
    except UserError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1


def _run(chosen: argparse.Namespace) -> int:
    try:
        metrics.unmet({}, chosen.require)
    except ValueError as error:
        raise SettingsError(f"{error}.") from None
    asked = [
        q
        for path in chosen.questions
        for q in questions.load(path, split=chosen.split, categories=chosen.category, limit=chosen.limit)
    ]
    about = {
        **run.circumstances(),
        "split": chosen.split or "all",
        "retrieval_only": chosen.retrieval_only,
        "files": " ".join(path.name for path in chosen.questions),
        "asks": (chosen.url and "a server") or "this process",
    }
    with _progress(chosen.quiet) as tell:
        done = run.carry_out(asked, _system(chosen), about=about, progress=tell, answers=chosen.answers)
    asked_of = "search" if chosen.retrieval_only else done.about["engine"] or "system"
    name = chosen.name or f"{about['date'][:10]}-{about['split']}-{asked_of}"
    path = run.save(done, name, chosen.out)
    print(report.text(done))
    print(f"Kept as {path.name}; python -m evaluation report {path.stem} makes a page of it.")
    missed = metrics.unmet(done.measured, chosen.require)
    for demand in missed:
        print(f"Not met: {demand}", file=sys.stderr)
    return 1 if missed else 0


def _compare(chosen: argparse.Namespace) -> int:
    a, b = run.read(chosen.a, chosen.out), run.read(chosen.b, chosen.out)
    found = metrics.compare(a.outcomes, b.outcomes)
    if not found:
        raise SourceError("The two runs have no question in common.")
    if a.about.get("questions") != b.about.get("questions"):
        print("The runs were made with different sets of questions; only ids that both have are compared.")
    print(report.differences(found))
    right = [{o.id for o in kept.outcomes if o.right} for kept in (a, b)]
    both = {o.id for o in a.outcomes} & {o.id for o in b.outcomes}
    print(f"Right only in A: {', '.join(sorted((right[0] - right[1]) & both)) or 'none'}")
    print(f"Right only in B: {', '.join(sorted((right[1] - right[0]) & both)) or 'none'}")
    return 0


def _report(chosen: argparse.Namespace) -> int:
    kept = run.read(chosen.run, chosen.out)
    path = report.write(kept, chosen.run, chosen.to or chosen.out / f"{Path(chosen.run).stem}.html")
    print(f"Written: {path.name}, {path.stat().st_size / 1024:.0f} KiB, beside the run's JSON.")
    return 0


def _adapt(chosen: argparse.Namespace) -> int:
    from assistant import opening

    knobs = settings.read()
    searcher, embedder = opening.open_searcher(knobs)[0], Embedder(knobs.embedder)
    held = material.Material.of(searcher.rows, near_misses.near_misses(), searcher.english, embedder)
    change = adapting.adapt(held, embedder, steps=chosen.steps)
    if chosen.write:
        change.write()
        print(f"Written: {adapter.FILE.name}. Now: python -m ingest, then python -m evaluation calibrate --write.")
    return 0


def _calibrate(chosen: argparse.Namespace) -> int:
    from assistant import opening  # comparing and reporting need no engine

    searcher = opening.open_searcher(settings.read())[0]
    asked = [q for path in chosen.questions for q in questions.load(path) if q.split == chosen.split]
    missed = [relation(miss.question) for miss in near_misses.near_misses()]
    direction = field.learn(searcher.vectors(field.inside(searcher)), searcher.vectors(field.outside(searcher.english)))
    learned = learnt.learn(searcher.embedder, searcher.vectors(missed), KEPT, direction)
    of_known, of_bare = (*signals.SIGNALS, *signals.LEARNT), (*signals.SIGNALS, *signals.BARE)
    known_rows, bare_rows = [], []
    for question in asked:
        alone = standalone(question.question, question.history, searcher.router)
        if finding.parts(alone, searcher):
            continue  # it is judged by its parts too
        passages = searcher.search(alone)
        found = _signals(searcher, alone, passages, learned)
        if found.pop(signals.KNOWN):
            known_rows.append(({name: found[name] for name in of_known}, question.answerable))
        without = _signals(searcher, alone, signals.unasked(passages))
        bare_rows.append(({name: without[name] for name in of_bare}, question.answerable))
    try:
        known = calibrate.fit(known_rows, wrongly=chosen.wrongly)
        bare = calibrate.fit(bare_rows, wrongly=min(chosen.wrongly, WRONGLY_OF_BARE))
    except ValueError as error:
        raise SettingsError(f"{error}.", mend="python -m evaluation calibrate") from None
    for name in sorted({**known.weights, **bare.weights}):
        print(f"{name:<12}{known.weights.get(name, 0.0):+.3f} {bare.weights.get(name, 0.0):+.3f}")
    for what, fitted in (("known", known), ("bare", bare)):
        print(
            f"{what}: bias {fitted.bias:+.3f}, least {fitted.least:.3f}, sure {fitted.sure:.3f}; "
            f"AUC {fitted.auc:.3f} out of fold, {len(bare_rows)} questions; "
            f"declined: {fitted.declined_rightly:.3f} of those without an answer, "
            f"{fitted.declined_wrongly:.3f} of those with one"
        )
    if chosen.write:
        calibrate.write(gate.FILE, known, bare)
        learned.write()
        print(f"Written: {gate.FILE.name}, gate.npz")
    return 0


def _signals(
    searcher: Searcher, question: str, passages: Sequence[Passage], learned: Learnt | None = None
) -> dict[str, float]:
    """What the gate weighs."""
    english = searcher.english(question)
    evidence = best_sentences(english, passages, searcher.lexicon, searcher.router)
    return signals.signals(english, passages, evidence, searcher, original=question, learnt=learned)


def _system(chosen: argparse.Namespace) -> run.System:
    from assistant import opening

    known = settings.read(model=chosen.model or None)
    if chosen.retrieval_only:
        searcher = opening.open_searcher(known)[0]
        return run.Search(searcher, lambda question, history: standalone(question, history, searcher.router))
    if not chosen.url:
        return run.Ours(opening.open_assistant(known))
    if chosen.url.rstrip("/").endswith("/v1"):
        if not chosen.model:
            raise SettingsError("An OpenAI-compatible endpoint needs the name of its model.", mend="add --model NAME")
        return run.Compatible(chosen.url, chosen.model, known.openai_api_key)
    return run.Server(chosen.url, known.api_token)


class _progress:
    """Progress on one line of a terminal; a line each where there is none."""

    def __init__(self, quiet: bool) -> None:
        self._quiet, self._lively = quiet, sys.stderr.isatty()

    def __enter__(self) -> _progress:
        return self

    def __call__(self, line: str) -> None:
        if not self._quiet:
            print(
                f"\r\x1b[K{line[:110]}" if self._lively else line,
                end="" if self._lively else "\n",
                file=sys.stderr,
                flush=True,
            )

    def __exit__(self, *_: object) -> None:
        if self._lively and not self._quiet:
            print(file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m evaluation", description="How good the assistant is, in numbers.")
    tasks = parser.add_subparsers(required=True, metavar="task")
    asking = tasks.add_parser("run", help="ask the questions, judge the answers, keep the figures")
    asking.add_argument(
        "--questions",
        type=Path,
        nargs="+",
        default=[questions.FILE],
        help="JSON lines; the repository's own by default",
    )
    asking.add_argument("--split", choices=questions.SPLITS, default="", help="one half only; tune on dev, report test")
    asking.add_argument("--category", nargs="+", choices=questions.CATEGORIES, default=[], help="some categories only")
    asking.add_argument("--limit", type=int, default=0, help="at most so many questions, at even distances")
    asking.add_argument("--model", default="", help="as in PLAINSOURCE_MODEL; with --url …/v1 the model's name there")
    asking.add_argument("--url", default="", help="a server: ours, or an OpenAI-compatible one if it ends in /v1")
    asking.add_argument("--retrieval-only", action="store_true", help="measure the search alone, ten passages deep")
    asking.add_argument(
        "--require", nargs="+", action="extend", default=[], metavar="MEASURE>=X", help="exit 1 if a figure misses this"
    )
    asking.add_argument(
        "--answers",
        type=Path,
        help="also write the whole answers here, to be read by hand; keep it out of the repository",
    )
    asking.add_argument("--name", default="", help="the run's name; date, split and engine by default")
    asking.add_argument("--quiet", action="store_true", help="no progress")
    asking.set_defaults(do=_run)
    comparing = tasks.add_parser("compare", help="what run B has more than run A, and whether that is chance")
    comparing.add_argument("a")
    comparing.add_argument("b")
    comparing.set_defaults(do=_compare)
    reporting = tasks.add_parser("report", help="one page with plots")
    reporting.add_argument("run")
    reporting.add_argument("--to", type=Path, help="the page's file; beside the run's JSON by default")
    reporting.set_defaults(do=_report)
    adapted = tasks.add_parser(
        "adapt", help="learn the change of the embedding model for questions (three quarters of an hour)"
    )
    adapted.add_argument("--steps", type=int, default=adapting.STEPS)
    adapted.add_argument("--write", action="store_true", help="write knowledge/adapter.npz")
    adapted.set_defaults(do=_adapt)
    fitting = tasks.add_parser("calibrate", help="fit the gate's weights on the development questions")
    fitting.add_argument("--questions", type=Path, nargs="+", default=sorted(questions.HERE.glob("*.jsonl")))
    fitting.add_argument("--split", choices=questions.SPLITS, default="dev")
    fitting.add_argument(
        "--wrongly",
        type=float,
        default=0.04,
        help="the share of answerable questions that may be declined; of a user's own documents at most 0.03",
    )
    fitting.add_argument("--write", action="store_true", help="write assistant/gate.json and gate.npz")
    fitting.set_defaults(do=_calibrate)
    for task in (asking, comparing, reporting):
        task.add_argument("--out", type=Path, default=run.RESULTS, help="folder of the runs")
    return parser


if __name__ == "__main__":
    sys.exit(main())
