"""python -m assistant unanswered: what people asked and the corpus does not hold, grouped by likeness.

Each declined question is counted. Its words are kept only where the owner has switched that on (``log_questions``),
because a question can say more about a person than about open-source AI.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from knowledge.lexical import stems

FILE = "unanswered.jsonl"
ALIKE = 0.5  # share of the stems of two questions that both have
MOST_BYTES = 2_000_000  # beyond it the older half is forgotten
MEND = "PLAINSOURCE_LOG_QUESTIONS=1 python app.py"


@dataclass(frozen=True)
class Group:
    """Questions that ask alike: the newest one's words, how many they are, and the day of the last."""

    question: str
    count: int
    last: str
    others: tuple[str, ...] = ()


def note(logs: Path, question: str | None, most_bytes: int = MOST_BYTES) -> None:
    """Counts one declined question; its words are None where they are not to be kept."""
    logs.mkdir(parents=True, exist_ok=True)
    path = logs / FILE
    if path.exists() and path.stat().st_size > most_bytes:
        lines = path.read_text("utf-8").splitlines(keepends=True)
        path.write_text("".join(lines[len(lines) // 2 :]), "utf-8")
    line = {"at": time.strftime("%Y-%m-%d", time.gmtime()), **({"question": question} if question else {})}
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line, ensure_ascii=False) + "\n")


def read(logs: Path) -> list[dict[str, str]]:
    """What was noted, oldest first; a line that a crash cut off is left out."""
    try:
        lines = (logs / FILE).read_text("utf-8").splitlines()
    except FileNotFoundError:
        return []
    found = []
    for line in lines:
        try:
            found.append(dict(json.loads(line)))
        except (ValueError, TypeError):
            continue
    return found


def grouped(noted: Iterable[dict[str, str]]) -> list[Group]:
    """The questions whose words were kept, alike ones together, the most asked first."""
    groups: list[tuple[set[str], list[dict[str, str]]]] = []
    for entry in noted:
        if not entry.get("question"):
            continue
        own = set(stems(entry["question"])) or {entry["question"].lower()}
        best = max(groups, key=lambda group: alike(own, group[0]), default=None)
        if best is not None and alike(own, best[0]) >= ALIKE:
            best[1].append(entry)
        else:
            groups.append((own, [entry]))
    made = [_group(entries) for _, entries in groups]
    return sorted(made, key=lambda group: (-group.count, group.question))


def alike(one: set[str], other: set[str]) -> float:
    """The share of their stems that both have, 0 to 1."""
    return len(one & other) / len(one | other) if one | other else 0.0


def _group(entries: Sequence[dict[str, str]]) -> Group:
    said = list(dict.fromkeys(entry["question"] for entry in reversed(entries)))
    return Group(said[0], len(entries), max(entry.get("at", "") for entry in entries), tuple(said[1:]))


def main(arguments: Sequence[str], settings: Any) -> int:
    """Prints the groups, and whether words are kept."""
    parser = argparse.ArgumentParser(
        prog="python -m assistant unanswered", description="What people asked and the corpus does not hold."
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    as_json = parser.parse_args(arguments).json
    noted = read(settings.home / "logs")
    groups = grouped(noted)
    without = sum(not entry.get("question") for entry in noted)
    if as_json:
        counts = {"declined": len(noted), "without_words": without, "words_are_kept": bool(settings.log_questions)}
        print(json.dumps({**counts, "groups": [asdict(group) for group in groups]}, ensure_ascii=False))
    else:
        print("\n".join(_lines(groups, len(noted), without, settings.log_questions)))
    return 0


def _lines(groups: Sequence[Group], declined: int, without: int, kept: bool) -> list[str]:
    lines = [f"Questions that were declined: {declined}."]
    for group in groups:
        lines.append(f"{group.count:4d}×  {group.question}  ({group.last})")
        lines += [f"       also: {other}" for other in group.others[:3]]
    if without:
        lines.append(f"{without:4d}×  words not kept")
    if not kept:
        lines.append(f"The words of questions are not kept. To keep them from now on: {MEND}")
    return lines
