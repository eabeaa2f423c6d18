"""Whether the corpus holds an answer: a gate before anything is written.

A logistic regression over a few signals of the search; its weights stand in ``gate.json``, fitted on the development
questions by ``python -m evaluation calibrate``. A named clause that a named source does not have is said to be missing.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant import asked_for
from assistant.claims import names, numbers
from knowledge.documents import Chunk, Evidence, Passage
from knowledge.lexical import Lexicon, stems

FILE = Path(__file__).with_name("gate.json")
SECTION = re.compile(
    r"(?:\b(?:clause|section|article|recital|criterion)\s*§?|§)\s*(\d{1,3})\b(?:\s*\((\w{1,2})\))?", re.IGNORECASE
)
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")  # digits only: "one" is more often a word than a number
NEAR_TOPIC = 0.5  # the cosine of a question that a passage answers and one that is of our field
OFF_TOPIC = 0.05  # a probability below this is not our field at all


@dataclass(frozen=True)
class Judgement:
    """answerable: whether to go on; sure: whether to answer, or only to quote what comes closest; probability: that an
    answer is there; missing: what the corpus lacks, in words."""

    answerable: bool
    sure: bool
    probability: float
    on_topic: bool
    missing: str = ""


SIGNALS = (
    "score", "dense", "nearest", "asked", "sentence", "cover", "passage", "first", "rarest", "missing", "unknown",
    "names", "numbers", "named", "relation", "same", "head", "said", "amount", "amounts",
)  # fmt: skip
Near = Callable[[str, Sequence[str]], NDArray[np.float32]]


def signals(
    question: str, passages: Sequence[Passage], evidence: Sequence[Evidence], lexicon: Lexicon, near: Near
) -> dict[str, float]:
    """The gate's inputs, each about 0 to 1; all zero where nothing was found.

    question: in English words. near: the cosines of a question to texts, shape (texts,).
    """
    if not passages or not evidence:
        return dict.fromkeys(SIGNALS, 0.0)
    texts = [f"{p.chunk.source.title} {p.chunk.clause} {p.chunk.text}" for p in passages[:4]]
    whole = " ".join(_all_of(passage.chunk) for passage in passages[:4]).lower()
    written = {_bare(number) for number in NUMBER.findall(whole)}
    asked = set(stems(question))
    held = {token for text in texts for token in stems(text)}
    missing = sorted((lexicon.weight(token) for token in asked - held), reverse=True)
    proper, figures = names(question), {_bare(number) for number in NUMBER.findall(question)}
    alone = [lexicon.coverage(question, [_all_of(passage.chunk)]) for passage in passages]
    return {
        "score": passages[0].score / 2,
        "dense": passages[0].signals.get("dense", 0.0),
        "nearest": max(item.score for passage in passages for item in passage.evidence),
        "asked": max(passage.signals.get("asked", 0.0) for passage in passages),
        "sentence": max(item.score for item in evidence) / 1.6,
        "cover": lexicon.coverage(question, texts),
        "passage": max(alone),
        "first": alone[0],
        "rarest": min(1.0, (missing[0] if missing else 0.0) / 9),
        "missing": len(missing) / max(1, len(asked)),
        "unknown": sum(not lexicon.knows(token) for token in asked) / max(1, len(asked)),
        "names": sum(name in whole for name in proper) / len(proper) if proper else 1.0,
        "numbers": sum(number in written for number in figures) / len(figures) if figures else 1.0,
        "named": 1.0 if passages[0].signals.get("named", 0.0) > 0 else 0.0,
        **_relation(question, passages, near),
        **_asked_for(question, whole, [item.text for item in evidence[:6]]),
    }


def _relation(question: str, passages: Sequence[Passage], near: Near) -> dict[str, float]:
    """Whether what is asked is what a passage is known to answer, whatever the things are called in both."""
    known = sorted((p for p in passages if p.known), key=lambda p: -p.signals.get("asked", 0.0))
    if not known:
        return {"relation": 0.0, "same": 0.0}
    alike = near(asked_for.relation(question), [asked_for.relation(passage.known) for passage in known])
    return {"relation": float(alike.max()), "same": float(alike[0])}


def _asked_for(question: str, whole: str, said: Sequence[str]) -> dict[str, float]:
    """Whether the passages, and the best sentences, say anything of the kind of thing that is asked for."""
    head = asked_for.head(question)
    return {
        "head": asked_for.share(head, whole),
        "said": max(asked_for.share(head, text) for text in said),
        "amount": float(asked_for.asks_amount(question)),
        "amounts": float(asked_for.has_amount(question, said)),
    }


def _all_of(chunk: Chunk) -> str:
    """A passage with its address, the names of its source, and the questions that it is known to answer."""
    source = chunk.source
    return " ".join([source.title, *source.names, source.publisher, chunk.clause, chunk.text, *chunk.asked])


def _bare(number: str) -> str:
    """ "1,000" as "1000", and "2.0" as "2"."""
    return number.replace(",", "").removesuffix(".0")


class Gate:
    """Judges by the fitted weights."""

    def __init__(self, path: Path = FILE) -> None:
        found = json.loads(path.read_text("utf-8"))
        self._weights: dict[str, float] = found["weights"]
        self._bias, self._least, self._sure = (float(found[name]) for name in ("bias", "least", "sure"))

    def judge(self, found: dict[str, float], missing: str = "") -> Judgement:
        """Whether to go on to an answer. missing: a version or part that the question takes for given, not there."""
        total = self._bias + sum(self._weights.get(name, 0.0) * value for name, value in found.items())
        probability = 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))
        answerable, sure = probability >= self._least and not missing, probability >= self._sure and not missing
        on_topic = probability >= OFF_TOPIC or found.get("named", 0.0) > 0 or found.get("asked", 0.0) >= NEAR_TOPIC
        return Judgement(answerable, sure, probability, on_topic, missing)


def absent_section(question: str, chunks: Sequence[Chunk]) -> str:
    """The numbered part that the question asks for and the text it names does not have, or nothing.

    chunks: all of the one text that the question names. A text with fewer than three numbered parts is not judged.
    """
    wanted = SECTION.search(question)
    labels = {number for chunk in chunks for label in chunk.path for number in numbers(label)}
    if not wanted or len(labels) < 3:
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
