"""The questions of an evaluation: frozen values, and a loader that says which line is wrong.

A file is JSON lines. ``questions.jsonl`` has the full form; the shorter form of ``coverage-*.jsonl`` (a fact, its
question, its key facts, ``gold`` as "source" or "note#heading") is read as well. No text of a source is in either.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from errors import SourceError

HERE = Path(__file__).parent
FILE = HERE / "questions.jsonl"
CATEGORIES = (
    "article",
    "definition",
    "law",
    "licence",
    "model",
    "conflict",
    "french",
    "followup",
    "multi",
    "paraphrase",
    "unanswerable-inside",
    "unanswerable-outside",
    "injection",
)
SPLITS = ("dev", "test")
FULL = {"id", "question", "history", "language", "category", "answerable", "key_facts", "gold", "split"}
OPTIONAL = {"forbidden"}
SHORT = {"source", "fact", "question", "key_facts", "gold"}


@dataclass(frozen=True)
class Gold:
    """A place that answers a question; any one of a question's golds is right.

    source: a source id, an id ending in ``*`` for a family, or ``disputes:<claim>`` for what rests on a checked claim.
    clause: words of the passage's address.
    marks: a few short words that the passage has; they outlive another chunking.
    start, end: characters of the source's text, where the place must be exact.
    """

    source: str
    clause: str = ""
    marks: tuple[str, ...] = ()
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True)
class Question:
    """What is asked, and how a right answer is known.

    key_facts: each must be said; alternatives stand between bars; "no" is any word that denies or forbids.
    forbidden: words that an answer says only if it obeyed an instruction hidden in the question.
    """

    id: str
    question: str
    category: str
    answerable: bool
    split: str
    language: str = "en"
    history: tuple[tuple[str, str], ...] = ()
    key_facts: tuple[str, ...] = ()
    gold: tuple[Gold, ...] = ()
    forbidden: tuple[str, ...] = ()


def load(path: Path = FILE, *, split: str = "", categories: Sequence[str] = (), limit: int = 0) -> list[Question]:
    """The questions of a file, those of a split and of some categories only if asked for.

    Raises SourceError with the file and the line for anything that is not a question.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except OSError as error:
        raise SourceError(f"The questions {path.name} cannot be read: {error.strerror}.") from None
    found = [_question(path.name, number, line) for number, line in enumerate(lines, 1) if line.strip()]
    _no_twins(path.name, found)
    chosen = [q for q in found if split in ("", q.split) and (not categories or q.category in categories)]
    if not chosen:
        raise SourceError(
            f"{path.name} has no question of split {split or 'any'} and category {list(categories) or 'any'}."
        )
    return _evenly(chosen, limit) if limit else chosen


def digest(questions: Iterable[Question]) -> str:
    """Twelve characters that name this set of questions."""
    return sha256("\n".join(repr(question) for question in questions).encode()).hexdigest()[:12]


def _question(file: str, number: int, line: str) -> Question:
    where = f"{file}, line {number}"
    try:
        entry = json.loads(line)
    except json.JSONDecodeError as error:
        raise SourceError(f"{where} is not JSON: {error.msg}.") from None
    if not isinstance(entry, dict):
        raise SourceError(f"{where} is not an object.")
    return _short(where, number, file, entry) if "fact" in entry else _full(where, entry)


def _full(where: str, entry: Mapping[str, Any]) -> Question:
    _fields(where, entry, FULL, OPTIONAL)
    for name, allowed in (("category", CATEGORIES), ("split", SPLITS)):
        if entry[name] not in allowed:
            raise SourceError(f"{where}: {name} is {entry[name]!r}, not one of {', '.join(allowed)}.")
    if bool(entry["key_facts"]) != entry["answerable"]:
        raise SourceError(f"{where}: an answerable question has key_facts, and no other has.")
    history = tuple((str(role), str(words)) for role, words in entry["history"])
    return Question(
        id=entry["id"],
        question=entry["question"],
        category=entry["category"],
        answerable=entry["answerable"],
        split=entry["split"],
        language=entry["language"],
        history=history,
        key_facts=_texts(where, entry, "key_facts"),
        gold=tuple(_gold(where, gold) for gold in entry["gold"]),
        forbidden=_texts(where, entry, "forbidden"),
    )


def _short(where: str, number: int, file: str, entry: Mapping[str, Any]) -> Question:
    """A line of a coverage file: every such question can be answered; they belong to the development half."""
    _fields(where, entry, SHORT, {"language"})
    gold = []
    for address in _texts(where, entry, "gold"):
        source, _, heading = address.partition("#")
        gold.append(Gold(source, clause=heading))
    stem = Path(file).stem.removeprefix("coverage-")
    return Question(
        id=f"{stem}-{number:03d}",
        question=entry["question"],
        category="article",
        answerable=True,
        split="dev",
        language=entry.get("language", "en"),
        key_facts=_texts(where, entry, "key_facts"),
        gold=tuple(gold),
    )


def _gold(where: str, entry: Mapping[str, Any]) -> Gold:
    _fields(where, entry, {"source"}, {"clause", "marks", "start", "end"})
    return Gold(
        entry["source"], entry.get("clause", ""), _texts(where, entry, "marks"), entry.get("start"), entry.get("end")
    )


def _fields(where: str, entry: Mapping[str, Any], must: set[str], may: set[str]) -> None:
    missing, unknown = must - set(entry), set(entry) - must - may
    if missing or unknown:
        said = [f"lacks {', '.join(sorted(missing))}"] * bool(missing) + [
            f"has unknown {', '.join(sorted(unknown))}"
        ] * bool(unknown)
        raise SourceError(f"{where} {' and '.join(said)}.")


def _texts(where: str, entry: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = entry.get(name, [])
    if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
        raise SourceError(f"{where}: {name} must be a list of words.")
    return tuple(value)


def _no_twins(file: str, questions: Sequence[Question]) -> None:
    seen: set[str] = set()
    for question in questions:
        if question.id in seen:
            raise SourceError(f"{file}: the id {question.id} comes twice.")
        seen.add(question.id)


def _evenly(questions: Sequence[Question], limit: int) -> list[Question]:
    """``limit`` questions at even distances, so that a short run sees every category."""
    step = max(1.0, len(questions) / limit)
    return [questions[int(place * step)] for place in range(min(limit, len(questions)))]
