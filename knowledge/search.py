"""Searcher.search(question, k): the only door to retrieval.

A chunk's score is the sum of its cosine, its BM25, its best sentence's cosine, that of the nearest question that it is
known to answer, and a push if the question names its source. That sum beat rank fusion on this corpus
(docs/decisions/search.md). All vectors are held in memory, so every chunk gets an exact score: at this size that takes
3 ms.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.addressed import is_addressed, third_person
from knowledge.documents import Chunk, Evidence, Passage, Source
from knowledge.embedding import Embedder
from knowledge.language import Glossary
from knowledge.lexical import Lexicon
from knowledge.routing import Named, Router
from knowledge.rows import Rows

Scores = NDArray[np.float32]
ITSELF = "plainsource"  # the id of the document on the assistant itself


@dataclass(frozen=True)
class Weights:
    """What each signal counts for. named: a push for a source whose name few bear; crowd: for how many it is halved."""

    lexical: float = 1.3
    sentence: float = 1.0
    asked: float = 1.0
    named: float = 0.3
    crowd: int = 6
    itself: float = 1.0  # for the document on the assistant where it is asked about itself, and against it elsewhere
    model: float = 0.2  # for a model's fact sheet, whose passages are all about its name
    per_source: int = 3
    per_model: int = 2
    alike: float = 0.96


class Searcher:
    """Finds passages in the committed rows of an index."""

    def __init__(self, rows: Rows, embedder: Embedder, glossary: Glossary, weights: Weights | None = None) -> None:
        self._rows, self._embedder, self._glossary = rows, embedder, glossary
        self._weights = weights or Weights()
        self._places = _places(rows.chunks)
        self._row_of = {chunk.id: row for row, chunk in enumerate(rows.chunks)}
        self._source_of = {chunk.source.id: chunk.source for chunk in rows.chunks}
        self.router = Router(self._source_of.values())
        texts = [f"{chunk.source.title} {chunk.clause} {chunk.text}" for chunk in rows.chunks]
        self.lexicon = Lexicon(texts)
        asked = (" ".join(chunk.asked) for chunk in rows.chunks)
        self._words = Lexicon([f"{text} {more}" for text, more in zip(texts, asked, strict=True)])
        self._itself = np.array([chunk.source.id == ITSELF for chunk in rows.chunks])

    @property
    def sources(self) -> dict[str, Source]:
        """All sources that have passages, by id."""
        return self._source_of

    @property
    def rows(self) -> Rows:
        """All that the index holds."""
        return self._rows

    @property
    def embedder(self) -> str:
        """The digest of the embedding model."""
        return self._embedder.digest

    @property
    def chunks(self) -> tuple[Chunk, ...]:
        """All chunks that can be found."""
        return self._rows.chunks

    def english(self, question: str) -> str:
        """The question in English words, as it is searched for."""
        english = self._glossary.english(question)[0]
        return third_person(english) if self._asked_itself(question) else english

    def language(self, question: str) -> str:
        """The language of a question: "en", "fr", "de", "es" or "it"."""
        return self._glossary.language(question)

    def search(self, question: str, k: int = 8) -> list[Passage]:
        """The k best passages, best first, each with its sentences nearest to the question first.

        A question about the assistant itself is searched for in its own document alone.
        """
        english, more = self.english(question), self._glossary.english(question)[1]
        named = self.router.named(question) or self.router.named(english)
        itself = self._places[ITSELF] if self._asked_itself(question) else []
        wordings = list(dict.fromkeys([question, english]))
        vectors = self._embedder.encode(wordings)
        dense = (self._rows.vectors @ vectors.T).max(axis=1)
        lexical = self._words.scores(english, more)
        sentences = (self._rows.sentence_vectors @ vectors.T).max(axis=1)
        nearest = np.maximum.reduceat(sentences, self._rows.firsts) if len(sentences) else dense
        questions = (self._rows.asked_vectors @ self._embedder.questions(wordings).T).max(axis=1)
        asked = np.maximum.reduceat(questions, self._rows.asked_firsts)
        signals = {"dense": dense, "lexical": lexical, "sentence": nearest, "asked": asked, "named": self._push(named)}
        score = self._sum(signals, bool(itself))
        picked = sorted(itself, key=lambda row: -score[row])[:k] if itself else self._pick(score, named, k)
        return [
            self._passage(row, float(score[row]), {n: float(v[row]) for n, v in signals.items()}, sentences, questions)
            for row in picked
        ]

    def _sum(self, signals: Mapping[str, Scores], itself: bool) -> Scores:
        """The weighted sum; what the assistant knows of itself counts only where it is asked about itself."""
        weight = self._weights
        weights = {"lexical": weight.lexical, "sentence": weight.sentence, "asked": weight.asked}
        total = np.sum([weights.get(name, 1.0) * values for name, values in signals.items()], axis=0)
        total[self._itself] += weight.itself if itself else -weight.itself
        return np.asarray(total, dtype=np.float32)

    def stored(self, evidence: Sequence[Evidence]) -> Scores:
        """The vectors that the index holds of sentences of its chunks, shape (len(evidence), dimension)."""
        rows = []
        for item in evidence:
            first = self._rows.firsts[self._row_of[item.chunk.id]]
            rows.append(first + item.chunk.sentences.index((item.start, item.end)))
        return self._rows.sentence_vectors[rows]

    def asked(self, passage: Passage) -> Scores:
        """The vectors that the index holds of all questions of ``Chunk.asked``, shape (questions, dimension)."""
        first = self._rows.asked_firsts[self._row_of[passage.chunk.id]]
        return self._rows.asked_vectors[first : first + len(passage.chunk.asked)]

    def called(self, source: Source) -> str:
        """The names of a source, and of the models whose licence it is."""
        under = (other.names for other in self._source_of.values() if other.terms == source.id)
        return " ".join([source.title, *source.names, source.publisher, *(name for names in under for name in names)])

    def near(self, question: str, texts: Sequence[str]) -> Scores:
        """Cosines of a question to texts, shape (texts,)."""
        vectors = self._embedder.encode([question, *texts])
        return np.asarray(vectors[1:] @ vectors[0], dtype=np.float32)

    def vectors(self, texts: Sequence[str]) -> Scores:
        """Unit vectors of texts, shape (texts, dimension)."""
        return self._embedder.encode(texts)

    def questions(self, texts: Sequence[str]) -> Scores:
        """Unit vectors of questions, as ``asked`` has them, shape (texts, dimension)."""
        return self._embedder.questions(texts)

    def _asked_itself(self, question: str) -> bool:
        """Whether the question is about the assistant, and names no source besides."""
        return ITSELF in self._places and is_addressed(question) and not self.router.named(question)

    def _push(self, named: Sequence[Named]) -> Scores:
        push = np.zeros(len(self._rows.chunks), dtype=np.float32)
        for name in named:
            share = 0.5 if len(name.sources) > self._weights.crowd else 1.0
            for source_id in name.sources:
                rows, kind = self._places[source_id], self._source_of[source_id].kind
                weight = self._weights.model if kind == "model" else self._weights.named
                push[rows] = np.maximum(push[rows], share * weight)
        return push

    def _pick(self, score: Scores, named: Sequence[Named], k: int) -> list[int]:
        """The best rows: a few of one source, none that says the same as one above it, something for each name."""
        order = [int(row) for row in np.argsort(-score)[: 40 * k]]
        picked: list[int] = []
        for row in order:
            if len(picked) >= k:
                break
            if self._fits(row, picked):
                picked.append(row)
        groups = [name for name in named if name.sources]
        return self._balance(picked, order, groups, k) if len(groups) > 1 else picked

    def _fits(self, row: int, picked: Sequence[int]) -> bool:
        chunk = self._rows.chunks[row]
        most = self._weights.per_model if chunk.source.kind == "model" else self._weights.per_source
        if sum(self._rows.chunks[other].source.id == chunk.source.id for other in picked) >= most:
            return False
        likeness = self._rows.vectors[picked] @ self._rows.vectors[row] if picked else np.zeros(1)
        return bool(likeness.max() < self._weights.alike)

    def _balance(self, picked: list[int], order: Sequence[int], groups: Sequence[Named], k: int) -> list[int]:
        """For a question that names several things: their best passages in turn, then the rest."""
        queues = []
        for name in groups:
            own = [row for row in order if self._rows.chunks[row].source.id in name.sources]
            queues.append(own[:2])
        turn = [queue[place] for place in range(2) for queue in queues if len(queue) > place]
        merged = list(dict.fromkeys(turn[: k - 2] + picked))[:k]
        return sorted(merged, key=lambda row: (row not in turn, order.index(row)))

    def _passage(
        self, row: int, score: float, signals: dict[str, float], sentences: Scores, questions: Scores
    ) -> Passage:
        chunk, first, first_asked = self._rows.chunks[row], self._rows.firsts[row], self._rows.asked_firsts[row]
        evidence = [
            Evidence(chunk, start, end, float(sentences[first + n])) for n, (start, end) in enumerate(chunk.sentences)
        ]
        near = questions[first_asked : first_asked + len(chunk.asked)].copy()
        if len(near) > 1:
            near[0] = -1  # its heading says what it is about, which is less than a question that it answers
        known = chunk.asked[int(near.argmax())] if chunk.asked else ""
        return Passage(chunk, score, signals, tuple(sorted(evidence, key=lambda e: -e.score)), known)


def _places(chunks: Sequence[Chunk]) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for row, chunk in enumerate(chunks):
        places.setdefault(chunk.source.id, []).append(row)
    return places
