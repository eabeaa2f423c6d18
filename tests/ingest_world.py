"""A small world for ingest: data, a folder and a home, a store and an embedder that only count what they are given."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import numpy as np

from ingest.fetch import Data, Order
from ingest.ledger import Ledger
from ingest.pipeline import Report, Vectors, ingest
from ingest.web import Web
from ingest.wheel import Wheel
from knowledge.catalogue import Licence, Listed
from knowledge.documents import Chunk, Document, Source
from knowledge.rows import ChunkVectors

MADE_BY = {"embedder": "fake", "embedder_digest": "1", "chunker": "1", "chroma": "1"}


class Killed(BaseException):
    """Stands for kill -9: nothing in ingest may catch it."""


@dataclass
class FakeStore:
    """Keeps the protocol of knowledge.store: rows outlive a writer that was cut off, readers see commits only."""

    committed: dict[str, str] = field(default_factory=dict)
    said: dict[str, Source] = field(default_factory=dict)
    made: dict[str, str] | None = None
    rows: dict[str, str] = field(default_factory=dict)
    puts: list[str] = field(default_factory=list)
    begun: int = 0
    kill_at: str = ""

    def manifest(self) -> dict[str, str] | None:
        return self.made

    def documents(self) -> dict[str, str]:
        return dict(self.committed)

    def begin(self, manifest: Mapping[str, str]) -> FakeWriter:
        self.begun += 1
        same = self.made is not None and all(self.made.get(k) == v for k, v in manifest.items())
        if not same and self.made is not None:
            self.rows = {}
        return FakeWriter(self, dict(manifest), dict(self.committed) if same else {}, dict(self.said) if same else {})


@dataclass
class FakeWriter:
    store: FakeStore
    manifest: dict[str, str]
    next: dict[str, str]
    said: dict[str, Source]

    def __enter__(self) -> FakeWriter:
        return self

    def __exit__(self, *_: object) -> None:
        """An uncommitted writer changes nothing."""

    def known(self) -> dict[str, str]:
        return self.next | self.store.rows

    def keep(self, source: Source, sha256: str) -> None:
        self.next[source.id], self.said[source.id] = sha256, source

    def put(self, document: Document, chunks: list[Chunk], vectors: ChunkVectors) -> None:
        assert len(chunks) == len(vectors.chunks) > 0
        assert sum(len(chunk.sentences) for chunk in chunks) == len(vectors.sentences)
        assert sum(len(chunk.asked) for chunk in chunks) == len(vectors.asked) >= len(chunks)
        if self.store.kill_at == f"put {document.source.id}":
            raise Killed
        self.store.rows[document.source.id] = document.sha256
        self.store.puts.append(document.source.id)
        self.keep(document.source, document.sha256)

    def remove(self, source_id: str) -> None:
        self.next.pop(source_id, None)
        self.said.pop(source_id, None)

    def commit(self, corpus: str) -> None:
        if self.store.kill_at == "commit":
            raise Killed
        self.store.committed, self.store.said, self.store.made = (
            self.next,
            self.said,
            {**self.manifest, "corpus": corpus},
        )
        self.store.rows = dict(self.next)
        if self.store.kill_at == "after commit":
            raise Killed


class FakeEmbedder:
    def encode(self, texts: list[str], progress: Callable[[int, int], None] | None = None) -> Vectors:
        return np.ones((len(texts), 3), dtype=np.float32)

    def questions(self, texts: list[str], progress: Callable[[int, int], None] | None = None) -> Vectors:
        return self.encode(texts, progress)


LISTED = Source("osaid-1.0", "The Definition", "definition", url="https://dead.example/", rank=2, names=("OSAID",))
FOLDER_LIST = """[[source]]
id = "osaid-1.0"
file = "osaid.md"
title = "The Definition, 1.0"
kind = "definition"
published = "unknown"
[[source]]
id = "article"
file = "article.txt"
title = "An article"
kind = "article"
"""
LICENCE = b"---\nkey: mit\n---\nPermission is granted.\n"


class World:
    """A repository's data, a stand-in folder and a home, all small."""

    def __init__(self, root: Path) -> None:
        self.home, self.folder, self.notes = root / "home", root / "folder", root / "notes"
        for path in (self.home / "cache", self.folder, self.notes):
            path.mkdir(parents=True)
        (self.notes / "weights.md").write_text(
            "---\ntitle: Weights\n---\n## What are they?\nNumbers.\nSources: osaid-1.0\n"
        )
        (self.folder / "sources.toml").write_text(FOLDER_LIST)
        (self.folder / "osaid.md").write_text("# Definition\n\nFour freedoms are granted.\n")
        (self.folder / "article.txt").write_text("An article says a thing.\n")
        (self.home / "cache" / "mit.raw").write_bytes(LICENCE)
        entry = {"form": "licence", "origin": "wheel", "folder": "", "said": {}, "sha256": sha256(LICENCE).hexdigest()}
        (self.home / "cache" / "mit.json").write_text(json.dumps(entry))
        self.store = FakeStore()
        digest = sha256(b"Permission is granted.\n").hexdigest()
        mit = Licence("mit", "MIT", "licence", "MIT", "permissive", True, "MIT", "", True, True, 23, digest)
        model = (Source("model-olmo", "OLMo", "model"), "## Is OLMo open?\n\nOLMo is open.\n")
        self.data = Data(
            self.notes, {LISTED.id: Listed(LISTED)}, {"mit": mit}, Wheel("w", "1", "w", "0", "{key}"), (model,)
        )
        self.asked: list[str] = []

    def run(
        self, *, from_folder: bool = True, check: bool = False, made_by: Mapping[str, str] = MADE_BY, **more: bool
    ) -> Report:
        def dead(host: str, _: int) -> list[str]:
            self.asked.append(host)
            raise OSError("no route")

        ledger = Ledger.read(self.home)
        order = Order(self.folder if from_folder else None, Web(resolver=dead), download=False, failed=ledger.failed(),
                      forgotten=frozenset(ledger.forgotten), **more)  # fmt: skip
        return ingest(self.data, self.home, order, self.store, made_by, FakeEmbedder, check=check)


ALL = ["article", "mit", "model-olmo", "note-weights", "osaid-1.0"]
