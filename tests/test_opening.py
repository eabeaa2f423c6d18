"""Opening the assistant that the settings describe: index, embedder and engine must fit each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.opening import open_assistant, open_models, open_other, open_searcher
from errors import EngineUnavailable, IndexUnavailable, WeightsError
from ingest.chunk import chunks
from knowledge.embedding import digest_of
from knowledge.store import Store
from settings import Settings
from tests.fakes import LICENCE, WordEmbedder, embedded


def own_model(root: Path, data: bytes = b"weights") -> str:
    (root / "my-model").mkdir(exist_ok=True)
    (root / "my-model" / "model.safetensors").write_bytes(data)
    return str(root / "my-model")


def indexed(home: Path, embedder_digest: str, adapter: str = "") -> None:
    made_by = {
        "embedder": "my-model",
        "embedder_digest": embedder_digest,
        "adapter": adapter,
        "chunker": "1",
        "chroma": "1",
    }
    with Store(home).begin(made_by) as writer:
        cut = chunks(LICENCE)
        writer.put(LICENCE, cut, embedded(cut, WordEmbedder()))
        writer.commit("c0ffee")


def test_no_index_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(IndexUnavailable, match="no index") as caught:
        open_searcher(Settings(home=tmp_path))
    assert caught.value.mend == "python -m ingest"


def test_an_index_of_another_embedder_is_a_sentence(tmp_path: Path) -> None:
    embedder = own_model(tmp_path)
    indexed(tmp_path, digest_of(embedder)[1])
    own_model(tmp_path, b"retrained weights")
    with pytest.raises(IndexUnavailable, match="made with another embedding model, my-model"):
        open_searcher(Settings(home=tmp_path, embedder=embedder))


def test_an_index_with_other_vectors_of_questions_is_a_sentence(tmp_path: Path) -> None:
    embedder = own_model(tmp_path)
    indexed(tmp_path, digest_of(embedder)[1], adapter="of-an-older-version")
    with pytest.raises(IndexUnavailable, match="by another version of Plainsource"):
        open_searcher(Settings(home=tmp_path, embedder=embedder))


def test_an_embedder_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    indexed(tmp_path, "0")
    with pytest.raises(WeightsError, match=r"model\.safetensors is missing"):
        open_searcher(Settings(home=tmp_path, embedder=str(tmp_path / "gone")))


def test_what_is_opened_fits_and_loads_no_model(tmp_path: Path) -> None:
    embedder = own_model(tmp_path)  # no real weights: an attempt to load them would fail
    indexed(tmp_path, digest_of(embedder)[1])
    assistant = open_assistant(Settings(home=tmp_path, embedder=embedder, model="none"))
    assert (assistant.corpus, assistant.engine.kind) == ("c0ffee", "none")
    assistant.close()


def test_another_engine_answers_from_the_same_index(tmp_path: Path) -> None:
    embedder = own_model(tmp_path)
    indexed(tmp_path, digest_of(embedder)[1])
    values = Settings(
        home=tmp_path, embedder=embedder, model="openai:lamp", ollama_host="127.0.0.1:9",
        openai_base_url="https://models.example/v1", openai_model="lamp",
    )  # fmt: skip
    assistant = open_assistant(values)
    listed = open_models(values)
    assert [(option.setting, option.sent_to) for option in listed if option.kind != "embedded"] == [
        ("openai:lamp", "models.example"),
        ("none", ""),
    ]
    other = open_other(values, assistant, "none")
    assert (assistant.engine.kind, other.engine.kind, other.corpus) == ("openai", "none", "c0ffee")
    assert assistant.notices == ("Your words are sent to models.example.",) and other.notices == ()
    with pytest.raises(EngineUnavailable, match="127"):
        open_other(values, assistant, "ollama:lamp")
    assistant.close()
