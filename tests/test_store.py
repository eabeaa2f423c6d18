"""The index on disk, with real Chroma: readers see what was committed, whatever a writer does or is killed at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from errors import IndexUnavailable
from ingest.chunk import chunks
from knowledge.documents import Document
from knowledge.store import Store, Writer, chroma_version
from tests.fakes import ARTICLE, LICENCE, NOTE, WordEmbedder, document, embedded, rows_of

MADE_BY = {"embedder": "words", "embedder_digest": "words-1", "chunker": "1", "chroma": chroma_version()}
CHANGED = document("The lamp was sold, and nobody in the harbour knows to whom.\n", ARTICLE.source)


def put(writer: Writer, *documents: Document) -> None:
    for made in documents:
        cut = chunks(made)
        writer.put(made, cut, embedded(cut, WordEmbedder()))


def filled(home: Path, *documents: Document, made_by: dict[str, str] = MADE_BY) -> Store:
    store = Store(home)
    with store.begin(made_by) as writer:
        put(writer, *documents)
        writer.commit("corpus-1")
    return store


def texts(store: Store) -> set[str]:
    return {chunk.text for chunk in store.rows().chunks}


def of(*documents: Document) -> set[str]:
    return {chunk.text for made in documents for chunk in chunks(made)}


def collections(home: Path) -> set[str]:
    import chromadb

    settings = chromadb.config.Settings(anonymized_telemetry=False, allow_reset=False)
    client = chromadb.PersistentClient(path=str(home / "index" / "chroma"), settings=settings)
    return {collection.name for collection in client.list_collections()}


def test_nothing_is_there_before_the_first_commit(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert (store.manifest(), store.documents(), store.sources()) == (None, {}, [])
    with pytest.raises(IndexUnavailable, match="no index") as caught:
        store.rows()
    assert caught.value.mend == "python -m ingest"


def test_what_is_committed_comes_back_as_it_was(tmp_path: Path) -> None:
    filled(tmp_path, LICENCE, NOTE)
    store = Store(tmp_path)  # as another process opens it
    assert store.manifest() == {**MADE_BY, "corpus": "corpus-1"}
    assert store.documents() == {made.source.id: made.sha256 for made in (LICENCE, NOTE)}
    assert store.sources() == [LICENCE.source, NOTE.source]
    assert store.chunks(LICENCE.source.id) == chunks(LICENCE)
    assert {chunk.id: chunk for chunk in store.rows().chunks} == {c.id: c for d in (LICENCE, NOTE) for c in chunks(d)}


def test_vectors_belong_to_their_chunks_and_sentences(tmp_path: Path) -> None:
    found, wanted = filled(tmp_path, LICENCE, ARTICLE).rows(), rows_of((LICENCE, ARTICLE), WordEmbedder())
    order = [found.chunks.index(chunk) for chunk in wanted.chunks]
    assert np.allclose(found.vectors[order], wanted.vectors, atol=1e-5)
    for row, chunk in enumerate(found.chunks):
        own = found.sentence_vectors[found.firsts[row] : found.firsts[row] + len(chunk.sentences)]
        spoken = WordEmbedder().encode([chunk.sentence(span) for span in chunk.sentences])
        assert np.allclose(own, spoken, atol=1e-5)


def no_end(writer: Writer) -> None:
    """Killed between put and commit."""
    put(writer, ARTICLE)


def half_put(writer: Writer) -> None:
    """Killed within put: the chunk rows do not fit the vectors."""
    cut = chunks(ARTICLE)
    with pytest.raises(ValueError, match="lamp-history"):
        none = np.zeros((0, 512), dtype=np.float32)
        writer.put(ARTICLE, cut, replace(embedded(cut, WordEmbedder()), sentences=none))


def removal(writer: Writer) -> None:
    writer.remove(LICENCE.source.id)


def change(writer: Writer) -> None:
    put(writer, CHANGED)


@pytest.mark.parametrize("act", [no_end, half_put, removal, change], ids=lambda act: str(act.__name__))
def test_an_uncommitted_writer_is_invisible(tmp_path: Path, act: Callable[[Writer], None]) -> None:
    store = filled(tmp_path, LICENCE)
    with store.begin(MADE_BY) as writer:
        act(writer)
        assert texts(Store(tmp_path)) == of(LICENCE)
    assert texts(Store(tmp_path)) == of(LICENCE)
    assert store.documents() == {LICENCE.source.id: LICENCE.sha256}


def test_what_a_killed_run_put_is_known_to_the_next_and_kept_without_embedding(tmp_path: Path) -> None:
    with Store(tmp_path).begin(MADE_BY) as writer:
        put(writer, LICENCE, ARTICLE)  # and then the power fails
    store = Store(tmp_path)
    with store.begin(MADE_BY) as writer:
        assert writer.known() == {LICENCE.source.id: LICENCE.sha256, ARTICLE.source.id: ARTICLE.sha256}
        writer.keep(LICENCE.source, LICENCE.sha256)
        writer.commit("corpus-2")
    assert texts(store) == of(LICENCE)
    with store.begin(MADE_BY) as writer:
        assert writer.known() == {LICENCE.source.id: LICENCE.sha256}, "rows that nothing names are swept"


def test_a_document_that_was_half_put_is_not_known(tmp_path: Path) -> None:
    with Store(tmp_path).begin(MADE_BY) as writer:
        cut = chunks(LICENCE)
        writer.put(LICENCE, cut, embedded(cut, WordEmbedder()))
        last = f"{cut[-1].id}@{LICENCE.sha256[:12]}"
        writer._rows_of()[0].delete(ids=[last])  # the row that is written last never came
    with Store(tmp_path).begin(MADE_BY) as writer:
        assert writer.known() == {}


@pytest.mark.parametrize(
    ("removed", "put_now", "left"),
    [
        ((), (CHANGED,), (LICENCE, CHANGED)),
        ((ARTICLE,), (), (LICENCE,)),
        ((ARTICLE,), (NOTE,), (LICENCE, NOTE)),
        ((), (LICENCE, ARTICLE), (LICENCE, ARTICLE)),
    ],
    ids=["changed", "removed", "exchanged", "the same again"],
)
def test_a_commit_changes_everything_at_once(
    tmp_path: Path, removed: Sequence[Document], put_now: Sequence[Document], left: Sequence[Document]
) -> None:
    store = filled(tmp_path, LICENCE, ARTICLE)
    with store.begin(MADE_BY) as writer:
        put(writer, *put_now)
        for made in removed:
            writer.remove(made.source.id)
        writer.commit("corpus-2")
    assert texts(store) == of(*left)
    assert store.documents() == {made.source.id: made.sha256 for made in left}
    assert [source.id for source in store.sources()] == sorted(made.source.id for made in left)


def test_another_embedder_fills_a_new_collection_and_swaps(tmp_path: Path) -> None:
    other = {**MADE_BY, "embedder_digest": "words-2"}
    store = filled(tmp_path, LICENCE, ARTICLE)
    with store.begin(other) as writer:
        assert writer.known() == {}, "nothing of the other embedder may stand beside its own"
        put(writer, LICENCE)
        assert texts(store) == of(LICENCE, ARTICLE)
        assert collections(tmp_path) == {f"{kind}-{n}" for kind in ("chunks", "sentences", "asked") for n in (1, 2)}
        writer.commit("corpus-2")
    assert store.manifest() == {**other, "corpus": "corpus-2"}
    assert texts(store) == of(LICENCE)
    assert collections(tmp_path) == {"chunks-2", "sentences-2", "asked-2"}


@pytest.mark.parametrize("data", ["", "{", '{"manifest": {', "\0\0", "[]", "{}", '"x"'])
def test_a_damaged_list_of_what_is_committed_is_a_sentence(tmp_path: Path, data: str) -> None:
    store = filled(tmp_path, ARTICLE)
    (tmp_path / "index" / "current.json").write_text(data)
    for read in (store.manifest, store.documents, store.sources, store.rows):
        with pytest.raises(IndexUnavailable, match="cannot be read") as caught:
            read()
        assert caught.value.mend == "python -m ingest --rebuild"


def test_a_lost_collection_is_a_sentence(tmp_path: Path) -> None:
    import shutil

    (tmp_path / "other" / "index").mkdir(parents=True)
    filled(tmp_path / "one", ARTICLE)
    shutil.copy(tmp_path / "one" / "index" / "current.json", tmp_path / "other" / "index")
    with pytest.raises(IndexUnavailable, match="damaged") as caught:
        Store(tmp_path / "other").rows()
    assert "--rebuild" in caught.value.mend


def test_an_index_without_passages_is_a_sentence(tmp_path: Path) -> None:
    store = filled(tmp_path)
    with pytest.raises(IndexUnavailable, match="no passages"):
        store.rows()
