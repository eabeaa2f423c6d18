"""Questions that a passage nearly answers: ``evaluation/near-misses/*.jsonl``, written for this by people and models
who saw the passages."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from errors import SourceError

FOLDER = Path(__file__).parent / "near-misses"


@dataclass(frozen=True)
class NearMiss:
    """A question about a source that a passage of it nearly answers. beside: the question in the same manner that the
    passage does answer (one of ``knowledge/asked``), where both were written as a pair."""

    source: str
    question: str
    beside: str = ""


def near_misses(folder: Path = FOLDER) -> list[NearMiss]:
    """Reads the files. Raises SourceError with the line that is wrong."""
    found = []
    for path in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            try:
                found.append(NearMiss(**json.loads(line)))
            except (ValueError, TypeError) as error:
                raise SourceError(f"{path.name}, line {number}: {error}.") from None
    return found
