"""What the web shows of the corpus: functions that look things up, so that pages need no store."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from errors import IndexUnavailable
from knowledge.documents import Chunk, Dispute, Source
from knowledge.openness import Model
from knowledge.store import Store


@dataclass(frozen=True)
class Shelf:
    """The sources, their chunks and texts by id, the claims that were checked, and well-known models."""

    sources: Callable[[], Sequence[Source]]
    chunks: Callable[[str], Sequence[Chunk]]
    text: Callable[[str], str]
    disputes: Sequence[Dispute] = ()
    models: Sequence[Model] = ()

    def source(self, source_id: str) -> Source | None:
        """The source of that id, or the one that stands for it because their texts are the same."""
        sources = self.sources()
        own = next((s for s in sources if s.id == source_id), None)
        return own or next((s for s in sources if source_id in s.names and s.kind != "note"), None)


def chunks_of(store: Store) -> Callable[[str], Sequence[Chunk]]:
    """A look-up of chunks by source that reads the store once for each state of the index, not once for each source."""
    read: dict[str, dict[str, list[Chunk]]] = {}

    def look_up(source_id: str) -> Sequence[Chunk]:
        corpus = (store.manifest() or {}).get("corpus", "")
        if corpus not in read:
            grouped: dict[str, list[Chunk]] = {}
            try:
                for chunk in store.rows().chunks:
                    grouped.setdefault(chunk.source.id, []).append(chunk)
            except IndexUnavailable:
                return ()
            read.clear()
            read[corpus] = grouped
        return read[corpus].get(source_id, ())

    return look_up
