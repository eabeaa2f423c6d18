"""One run: questions through a system, judged one by one, kept as a small JSON file.

A system is our assistant in this process, our server, or any endpoint that speaks the OpenAI protocol, so that a peer
is measured by the same questions.
"""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

import prompts
from assistant.answer import Answer, Progress
from errors import EngineUnavailable, SourceError, UserError
from evaluation.judging import Outcome, judge
from evaluation.metrics import MEASURES, RETRIEVAL, Figure, auc, by, figures, percentiles
from evaluation.observed import Observed, Piece, from_answer, from_json, from_text
from evaluation.questions import Question, digest
from knowledge.documents import Passage

RESULTS = Path(__file__).parent / "results"
TIMINGS = ("retrieve", "first_token", "first_sentence", "total")
DEPTH = 10
History = Sequence[tuple[str, str]]


class Replying(Protocol):
    """What an evaluation needs of the assistant."""

    def reply(self, question: str, history: History = (), *, stop: threading.Event) -> Iterator[Progress | Answer]:
        """Growing answers; the last one is complete."""


class Searching(Protocol):
    """What an evaluation needs of the search."""

    def search(self, question: str, k: int = 8) -> list[Passage]:
        """Passages, best first."""


class System(Protocol):
    """Something that answers questions."""

    def ask(self, question: Question) -> Observed:
        """What it gives. A UserError is counted as an answer that failed; anything else is a bug."""


@dataclass(frozen=True)
class Ours:
    """The assistant in this process; the first sentence is timed as a reader sees it."""

    assistant: Replying

    def ask(self, question: Question) -> Observed:
        started, first, last = time.monotonic(), None, None
        for event in self.assistant.reply(question.question, question.history, stop=threading.Event()):
            if isinstance(event, Answer):
                last = event
                first = _ms(started) if first is None and event.sentences else first
        assert last is not None, "reply always ends with an Answer"
        seen = from_answer(last)
        timings = {**seen.timings, "total": _ms(started)} | ({} if first is None else {"first_sentence": first})
        return replace(seen, timings=timings)


@dataclass(frozen=True)
class Search:
    """The search alone, ten deep. standalone: makes a follow-up a question that stands for itself."""

    searcher: Searching
    standalone: Callable[[str, History], str]

    def ask(self, question: Question) -> Observed:
        started = time.monotonic()
        alone = self.standalone(question.question, question.history)
        pieces = tuple(_found(passage) for passage in self.searcher.search(alone, DEPTH))
        return Observed("searched", passages=pieces, standalone=alone, timings={"retrieve": _ms(started)})


@dataclass(frozen=True)
class Server:
    """Our server's ``POST /api/ask``. token: of its API, or nothing."""

    url: str
    token: str = ""

    def ask(self, question: Question) -> Observed:
        sent = {"question": question.question, "history": [list(turn) for turn in question.history]}
        started = time.monotonic()
        seen = from_json(_post(f"{self.url.rstrip('/')}/api/ask", sent, self.token))
        return replace(seen, timings={**seen.timings, "total": _ms(started)})


@dataclass(frozen=True)
class Compatible:
    """Any ``/v1/chat/completions``: it cites nothing. ``evaluation.peers`` sends passages too, others words only."""

    url: str
    model: str
    token: str = ""

    def ask(self, question: Question) -> Observed:
        turns = [{"role": role, "content": words} for role, words in (*question.history, ("user", question.question))]
        started = time.monotonic()
        sent = {"model": self.model, "messages": turns, "temperature": 0, "max_tokens": 300}
        reply = _post(f"{self.url.rstrip('/')}/chat/completions", sent, self.token)
        words = reply["choices"][0]["message"]["content"] or ""
        seen = from_text(words, engine=f"openai:{self.model}", total_ms=_ms(started))
        return replace(seen, passages=tuple(Piece(p["source_id"], text=p["text"]) for p in reply.get("passages") or ()))


@dataclass(frozen=True)
class Run:
    """What a run was made with, and how each question went."""

    about: dict[str, Any]
    outcomes: tuple[Outcome, ...]

    @property
    def measured(self) -> dict[str, Figure]:
        """Figures over all questions."""
        return figures(self.outcomes, RETRIEVAL_ONLY if self.about.get("retrieval_only") else tuple(MEASURES))


RETRIEVAL_ONLY = (*RETRIEVAL, "all_sources@5", "facts_found@5")


def carry_out(
    questions: Sequence[Question],
    system: System,
    *,
    about: dict[str, Any] | None = None,
    progress: Callable[[str], None] = lambda _: None,
    answers: Path | None = None,
) -> Run:
    """Asks every question once, one after another. answers: a file for the whole words, which is never kept here."""
    outcomes: list[Outcome] = []
    engine = corpus = ""
    for number, question in enumerate(questions, 1):
        try:
            seen = system.ask(question)
        except EngineUnavailable:
            raise
        except UserError as error:
            seen = Observed("failed", error=error.message)
        outcome = judge(question, seen)
        outcomes.append(outcome)
        engine, corpus = seen.engine or engine, seen.corpus or corpus
        mark = "right" if outcome.right else ("failed" if seen.error else "wrong")
        progress(
            f"{number}/{len(questions)} {question.id} {seen.status} {mark}{': ' + seen.error if seen.error else ''}"
        )
        if answers:
            _keep_words(answers, number, question, seen, outcome)
    return Run(
        {**(about or {}), "engine": engine, "corpus": corpus, "questions": digest(questions), "asked": len(questions)},
        tuple(outcomes),
    )


def circumstances() -> dict[str, Any]:
    """What a figure depends on besides questions and model: date, commit, prompts, the kind of machine."""
    sizes = {
        "cores": os.cpu_count() or 0,
        "ram_gib": _ram(),
        "system": platform.system(),
        "processor": platform.machine(),
    }
    words = sorted(prompts.FOLDER.glob("*.md"))
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "commit": _commit(),
        "python": platform.python_version(),
        "prompts": {path.stem: sha256(path.read_bytes()).hexdigest()[:12] for path in words},
        "machine": sizes,
    }


def as_json(run: Run) -> dict[str, Any]:
    """A run with its figures, ready for ``json.dumps``: ids and offsets, no text of a source."""
    names = RETRIEVAL_ONLY if run.about.get("retrieval_only") else tuple(MEASURES)
    return {
        "about": run.about,
        "figures": _plain(run.measured),
        "timings_ms": {t: _plain(found) for t in TIMINGS if (found := percentiles(run.outcomes, t))},
        "gate_auc": auc(run.outcomes),
        "by_category": {group: _plain(found) for group, found in by(run.outcomes, lambda o: o.category, names).items()},
        "by_language": {group: _plain(found) for group, found in by(run.outcomes, lambda o: o.language, names).items()},
        "outcomes": [{k: v for k, v in asdict(o).items() if v not in (None, "", (), {}, [])} for o in run.outcomes],
    }


def save(run: Run, name: str, folder: Path = RESULTS) -> Path:
    """Writes ``<folder>/<name>.json``."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{re.sub(r'[^A-Za-z0-9._-]+', '-', name).strip('-')}.json"
    path.write_text(json.dumps(as_json(run), ensure_ascii=False, indent=1) + "\n", "utf-8")
    return path


def read(name: str, folder: Path = RESULTS) -> Run:
    """A run that was kept, by its name or its path. Raises SourceError if there is none."""
    path = next((p for p in (Path(name), folder / f"{name}.json", folder / name) if p.is_file()), None)
    if path is None:
        known = ", ".join(sorted(p.stem for p in folder.glob("*.json"))) or "none yet"
        raise SourceError(f"There is no run {name!r}; the runs are: {known}.", mend="python -m evaluation run")
    try:
        data = json.loads(path.read_text("utf-8"))
        return Run(data["about"], tuple(_outcome(entry) for entry in data["outcomes"]))
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        raise SourceError(
            f"{path.name} is not a run of this version: {error}.", mend="python -m evaluation run"
        ) from None


def _outcome(entry: dict[str, Any]) -> Outcome:
    lists = {name: tuple(entry.get(name, ())) for name in ("ranks", "facts", "facts_found")}
    cites = tuple((str(source), int(start), int(end)) for source, start, end in entry.get("cites", ()))
    return Outcome(**{**entry, **lists, "cites": cites})


def _plain(found: dict[str, Figure]) -> dict[str, dict[str, float]]:
    return {name: {key: round(value, 4) for key, value in asdict(figure).items()} for name, figure in found.items()}


def _post(url: str, sent: dict[str, Any], token: str) -> Any:
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    request = urllib.request.Request(url, json.dumps(sent).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=300) as reply:
            return json.loads(reply.read())
    except urllib.error.HTTPError as error:
        raise UserError(f"{url} answered {error.code}.") from None
    except OSError as error:
        raise EngineUnavailable(
            f"{url} does not answer: {error}.", mend="start the server, or give another --url"
        ) from None


def _keep_words(path: Path, number: int, question: Question, seen: Observed, outcome: Outcome) -> None:
    sentences = [
        {
            "text": s.text,
            "verdict": s.verdict,
            "cites": [{"source": p.source, "clause": p.clause, "text": p.text} for p in s.cites],
        }
        for s in seen.sentences
    ]
    entry = {
        "id": question.id,
        "question": question.question,
        "key_facts": question.key_facts,
        "status": seen.status,
        "right": outcome.right,
        "ranks": outcome.ranks,
        "standalone": seen.standalone,
        "notice": seen.notice,
        "sentences": sentences,
        "found": [f"{p.source} | {p.clause}" for p in seen.passages],
    }
    with path.open("w" if number == 1 else "a", encoding="utf-8") as file:
        file.write(json.dumps(entry, ensure_ascii=False) + "\n")


def _found(passage: Passage) -> Piece:
    chunk = passage.chunk
    return Piece(chunk.source.id, chunk.clause, chunk.start, chunk.end, chunk.text, chunk.rests_on, passage.score)


def _ms(started: float) -> int:
    return round(1000 * (time.monotonic() - started))


def _ram() -> int:
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)
    except (AttributeError, ValueError, OSError):  # Windows has no sysconf
        return 0


def _commit() -> str:
    """The commit, with a plus sign where files differ from it; empty outside git."""

    def git(*words: str) -> str:
        return subprocess.run(
            ["git", *words], cwd=RESULTS.parent, capture_output=True, text=True, check=False
        ).stdout.strip()

    try:
        return git("rev-parse", "--short", "HEAD") + (
            "+" if git("status", "--porcelain", "--untracked-files=no") else ""
        )
    except OSError:
        return ""
