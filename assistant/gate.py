"""Whether the corpus holds an answer: a gate before anything is written.

A logistic regression over a few signals of the search; its weights stand in ``gate.json``, fitted on the development questions by
``python -m evaluation calibrate``. A named clause that a named source does not have is said to be missing.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.claims import names, numbers
from knowledge.documents import Evidence, Passage
from knowledge.lexical import Lexicon, stems

FILE = Path(__file__).with_name("gate.json")
SECTION = re.compile(r"\b(?:clause|section|article|paragraph|criterion|recital|§)\s*§?\s*(\d{1,3})\b", re.IGNORECASE)
OFF_TOPIC = 0.15  # a probability below this is not our field at all


@dataclass(frozen=True)
class Judgement:
    """answerable: whether to answer; probability: of there being an answer; missing: what the corpus lacks, in words."""

    answerable: bool
    probability: float
    on_topic: bool
    missing: str = ""


def signals(
    question: str, passages: Sequence[Passage], evidence: Sequence[Evidence], lexicon: Lexicon
) -> dict[str, float]:
    """The gate's inputs, each about 0 to 1; all zero where nothing was found."""
    if not passages or not evidence:
        return dict.fromkeys(("score", "dense", "sentence", "cover", "rarest", "names", "numbers", "named", "gap"), 0.0)
    texts = [f"{p.chunk.source.title} {p.chunk.clause} {p.chunk.text}" for p in passages[:4]]
    whole = " ".join(texts).lower()
    asked = set(stems(question))
    held = {token for text in texts for token in stems(text)}
    missing = sorted((lexicon.weight(token) for token in asked - held), reverse=True)
    proper, figures = names(question), numbers(question)
    return {
        "score": passages[0].score / 2,
        "dense": passages[0].signals.get("dense", 0.0),
        "sentence": max(item.score for item in evidence) / 1.6,
        "cover": lexicon.coverage(question, texts),
        "rarest": min(1.0, (missing[0] if missing else 0.0) / 9),
        "names": sum(name in whole for name in proper) / len(proper) if proper else 1.0,
        "numbers": sum(number in numbers(whole) for number in figures) / len(figures) if figures else 1.0,
        "named": 1.0 if passages[0].signals.get("named", 0.0) > 0 else 0.0,
        "gap": min(1.0, passages[0].score - passages[min(4, len(passages) - 1)].score),
    }


class Gate:
    """Judges by the fitted weights."""

    def __init__(self, path: Path = FILE) -> None:
        found = json.loads(path.read_text("utf-8"))
        self._weights: dict[str, float] = found["weights"]
        self._bias, self._least = float(found["bias"]), float(found["least"])

    def judge(self, question: str, passages: Sequence[Passage], found: dict[str, float]) -> Judgement:
        """Whether to go on to an answer."""
        total = self._bias + sum(self._weights.get(name, 0.0) * value for name, value in found.items())
        probability = 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))
        missing = absent_section(question, passages)
        return Judgement(probability >= self._least and not missing, probability, probability >= OFF_TOPIC, missing)


def absent_section(question: str, passages: Sequence[Passage]) -> str:
    """The numbered part that the question asks for and the source it names does not have, or nothing."""
    wanted = SECTION.search(question)
    named = [p.chunk for p in passages if p.signals.get("named", 0.0) > 0]
    if not wanted or not named:
        return ""
    number = wanted.group(1)
    for chunk in named:
        if number in numbers(f"{chunk.clause} {chunk.text}"):
            return ""
    return f"{wanted.group(0)} of {named[0].source.title}"
