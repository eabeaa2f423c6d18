"""What the index holds, as values: chunks with their vectors, and a chunk's form in a row of the store."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.documents import Chunk, Document, Source

Vectors = NDArray[np.float32]


@dataclass(frozen=True)
class Rows:
    """Everything committed, in one order: ``vectors[i]`` belongs to ``chunks[i]``.

    Shapes: vectors (chunks, dimension); sentence_vectors (all sentences, dimension) and asked_vectors (all questions of
    ``Chunk.asked``, dimension), where ``firsts[i]`` and ``asked_firsts[i]`` are the rows of chunk i's first.
    """

    chunks: tuple[Chunk, ...]
    vectors: Vectors
    sentence_vectors: Vectors
    firsts: tuple[int, ...]
    asked_vectors: Vectors
    asked_firsts: tuple[int, ...]


@dataclass(frozen=True)
class ChunkVectors:
    """The vectors of a document's chunks, of all their sentences, and of all the questions they answer, in order."""

    chunks: Vectors
    sentences: Vectors
    asked: Vectors


def meta_of(document: Document, chunk: Chunk, last: bool) -> dict[str, str | int | bool]:
    """What a chunk's row says beside its text. last: whether it is its document's last, so that all rows are there."""
    return {
        "source": document.source.id,
        "document": document.sha256,
        "start": chunk.start,
        "end": chunk.end,
        "path": json.dumps(chunk.path, ensure_ascii=False),
        "sentences": json.dumps(chunk.sentences),
        "rests_on": json.dumps(chunk.rests_on),
        "asked": json.dumps(chunk.asked, ensure_ascii=False),
        "last": last,
    }


def chunk_of(source: Source, meta: Mapping[str, Any], text: str) -> Chunk:
    """The chunk of a row."""
    return Chunk(
        source=source,
        start=int(meta["start"]),
        end=int(meta["end"]),
        text=text,
        path=tuple(json.loads(meta["path"])),
        sentences=tuple((start, end) for start, end in json.loads(meta["sentences"])),
        rests_on=tuple(json.loads(meta["rests_on"])),
        asked=tuple(json.loads(meta["asked"])),
    )


def source_of(entry: Mapping[str, Any]) -> Source:
    """The source that ``dataclasses.asdict`` made an entry of."""
    return Source(**{**entry, "names": tuple(entry["names"])})
