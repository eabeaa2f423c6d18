"""The values that the whole house speaks of. A leaf: frozen, plain, importing nothing of ours.

Source → Document (its text) → Chunk (a piece of it, with its address) → Passage (a chunk that was found).
All offsets count characters of ``Document.text``, the normalised text, whose digest is kept.
"""

from __future__ import annotations

from dataclasses import dataclass, field

KINDS = ("licence", "law", "definition", "policy", "dataset", "article", "wiki", "note", "model")
#: Those that we write: their headings are questions, and each of their sentences names its subject.
OURS = ("note", "model")
#: How much a kind of source is trusted where two disagree; 1 is the most.
RANKS = {
    "licence": 1,
    "law": 1,
    "policy": 1,
    "definition": 2,
    "dataset": 3,
    "model": 3,
    "note": 3,
    "article": 4,
    "wiki": 5,
}


@dataclass(frozen=True)
class Source:
    """Where a text comes from.

    id: stable, lower case, with hyphens ("osaid-1.0", "llama-3.1-license-2024", "note-open-weights").
    rank: 1 licence text and law, 2 steward (OSI, FSF), 3 maker, index or our own notes, 4 press, 5 wiki or
        machine-written.
    names: other names that people use for it, for routing ("Llama 3.1", "GPLv3").
    shareable: whether its licence lets the whole text be shown on its source page.
    terms: for a model's fact sheet, the id of the licence of its weights, where the corpus may hold it.
    """

    id: str
    title: str
    kind: str
    url: str = ""
    author: str = ""
    publisher: str = ""
    published: str = ""
    licence: str = ""
    language: str = "en"
    rank: int = 3
    names: tuple[str, ...] = ()
    shareable: bool = False
    note: str = ""
    terms: str = ""


@dataclass(frozen=True)
class Heading:
    """A heading that a reader of a format found: its place in the text, its depth (1 is the top) and its words."""

    start: int
    end: int
    level: int
    title: str


@dataclass(frozen=True)
class Support:
    """A stretch of a note, ``start:end``, and the ids of the sources that it rests on."""

    start: int
    end: int
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Asked:
    """Questions that a passage answers, in other words than its own. clause: a part of the passage's address; marks:
    words that stand in it, where the clause alone does not tell it apart."""

    clause: str
    questions: tuple[str, ...]
    marks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Document:
    """A source's normalised text, with what its format said of its structure. ``sha256`` is of the text in UTF-8."""

    source: Source
    text: str
    sha256: str
    headings: tuple[Heading, ...] = ()
    supports: tuple[Support, ...] = ()
    asked: tuple[Asked, ...] = ()


@dataclass(frozen=True)
class Chunk:
    """A piece of a document that stands for itself: ``text == document.text[start:end]``.

    path: where it stands, outermost first: ("2. Additional Commercial Terms",).
    sentences: spans of its sentences, as (start, end) of the document's text.
    rests_on: for a note, the ids of the sources that the piece rests on.
    asked: questions that it answers, its heading first.
    """

    source: Source
    start: int
    end: int
    text: str
    path: tuple[str, ...] = ()
    sentences: tuple[tuple[int, int], ...] = ()
    rests_on: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return f"{self.source.id}:{self.start}-{self.end}"

    @property
    def clause(self) -> str:
        """The chunk's address as a person writes it."""
        return " › ".join(self.path)

    def sentence(self, span: tuple[int, int]) -> str:
        """The words of one of its sentences."""
        return self.text[span[0] - self.start : span[1] - self.start]


@dataclass(frozen=True)
class Evidence:
    """One sentence of a passage, with how near it is to the question (cosine, -1 to 1)."""

    chunk: Chunk
    start: int
    end: int
    score: float = 0.0

    @property
    def text(self) -> str:
        return self.chunk.sentence((self.start, self.end))


@dataclass(frozen=True)
class Passage:
    """A chunk that was found for a question.

    score: the fused score by which passages are ordered; signals: its parts, by name, for the gate and the report.
    evidence: the chunk's sentences, nearest to the question first. known: the nearest of the questions that it answers,
    its heading where there are no others.
    """

    chunk: Chunk
    score: float
    signals: dict[str, float] = field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()
    known: str = ""


@dataclass(frozen=True)
class Dispute:
    """A claim made by a source that is wrong, contradicted or cannot be traced.

    status: "wrong", "disputed", "unverifiable" or "confirmed" (checked and found right).
    marks: words that all stand in the sentence of the source that makes the claim; they find it.
    topics: words that a question or an answer about this claim would use.
    """

    id: str
    source_id: str
    claim: str
    status: str
    correction: str
    references: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
