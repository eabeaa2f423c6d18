"""What a system gave for a question, in one form, whoever gave it: our assistant, our server, or another one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from assistant.answer import DECLINED, NOT_CONFIRMED, Answer

REFUSAL = re.compile(
    r"(?:do(?:es)? not|don't|doesn't|cannot|can't|could not|couldn't) "
    r"(?:know|have|contain|mention|provide|say|specify|find|answer|help)"
    r"|no (?:information|mention)|not (?:mentioned|provided|specified|in the (?:context|documents?))|empty response"
    r"|ne (?:sais|contien\w+|mentionne\w*|précise\w*) pas|pas d'information",
    re.IGNORECASE,
)
SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-ZÀ-Ý«“\"\[])")


@dataclass(frozen=True)
class Piece:
    """A passage that was found or cited. rests_on: for a note, the sources that it rests on."""

    source: str
    clause: str = ""
    start: int = 0
    end: int = 0
    text: str = ""
    rests_on: tuple[str, ...] = ()
    score: float = 0.0
    dispute: str = ""


@dataclass(frozen=True)
class Shown:
    """A sentence that a reader sees, with the pieces that it cites. quoted: the words are a source's."""

    text: str
    verdict: str = ""
    cites: tuple[Piece, ...] = ()
    quoted: bool = False


@dataclass(frozen=True)
class Observed:
    """One answer. engine: who wrote it; timings in ms; corpus: the digest of the index."""

    status: str
    sentences: tuple[Shown, ...] = ()
    passages: tuple[Piece, ...] = ()
    notice: str = ""
    standalone: str = ""
    engine: str = ""
    corpus: str = ""
    timings: dict[str, int] = field(default_factory=dict)
    error: str = ""

    @property
    def text(self) -> str:
        """What is answered, without markers."""
        return " ".join(sentence.text for sentence in self.sentences)


def from_answer(answer: Answer) -> Observed:
    """From the Python API. The JSON form is completed by what it leaves out."""
    data = answer.as_json()
    for entry, passage in zip(data["passages"], answer.passages, strict=True):
        entry["rests_on"] = list(passage.chunk.rests_on)
    for entry, sentence in zip(data["sentences"], answer.sentences, strict=True):
        entry["quoted"] = sentence.quoted
    return from_json(data)


def from_json(data: Mapping[str, Any]) -> Observed:
    """From the design's answer format, as our server sends it."""
    passages = tuple(_piece(entry, str(entry.get("text", ""))) for entry in data.get("passages", ()))
    cited = {int(entry["number"]): _cited(entry, passages) for entry in data.get("citations", ())}
    sentences = tuple(
        Shown(
            entry["text"],
            entry.get("verdict", ""),
            tuple(cited[n] for n in entry.get("citations", ()) if n in cited),
            bool(entry.get("quoted", entry["text"].lstrip()[:1] in '“«"')),
        )
        for entry in data.get("sentences", ())
    )
    engine = data.get("engine", {})
    return Observed(
        status=data["status"],
        sentences=sentences,
        passages=passages,
        notice=data.get("notice", ""),
        standalone=data.get("standalone_question", ""),
        engine=f"{engine.get('kind', '')}:{engine.get('model', '')}".strip(":"),
        corpus=data.get("corpus", ""),
        timings={name: int(ms) for name, ms in data.get("timings_ms", {}).items()},
    )


def from_text(text: str, *, engine: str, total_ms: int) -> Observed:
    """From a system that only sends words. A refusal is known by its wording; nothing is cited."""
    words = text.strip()
    refused = not words or (len(words) < 400 and REFUSAL.search(words) is not None)
    sentences = tuple(Shown(part, NOT_CONFIRMED) for part in SENTENCE.split(words) if part)
    return Observed(DECLINED if refused else "answered", sentences, engine=engine, timings={"total": total_ms})


def _piece(entry: Mapping[str, Any], text: str) -> Piece:
    return Piece(
        source=entry["source_id"],
        clause=entry.get("clause", ""),
        start=int(entry.get("start") or 0),
        end=int(entry.get("end") or 0),
        text=text,
        rests_on=tuple(entry.get("rests_on") or ()),
        score=float(entry.get("score") or 0.0),
        dispute=(entry.get("dispute") or {}).get("id", ""),
    )


def _cited(entry: Mapping[str, Any], passages: tuple[Piece, ...]) -> Piece:
    """The cited piece with all words that support: title, passage, and the correction of a disputed claim."""
    quote = str(entry.get("quote", ""))
    around = [
        p.text for p in passages if p.source == entry["source_id"] and p.start <= int(entry.get("start") or 0) < p.end
    ]
    correction = (entry.get("dispute") or {}).get("correction", "")
    named = f"{entry.get('title', '')}, {entry.get('publisher', '')}".strip(", ")
    return _piece(entry, "\n".join(filter(None, [named, *(around or [quote]), correction])))
