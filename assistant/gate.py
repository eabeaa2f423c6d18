"""Whether the corpus holds an answer: a gate before anything is written.

A logistic regression over a few signals of the search (``signals``); its weights stand in ``gate.json``, fitted on the
development questions by ``python -m evaluation calibrate``: one set for passages of which it is known what they answer,
one for the others, such as documents that a user added. A named clause that a named source does not have is missing.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.claims import numbers
from assistant.learnt import Learnt
from assistant.signals import KNOWN
from knowledge.documents import Chunk

FILE = Path(__file__).with_name("gate.json")
SECTION = re.compile(
    r"(?:\b(?:clause|section|article|recital|criterion)\s*§?|§)\s*(\d{1,3})\b(?:\s*\((\w{1,2})\))?", re.IGNORECASE
)
ROMAN = re.compile(r"\b(?:section|article|part|chapter) [IVX]+\b", re.IGNORECASE)
NEAR_TOPIC = 0.5  # the cosine of a question that a passage answers and one that is of our field
OFF_TOPIC = 0.05  # a probability below this is not our field at all
MOST_ODDS = 6.0  # log odds, of one of several questions: about 400 to 1
DOUBTFUL = -2.2  # log odds: 1 to 9
SEVERAL = 0.5  # log odds: how much less the words of a question that asks several things are found in one place


@dataclass(frozen=True)
class Judgement:
    """answerable: whether to go on; sure: whether to answer, or only to quote what comes closest; probability: that an
    answer is there; missing: what the corpus lacks, in words; doubtful: which of several questions it may not answer.
    """

    answerable: bool
    sure: bool
    probability: float
    on_topic: bool
    missing: str = ""
    doubtful: tuple[int, ...] = ()


class Gate:
    """Judges by the fitted weights. learnt: what else was learnt of the embedding model, for ``signals``."""

    def __init__(self, path: Path = FILE, learnt: Learnt | None = None) -> None:
        found = json.loads(path.read_text("utf-8"))
        self.learnt = learnt
        self._known = _Fit.of(found)
        self._bare = _Fit.of(found.get("bare", found))

    def judge(self, found: dict[str, float], missing: str = "", parts: Sequence[dict[str, float]] = ()) -> Judgement:
        """Whether to go on to an answer. missing: a version or part that the question takes for given, not there.

        parts: the signals of each question that is asked, if there are several. Half of the weight is theirs, for what
        is asked of each thing tells less than a comparison does ("Which is better for coding?"). Something to be made
        or done that names no source ("Book me a train") is not our business, however probable.
        """
        errand = found.get("task", 0.0) > 0 and not found.get("named", 0.0)
        fit = self._fit(found)
        odds = fit.odds(found)
        of_parts = [_bounded(self._fit(part).odds(part)) for part in parts]
        if parts:
            odds = (_bounded(odds) + sum(of_parts) / len(parts)) / 2 + SEVERAL
        probability = 1 / (1 + math.exp(-_bounded(odds, 30.0)))
        answerable, sure = (probability >= least and not missing and not errand for least in (fit.least, fit.sure))
        near = probability >= OFF_TOPIC or found.get("named", 0.0) > 0 or found.get("asked", 0.0) >= NEAR_TOPIC
        on_topic = near and not errand
        doubtful = tuple(n for n, odds in enumerate(of_parts) if odds < DOUBTFUL)
        return Judgement(answerable, sure, probability, on_topic, missing, doubtful)

    def _fit(self, found: dict[str, float]) -> _Fit:
        return self._known if found.get(KNOWN, 1.0) else self._bare


@dataclass(frozen=True)
class _Fit:
    weights: dict[str, float]
    bias: float
    least: float
    sure: float

    @classmethod
    def of(cls, found: dict[str, Any]) -> _Fit:
        return cls(found["weights"], *(float(found[name]) for name in ("bias", "least", "sure")))

    def odds(self, found: dict[str, float]) -> float:
        """The log of the odds that an answer is there."""
        return self.bias + sum(self.weights.get(name, 0.0) * value for name, value in found.items())


def _bounded(odds: float, most: float = MOST_ODDS) -> float:
    return max(-most, min(most, odds))


def absent_section(question: str, chunks: Sequence[Chunk]) -> str:
    """The numbered part that the question asks for and the text it names does not have, or nothing.

    chunks: all of the one text that the question names. A number that stands anywhere in the text, or parts that are
    numbered in Roman, leave it open.
    """
    wanted = SECTION.search(question)
    if not wanted or not chunks or any(ROMAN.search(label) for chunk in chunks for label in chunk.path):
        return ""
    part, below = wanted.group(1), wanted.group(2)
    inside = [chunk for chunk in chunks if any(part in numbers(label) for label in chunk.path)]
    if not inside:
        return wanted.group(0) if not any(part in numbers(chunk.text) for chunk in chunks) else ""
    if below and not any(_has_part(chunk, below) for chunk in inside):
        return wanted.group(0)
    return ""


def _has_part(chunk: Chunk, part: str) -> bool:
    """Whether a chunk is, or holds, the part: "(2)", "2." or "(b)" in its labels or at the head of a line."""
    mark = re.compile(rf"(?m)^\s*\(?{re.escape(part)}[.)]")
    return any(mark.match(label) for label in chunk.path) or bool(mark.search(chunk.text))
