"""Chunks and vectors on disk: the only home of chromadb.

One folder, ``home/index``: a Chroma PersistentClient with our own vectors, and ``current.json``, which says what is
committed: the manifest, and for each source the digest of the text its rows were made from. Rows carry that digest in
their id, so a reader sees the committed rows only, whatever a writer is doing or was doing when it was killed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from errors import IndexUnavailable
from knowledge.documents import Chunk, Document, Source
from knowledge.rows import ChunkVectors, Rows, chunk_of, meta_of, source_of

MADE_BY = ("embedder", "embedder_digest", "adapter", "chunker", "chroma")  # of another value: another collection
STATE = {"manifest", "collection", "documents", "sources"}  # what current.json says
COLLECTIONS = ("chunks", "sentences", "asked")
ROWS = 2000  # at a time; Chroma refuses more than about 5,000
MEND = "python -m ingest"


class Store:
    """The index of one home folder. Opening it imports nothing heavy; reading rows does."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "index"
        self._current = self._folder / "current.json"

    def manifest(self) -> dict[str, str] | None:
        """What the committed index was made with and from (with "corpus", its digest), or None if there is none."""
        state = self._state()
        return dict(state["manifest"]) if state else None

    def documents(self) -> dict[str, str]:
        """Source id to the digest of the text that is committed."""
        state = self._state()
        return dict(state["documents"]) if state else {}

    def sources(self) -> list[Source]:
        """The committed sources, by id."""
        state = self._state()
        found = [source_of(entry) for entry in state["sources"].values()] if state else []
        return sorted(found, key=lambda source: source.id)

    def chunks(self, source_id: str) -> list[Chunk]:
        """The committed chunks of one source, in reading order."""
        return sorted((c for c in self.rows().chunks if c.source.id == source_id), key=lambda chunk: chunk.start)

    def rows(self) -> Rows:
        """Everything that is committed. Raises IndexUnavailable if nothing is."""
        state = self._state()
        if state is None:
            raise IndexUnavailable("There is no index to search yet.", mend=MEND)
        sources = {id_: source_of(entry) for id_, entry in state["sources"].items()}
        held, sents, questions = (_all(rows) for rows in self._collections(state["collection"], create=False))
        sentence_at, asked_at = ({id_: row for row, id_ in enumerate(kept["ids"])} for kept in (sents, questions))
        picked: list[Chunk] = []
        order: list[int] = []
        firsts, asked_firsts = list[int](), list[int]()
        sentence_rows, asked_rows = list[int](), list[int]()
        for row, meta in enumerate(held["metadatas"]):
            if state["documents"].get(meta["source"]) != meta["document"]:
                continue
            chunk = chunk_of(sources[meta["source"]], meta, held["documents"][row])
            picked.append(chunk)
            order.append(row)
            firsts.append(len(sentence_rows))
            sentence_rows += [sentence_at[f"{held['ids'][row]}/{n}"] for n in range(len(chunk.sentences))]
            asked_firsts.append(len(asked_rows))
            asked_rows += [asked_at[f"{held['ids'][row]}/{n}"] for n in range(len(chunk.asked))]
        if not picked:
            raise IndexUnavailable("The index holds no passages.", mend=MEND)
        return Rows(
            chunks=tuple(picked),
            vectors=held["embeddings"][order],
            sentence_vectors=sents["embeddings"][sentence_rows],
            firsts=tuple(firsts),
            asked_vectors=questions["embeddings"][asked_rows],
            asked_firsts=tuple(asked_firsts),
        )

    def begin(self, manifest: Mapping[str, str]) -> Writer:
        """A writer into the current collection, or into a new one if it was made by something else."""
        state = self._state()
        same = state is not None and all(state["manifest"].get(key, "") == manifest.get(key, "") for key in MADE_BY)
        number = int(state["collection"]) if state else 0
        collection = number if same else number + 1
        return Writer(self, dict(manifest), str(collection), state if same else None, state)

    def _state(self) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = json.loads(self._current.read_text("utf-8"))
            if not isinstance(found, dict) or not found.keys() >= STATE:
                raise ValueError(f"{self._current.name} does not say what is committed")
        except FileNotFoundError:
            return None
        except ValueError as error:
            raise IndexUnavailable(
                f"The index in {self._folder} cannot be read: {error}.", mend=f"{MEND} --rebuild"
            ) from None
        return found

    def _collections(self, name: str, *, create: bool) -> tuple[Any, Any, Any]:
        """Chroma's three collections of a generation. Raises IndexUnavailable if they are committed but gone."""
        client = _client(self._folder)
        made = []
        for kind in COLLECTIONS:
            try:
                if create:
                    got = client.get_or_create_collection(
                        f"{kind}-{name}", embedding_function=None, configuration=COSINE
                    )
                else:
                    got = client.get_collection(f"{kind}-{name}", embedding_function=None)
            except Exception as error:  # Chroma raises several types for a missing or damaged collection
                raise IndexUnavailable(
                    f"The index in {self._folder} is damaged: {error}", mend=f"{MEND} --rebuild"
                ) from error
            made.append(got)
        return made[0], made[1], made[2]

    def _commit(self, state: dict[str, Any]) -> None:
        temporary = self._current.with_suffix(".tmp")
        with temporary.open("w", encoding="utf-8") as file:
            json.dump(state, file, ensure_ascii=False, indent=0)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(self._current)


class Writer:
    """Writes rows beside the committed ones; nothing changes for readers before ``commit``."""

    def __init__(
        self,
        store: Store,
        manifest: dict[str, str],
        collection: str,
        base: dict[str, Any] | None,
        old: dict[str, Any] | None,
    ) -> None:
        self._store, self._manifest, self._collection, self._old = store, manifest, collection, old
        self._documents: dict[str, str] = dict(base["documents"]) if base else {}
        self._sources: dict[str, Any] = dict(base["sources"]) if base else {}
        self._made: tuple[Any, Any, Any] | None = None

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, *_: object) -> None:
        self._made = None

    def known(self) -> dict[str, str]:
        """Source id to the digest of the text whose rows are all here, committed or left by a run that was cut off."""
        found = dict(self._documents)
        held = self._rows_of()[0].get(include=["metadatas"])
        for meta in held["metadatas"]:
            if meta["last"]:
                found[str(meta["source"])] = str(meta["document"])
        return found

    def keep(self, source: Source, sha256: str) -> None:
        """Takes a source's rows, which ``known`` named, into the next commit, with what is said of the source now."""
        self._documents[source.id] = sha256
        self._sources[source.id] = asdict(source)

    def put(self, document: Document, chunks: Sequence[Chunk], vectors: ChunkVectors) -> None:
        """Adds a document's rows. Raises ValueError where there is not one vector for each."""
        chunk_rows, sentence_rows, asked_rows = self._rows_of()
        for rows in (
            chunk_rows,
            sentence_rows,
            asked_rows,
        ):  # the same text under other headings may have been cut elsewhere
            rows.delete(where={"$and": [{"source": document.source.id}, {"document": document.sha256}]})
        ids = [f"{chunk.id}@{document.sha256[:12]}" for chunk in chunks]
        owned = list(zip(ids, chunks, strict=True))
        sentence_ids = [f"{id_}/{n}" for id_, chunk in owned for n in range(len(chunk.sentences))]
        asked_ids = [f"{id_}/{n}" for id_, chunk in owned for n in range(len(chunk.asked))]
        wanted, given = (ids, sentence_ids, asked_ids), (vectors.chunks, vectors.sentences, vectors.asked)
        if [len(names) for names in wanted] != [len(rows) for rows in given]:
            raise ValueError(f"{document.source.id}: {[len(v) for v in given]} vectors for {[len(n) for n in wanted]}")
        owner = {"source": document.source.id, "document": document.sha256}
        for rows, names, embedded in (
            (sentence_rows, sentence_ids, vectors.sentences),
            (asked_rows, asked_ids, vectors.asked),
        ):
            for part in _parts(len(names)):
                rows.upsert(ids=names[part], embeddings=embedded[part], metadatas=[owner] * len(names[part]))
        metas = [meta_of(document, chunk, chunk is chunks[-1]) for chunk in chunks]
        texts = [chunk.text for chunk in chunks]
        for part in _parts(len(ids)):
            chunk_rows.upsert(
                ids=ids[part], embeddings=vectors.chunks[part], documents=texts[part], metadatas=metas[part]
            )
        self.keep(document.source, document.sha256)

    def remove(self, source_id: str) -> None:
        """Leaves a source out of the next commit."""
        self._documents.pop(source_id, None)
        self._sources.pop(source_id, None)

    def commit(self, corpus: str) -> None:
        """Makes what was put the index, at once; then clears away rows that nothing names any more."""
        state = {
            "manifest": {**self._manifest, "corpus": corpus},
            "collection": self._collection,
            "documents": self._documents,
            "sources": self._sources,
        }
        self._rows_of()
        self._store._commit(state)
        self._sweep()

    def _rows_of(self) -> tuple[Any, Any, Any]:
        if self._made is None:
            self._made = self._store._collections(self._collection, create=True)
        return self._made

    def _sweep(self) -> None:
        for rows in self._rows_of():
            held = rows.get(include=["metadatas"])
            stale = [
                id_
                for id_, meta in zip(held["ids"], held["metadatas"], strict=True)
                if self._documents.get(str(meta["source"])) != meta["document"]
            ]
            for part in _parts(len(stale)):
                rows.delete(ids=stale[part])
        if self._old and self._old["collection"] != self._collection:
            client = _client(self._store._folder)
            for kind in COLLECTIONS:
                if f"{kind}-{self._old['collection']}" in {c.name for c in client.list_collections()}:
                    client.delete_collection(f"{kind}-{self._old['collection']}")


COSINE: Any = {"hnsw": {"space": "cosine"}}


def _client(folder: Path) -> Any:
    """Chroma in this process, without telemetry. Its HTTP server is never used (CVE-2026-45829)."""
    import chromadb
    from chromadb.config import Settings

    folder.mkdir(parents=True, exist_ok=True)
    settings = Settings(anonymized_telemetry=False, allow_reset=False)
    return chromadb.PersistentClient(path=str(folder / "chroma"), settings=settings)


def chroma_version() -> str:
    """The version of chromadb, read without importing it."""
    from importlib.metadata import version

    return version("chromadb")


def _all(collection: Any) -> dict[str, Any]:
    """All rows of a collection, page by page, embeddings as one array."""
    out: dict[str, Any] = {"ids": [], "metadatas": [], "documents": [], "embeddings": []}
    for offset in range(0, max(1, collection.count()), ROWS):
        page = collection.get(limit=ROWS, offset=offset, include=["metadatas", "documents", "embeddings"])
        out["ids"] += page["ids"]
        out["metadatas"] += page["metadatas"]
        out["documents"] += page["documents"]
        out["embeddings"].append(np.asarray(page["embeddings"], dtype=np.float32))
    out["embeddings"] = np.concatenate(out["embeddings"]) if out["ids"] else np.zeros((0, 0), dtype=np.float32)
    return out


def _parts(count: int) -> list[slice]:
    return [slice(start, start + ROWS) for start in range(0, count, ROWS)]
