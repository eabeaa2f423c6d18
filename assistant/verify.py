"""python -m assistant verify FILE: does a saved answer still rest on what it rested on?

Each citation is looked up again: its source is still in the corpus, ``start:end`` of the source's text is still the
quote, and what is known of a dispute is what was said then. Nothing is asked of a model.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import prompts
from assistant.disputes import SPOKEN, Disputes
from errors import SettingsError, UserError
from knowledge import catalogue
from knowledge.documents import Chunk, Evidence, Source
from knowledge.store import Store
from knowledge.texts import read_text

HOLDS, SETTLED = "holds", "settled"
#: What can have become of a citation, as people are told it.
STATES = {
    HOLDS: "still holds",
    SETTLED: "still holds, and is no longer disputed",
    "moved": "the quoted words now stand at {detail}",
    "changed": "the quoted words no longer stand in the source",
    "gone": "the source is no longer in the corpus",
    "unread": "the text of the source is not on this machine, so the words cannot be looked up",
    "disputed": "the words still stand, but the claim is now known to be {detail}",
}
CORPUS, PROMPT = "the corpus has changed since", "the prompt has changed since; a model would be asked otherwise now"


@dataclass(frozen=True)
class Finding:
    """What became of one citation. state: a name of ``STATES``; detail: the new place, or the dispute's status."""

    number: int
    source_id: str
    state: str
    detail: str = ""

    @property
    def holds(self) -> bool:
        """Whether a reader may rely on it as on the day it was given."""
        return self.state in (HOLDS, SETTLED)

    @property
    def text(self) -> str:
        """For people."""
        return f"[{self.number}] {self.source_id}: {STATES[self.state].format(detail=self.detail)}"


@dataclass(frozen=True)
class Corpus:
    """What there is now. text: a source's text, or None where it is not on this machine."""

    digest: str
    sources: frozenset[str]
    text: Callable[[str], str | None]
    disputes: Disputes
    prompt: str = ""


@dataclass(frozen=True)
class Report:
    """What became of one answer. changed: what is different now, though its citations may hold."""

    question: str
    citations: tuple[Finding, ...]
    changed: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether every citation does."""
        return all(finding.holds for finding in self.citations)


def main(arguments: Sequence[str], settings: Any) -> int:
    """Prints what became of each citation; 1 where one no longer holds."""
    parser = argparse.ArgumentParser(
        prog="python -m assistant verify", description="Do the citations of a saved answer still hold?"
    )
    parser.add_argument("file", type=Path, help="an answer as JSON, or one a line")
    parser.add_argument("--json", action="store_true", help="print one line of JSON an answer")
    options = parser.parse_args(arguments)
    corpus = opened(settings.home)
    reports = [check(answer, corpus) for answer in answers(options.file)]
    for report in reports:
        print(
            json.dumps({"holds": report.holds, **asdict(report)}, ensure_ascii=False) if options.json else told(report)
        )
    return 0 if all(report.holds for report in reports) else 1


def opened(home: Path) -> Corpus:
    """What the index of a home folder holds now."""
    store = Store(home)
    digest = (store.manifest() or {}).get("corpus", "")

    def text(source_id: str) -> str | None:
        try:
            return read_text(home, source_id)
        except UserError:
            return None

    return Corpus(digest, frozenset(store.documents()), text, Disputes(catalogue.disputes()), prompts.digest("answer"))


def check(answer: Mapping[str, Any], corpus: Corpus) -> Report:
    """What became of one answer."""
    changed = [CORPUS] if answer.get("corpus") != corpus.digest else []
    if answer.get("prompt") and answer["prompt"] != corpus.prompt:
        changed.append(PROMPT)
    return Report(
        answer["question"], tuple(_finding(citation, corpus) for citation in answer["citations"]), tuple(changed)
    )


def _finding(citation: Mapping[str, Any], corpus: Corpus) -> Finding:
    number, source_id = int(citation["number"]), str(citation["source_id"])
    start, end, quote = int(citation["start"]), int(citation["end"]), str(citation["quote"])
    if source_id not in corpus.sources:
        return Finding(number, source_id, "gone")
    text = corpus.text(source_id)
    if text is None:
        return Finding(number, source_id, "unread")
    if text[start:end] != quote:
        place = text.find(quote)
        found = quote and place >= 0
        return Finding(
            number, source_id, "moved" if found else "changed", f"{place}-{place + len(quote)}" if found else ""
        )
    return Finding(number, source_id, *_dispute(citation, corpus.disputes))


def _dispute(citation: Mapping[str, Any], disputes: Disputes) -> tuple[str, str]:
    """The state of a citation whose words still stand: by what was said of a dispute then, and what is known now."""
    then = (citation.get("dispute") or {}).get("status", "")
    start, end = int(citation["start"]), int(citation["end"])
    source = Source(str(citation["source_id"]), str(citation.get("title", "")), str(citation.get("kind", "")))
    known = disputes.of(Evidence(Chunk(source, start, end, str(citation["quote"])), start, end))
    now = known.status if known else ""
    if now in SPOKEN and now != then:
        return "disputed", now
    return (SETTLED, now) if then in SPOKEN and now != then else (HOLDS, "")


def answers(path: Path) -> Iterator[Mapping[str, Any]]:
    """The answers of a file: one, a list, or one a line; lines of a batch that hold an error are no answers."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"The answers in {path} cannot be read: {error}.") from None
    try:
        whole = json.loads(text)
        entries = whole if isinstance(whole, list) else [whole]
    except ValueError:
        entries = [_line(path, number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    for entry in entries:
        if isinstance(entry, dict) and "error" in entry:
            continue
        if not _is_answer(entry):
            raise SettingsError(f"{path} does not hold answers of ours.", mend='python -m assistant "…" --json > FILE')
        yield entry


def _line(path: Path, number: int, line: str) -> object:
    try:
        return json.loads(line)
    except ValueError:
        raise SettingsError(f"{path}, line {number}: this is not JSON.") from None


def _is_answer(entry: object) -> bool:
    needed = {"number", "source_id", "start", "end", "quote"}
    return (
        isinstance(entry, dict)
        and isinstance(entry.get("question"), str)
        and isinstance(entry.get("citations"), list)
        and all(isinstance(citation, dict) and needed <= citation.keys() for citation in entry["citations"])
    )


def as_json(report: Report) -> dict[str, Any]:
    """A report for programs."""
    citations = [{**asdict(finding), "holds": finding.holds} for finding in report.citations]
    return {
        "question": report.question, "holds": report.holds, "citations": citations, "changed": list(report.changed),
    }  # fmt: skip


def told(report: Report) -> str:
    """A report for people."""
    held = sum(finding.holds for finding in report.citations)
    lines = [report.question, *(f"  {finding.text}" for finding in report.citations)]
    lines += [f"  Note: {changed}." for changed in report.changed]
    return "\n".join([*lines, f"  {held} of {len(report.citations)} citations hold."])
