"""An answer and its parts, as frozen values, and the one form in which they leave the house.

Citation nests the passage it points into: ``citation.passage.chunk.source``. The JSON form is the same on the
page, over HTTP, on the command line and in evaluations.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from knowledge.documents import Dispute, Passage

SUPPORTED, PARTLY, NOT_CONFIRMED = "supported", "partly", "not_confirmed"
ANSWERED, QUOTED, DECLINED, INTERRUPTED = "answered", "quoted", "declined", "interrupted"


@dataclass(frozen=True)
class Engine:
    """Who writes. kind: "ollama", "embedded", "openai" or "none"; reason: why it was chosen, for people."""

    kind: str
    model: str
    licence: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Citation:
    """The place that a sentence rests on: ``start:end`` of the source's normalised text, and its very words."""

    number: int
    passage: Passage
    start: int
    end: int
    quote: str
    score: float
    dispute: Dispute | None = None


@dataclass(frozen=True)
class Sentence:
    """One sentence of an answer. quoted: its words are a source's, not a model's."""

    text: str
    verdict: str
    citations: tuple[int, ...] = ()
    quoted: bool = False


@dataclass(frozen=True)
class Progress:
    """What is being done now. stage: "searching", "loading", "writing" or "checking"; detail is for people."""

    stage: str
    detail: str = ""


@dataclass(frozen=True)
class Answer:
    """What was asked, what is answered, and what it rests on.

    timings_ms: retrieve, first_token, total; corpus: digest of the index; prompt: digest of the prompt file, and seed,
    so that an answer can be made again; both empty where no model wrote.
    """

    question: str
    standalone_question: str
    status: str
    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    passages: tuple[Passage, ...]
    engine: Engine
    timings_ms: dict[str, int] = field(default_factory=dict)
    corpus: str = ""
    language: str = "en"
    notice: str = ""
    prompt: str = ""
    seed: int = 0

    @property
    def text(self) -> str:
        """The answer as one text with its [n] markers; where nothing is answered, the sentence that says so."""
        return " ".join(marked(sentence) for sentence in self.sentences) or self.notice

    def as_json(self) -> dict[str, Any]:
        """The design's answer format, ready for ``json.dumps``."""
        return {
            "question": self.question,
            "standalone_question": self.standalone_question,
            "answer": self.text,
            "status": self.status,
            "sentences": [
                {"text": s.text, "verdict": s.verdict, "citations": list(s.citations), "quoted": s.quoted}
                for s in self.sentences
            ],
            "citations": [citation_json(c) for c in self.citations],
            "passages": [
                {
                    "source_id": p.chunk.source.id,
                    "clause": p.chunk.clause,
                    "text": p.chunk.text,
                    "score": round(p.score, 4),
                    "start": p.chunk.start,
                    "end": p.chunk.end,
                    "rests_on": list(p.chunk.rests_on),
                }
                for p in self.passages
            ],
            "engine": {"kind": self.engine.kind, "model": self.engine.model},
            "timings_ms": dict(self.timings_ms),
            "corpus": self.corpus,
            "notice": self.notice,
            "language": self.language,
            "prompt": self.prompt,
            "seed": self.seed,
        }


def marked(sentence: Sentence) -> str:
    """A sentence with its markers: ``Text. [1][2]``."""
    marks = "".join(f"[{n}]" for n in sentence.citations)
    return f"{sentence.text} {marks}" if marks else sentence.text


def citation_json(citation: Citation) -> dict[str, Any]:
    """One citation in the design's format."""
    chunk, source, dispute = citation.passage.chunk, citation.passage.chunk.source, citation.dispute
    return {
        "number": citation.number,
        "source_id": source.id,
        "title": source.title,
        "publisher": source.publisher,
        "kind": source.kind,
        "rank": source.rank,
        "url": source.url,
        "published": source.published,
        "clause": chunk.clause,
        "start": citation.start,
        "end": citation.end,
        "quote": citation.quote,
        "score": round(citation.score, 4),
        "rests_on": list(chunk.rests_on),
        "dispute": dispute
        and {
            "id": dispute.id,
            "status": dispute.status,
            "claim": dispute.claim,
            "correction": dispute.correction,
            "references": list(dispute.references),
        },
        "licence": source.licence,
    }
