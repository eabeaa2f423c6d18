"""The story of ingest, straight down: sources → documents → chunks → vectors → the index.

Readers of the index see the old one until ``commit``, and the new one after it. A run that is killed leaves the old
one; the next run finds the rows that were stored already and goes on from there.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from errors import SourceError
from ingest.cache import Cache, Cached
from ingest.chunk import chunks, heading
from ingest.fetch import Data, Gathered, Missing, Order, Raw, about_itself, gather
from ingest.ledger import Ledger, digest_of_raw, digest_of_rows
from ingest.load import load
from ingest.twins import joined, prints, twins
from knowledge.documents import Chunk, Document, Source
from knowledge.embedding import chunk_vectors
from knowledge.rows import ChunkVectors
from knowledge.texts import kept_digest, remove_text, write_text

Vectors = NDArray[np.float32]
Say = Callable[[str], None]
MEND_FILE = "mend the file, then python -m ingest"


class Writer(Protocol):
    """Writes beside the committed index; see knowledge.store.Writer."""

    def known(self) -> dict[str, str]: ...
    def keep(self, source: Source, sha256: str, /) -> None: ...
    def put(self, document: Document, chunks: list[Chunk], vectors: ChunkVectors, /) -> None: ...
    def remove(self, source_id: str, /) -> None: ...
    def commit(self, corpus: str, /) -> None: ...


class Store(Protocol):
    """The index of a home; see knowledge.store.Store."""

    def manifest(self) -> dict[str, str] | None: ...
    def documents(self) -> dict[str, str]: ...
    def begin(self, manifest: Mapping[str, str], /) -> AbstractContextManager[Any]: ...


class Embedder(Protocol):
    """Texts to vectors; see knowledge.embedding.Embedder."""

    def encode(self, texts: list[str], progress: Callable[[int, int], None] | None = None, /) -> Vectors: ...
    def questions(self, texts: list[str], progress: Callable[[int, int], None] | None = None, /) -> Vectors: ...


@dataclass(frozen=True)
class Report:
    """What a run did, by source id, or with ``check`` what it would do; twins: left out → the source with that text."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    missing: tuple[Missing, ...] = ()
    twins: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def did_nothing(self) -> bool:
        return not (self.added or self.changed or self.removed)


@dataclass
class _Run:
    """What one run holds. made_by: the manifest but for the corpus; embedder: made only when a text needs it."""

    home: Path
    store: Store
    made_by: Mapping[str, str]
    embedder: Callable[[], Embedder]
    say: Say
    ledger: Ledger
    cache: Cache
    missing: list[Missing] = field(default_factory=list)
    made: Embedder | None = None
    read: dict[str, Document] = field(default_factory=dict)  # by the digest of their bytes, so that none is read twice
    vectors: dict[str, NDArray[np.float32]] = field(default_factory=dict)  # of this run: licences share sentences
    questions: dict[str, NDArray[np.float32]] = field(default_factory=dict)


def ingest(
    data: Data,
    home: Path,
    order: Order,
    store: Store,
    made_by: Mapping[str, str],
    embedder: Callable[[], Embedder],
    say: Say = lambda line: None,
    *,
    check: bool = False,
) -> Report:
    """Makes the index of ``home`` hold what can be had, no more and no less. check: only says what would change."""
    began = time.monotonic()
    run = _Run(home, store, made_by, embedder, say, Ledger.read(home), Cache(home))
    gathered = gather(data, home, order, say)
    run.missing += gathered.missing
    gathered, doubled = _told_apart(run, gathered)
    gathered = _with_itself(run, data, order, gathered)
    fresh, settled = _sorted_out(run, gathered)
    before = store.documents()
    wanted = set(gathered.wanted)
    removed = tuple(sorted(set(before) - wanted))
    if not check and (fresh or removed or gathered.gone or not _same_maker(run)):
        everything = fresh if _same_maker(run) else list(gathered.raws)
        documents = _documents(run, everything)
        corpus = _indexed(run, documents, wanted)
        _settle(run, gathered, documents, removed)
        say(f"index {corpus[:12]} is in use")
    if not check:
        _remember(run, gathered, doubled)
    now = before if check else store.documents()
    ids = [raw.source.id for raw in fresh if check or raw.source.id in now]
    return Report(
        added=tuple(id_ for id_ in ids if id_ not in before),
        changed=tuple(id_ for id_ in ids if id_ in before),
        removed=removed,
        unchanged=tuple(raw.source.id for raw in settled),
        missing=tuple(dict.fromkeys(run.missing)),
        twins=run.ledger.twins,
        seconds=time.monotonic() - began,
    )


def _told_apart(run: _Run, gathered: Gathered) -> tuple[Gathered, list[Raw]]:
    """What was gathered without texts that stand in it twice, and those texts."""
    printed: dict[str, list[str]] = {}
    for raw in gathered.raws:
        id_, digest = raw.source.id, digest_of_raw(raw)
        kept = run.ledger.prints.get(id_, [""])
        if kept[0] != digest and run.ledger.broken.get(id_, ("", ""))[0] != digest:
            kept = _read(run, raw, digest)
        if kept[0] == digest:
            printed[id_] = kept
    run.ledger.prints = printed
    found = run.ledger.twins = twins({id_: kept[1:] for id_, kept in printed.items()})
    doubled = [raw for raw in gathered.raws if raw.source.id in found]
    return replace(gathered, raws=tuple(joined(gathered.raws, found)), wanted=gathered.wanted - set(found)), doubled


def _read(run: _Run, raw: Raw, digest: str) -> list[str]:
    """The digests by which a text's twins are known; what cannot be read is reported where it is read again."""
    try:
        document = run.read[digest] = _loaded(raw, raw)
    except SourceError:
        return [""]
    return [digest, *prints(document)]


def _with_itself(run: _Run, data: Data, order: Order, gathered: Gathered) -> Gathered:
    """What was gathered, and the document on the assistant itself, which counts what can be read of it."""
    readable = [raw for raw in gathered.raws if raw.source.id in run.ledger.prints or run.cache.read(raw.source.id)]
    more = about_itself(data, order, run.made_by, [raw.source for raw in readable])
    wanted = gathered.wanted | {raw.source.id for raw in more}
    return replace(gathered, raws=(*gathered.raws, *more), wanted=wanted)


def _same_maker(run: _Run) -> bool:
    """Whether the committed index was made by this embedder, adapter, chunker and chroma."""
    manifest = run.store.manifest()
    return manifest is not None and all(manifest.get(key, "") == value for key, value in run.made_by.items())


def _sorted_out(run: _Run, gathered: Gathered) -> tuple[list[Raw], list[Raw]]:
    """Sources that must be read, and those that are in the index as they are; a known unreadable one is neither."""
    fresh, settled = list[Raw](), list[Raw]()
    held = run.store.documents()
    for raw in gathered.raws:
        id_, digest = raw.source.id, digest_of_raw(raw)
        if run.ledger.broken.get(id_, ("", ""))[0] == digest and (id_ in held or run.cache.read(id_) is None):
            run.missing.append(Missing(id_, run.ledger.broken[id_][1], MEND_FILE))
        elif id_ in held and run.ledger.raw.get(id_) == digest and kept_digest(run.home, id_) == held[id_]:
            settled.append(raw)
        else:
            fresh.append(raw)
    return fresh, settled


def _documents(run: _Run, raws: list[Raw]) -> list[tuple[Raw, Document]]:
    """Reads every source; one that cannot be read is a Missing, and its last readable bytes stand in for it."""
    read = []
    for raw in raws:
        try:
            read.append((raw, run.read.get(digest_of_raw(raw)) or _loaded(raw, raw)))
            run.ledger.broken.pop(raw.source.id, None)
        except SourceError as error:
            run.missing.append(Missing(raw.source.id, error.message, error.mend or MEND_FILE))
            run.ledger.broken[raw.source.id] = (digest_of_raw(raw), error.message)
            older = run.cache.read(raw.source.id)
            if older and older.data != raw.data:
                read.append((raw, _loaded(raw, older)))
    return read


def _loaded(raw: Raw, held: Raw | Cached) -> Document:
    """The document of a source, from its bytes or from those that the cache holds."""
    return replace(load(raw.source, held.data, held.form), asked=raw.asked)


def _indexed(run: _Run, documents: list[tuple[Raw, Document]], wanted: set[str]) -> str:
    """Puts what is not in the index yet, leaves out what is not wanted, and commits; returns the corpus's digest."""
    with run.store.begin(run.made_by) as writer:
        known = writer.known()
        waiting = [document for _, document in documents if not _stored(run, document, known)]
        for number, document in enumerate(waiting, 1):
            _put(run, writer, document, f"{number} of {len(waiting)}: {document.source.title}")
        for _, document in documents:
            if document not in waiting:
                writer.keep(document.source, document.sha256)
        for id_ in set(known) - wanted:
            writer.remove(id_)
        held = {i: text for i, text in run.store.documents().items() if i in wanted} if _same_maker(run) else {}
        corpus = _corpus(held | {document.source.id: document.sha256 for _, document in documents})
        writer.commit(corpus)
    return corpus


def _stored(run: _Run, document: Document, known: Mapping[str, str]) -> bool:
    """Whether its rows are here already, committed or left by a run that was cut off."""
    id_ = document.source.id
    return known.get(id_) == document.sha256 and run.ledger.rows.get(id_) == digest_of_rows(document, run.made_by)


def _put(run: _Run, writer: Writer, document: Document, where: str) -> None:
    """Chunks, embeds and stores one document, and notes at once that its rows are there."""
    run.say(f"embedding {where}")
    pieces = chunks(document)
    headings = [heading(piece) for piece in pieces]
    sentences = [piece.sentence(span) for piece in pieces for span in piece.sentences]
    asked = [question for piece in pieces for question in piece.asked]
    _embed(run, [*headings, *sentences], asked, where)
    empty = np.zeros((0, 0), dtype=np.float32)
    heads, told, questions = (
        np.stack([held[text] for text in wanted]) if wanted else empty
        for wanted, held in ((headings, run.vectors), (sentences, run.vectors), (asked, run.questions))
    )
    vectors = chunk_vectors(heads, told, [len(piece.sentences) for piece in pieces]) if pieces else empty
    writer.put(document, pieces, ChunkVectors(vectors, told, questions))
    run.ledger.rows[document.source.id] = digest_of_rows(document, run.made_by)
    run.ledger.save(run.home)


def _embed(run: _Run, texts: list[str], asked: list[str], where: str) -> None:
    """Embeds those of the texts and questions that this run has not embedded yet: licences share a sixth of theirs."""
    new = [text for text in dict.fromkeys(texts) if text not in run.vectors]
    new_asked = [question for question in dict.fromkeys(asked) if question not in run.questions]
    if not new and not new_asked:
        return
    if run.made is None:
        run.made = run.embedder()
    whole = len(new) + len(new_asked)
    if new:
        vectors = run.made.encode(new, lambda done, _: run.say(f"embedding {where} ({done}/{whole})"))
        run.vectors.update(zip(new, vectors, strict=True))
    if new_asked:
        made = run.made.questions(new_asked, lambda done, _: run.say(f"embedding {where} ({len(new) + done}/{whole})"))
        run.questions.update(zip(new_asked, made, strict=True))


def _settle(run: _Run, gathered: Gathered, documents: list[tuple[Raw, Document]], removed: tuple[str, ...]) -> None:
    """After the commit: texts, cache and ledger follow the index. Killed in here, the next run does it again."""
    for raw, document in documents:
        id_ = document.source.id
        if kept_digest(run.home, id_) != document.sha256:
            write_text(run.home, document)
        if id_ in run.ledger.broken:
            continue
        if raw.origin != "own":
            run.cache.keep(raw.cached)
        run.ledger.raw[id_] = digest_of_raw(raw)
    for id_ in {*removed, *gathered.gone}:
        remove_text(run.home, id_)
        run.cache.forget(id_)
        for entries in (run.ledger.raw, run.ledger.rows, run.ledger.origins, run.ledger.broken):
            entries.pop(id_, None)


def _remember(run: _Run, gathered: Gathered, doubled: list[Raw]) -> None:
    """Where each source came from, and what the web did not give; written only when it differs."""
    before = Ledger.read(run.home)
    for raw in doubled:  # kept, or each run would fetch them again to see that they are twins
        if raw.origin != "own":
            run.cache.keep(raw.cached)
    run.ledger.origins = {raw.source.id: raw.origin for raw in gathered.raws}
    got = set(run.ledger.origins)
    run.ledger.asked = {id_: entry for id_, entry in run.ledger.asked.items() if id_ not in got}
    run.ledger.asked |= {m.source: (time.time(), m.reason) for m in gathered.missing if m.asked}
    unread = [raw.source.id for raw in gathered.raws if raw.origin == "web" and raw.source.id in run.ledger.broken]
    run.ledger.asked |= {id_: (time.time(), run.ledger.broken[id_][1]) for id_ in unread}
    if run.ledger != before:
        run.ledger.save(run.home)


def _corpus(held: Mapping[str, str]) -> str:
    return sha256("\n".join(f"{id_} {text}" for id_, text in sorted(held.items())).encode()).hexdigest()
