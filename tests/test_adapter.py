"""The change of the embedding model for questions: what it is learnt from, that it is learnt, kept and applied."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from errors import SourceError, WeightsError
from evaluation.adapting import NONE, SHARPNESS, adapt
from evaluation.material import Material
from evaluation.near_misses import NearMiss, near_misses
from evaluation.questions import HERE, load
from knowledge import adapter
from knowledge.adapter import Adapter
from knowledge.asked import asked as all_asked
from knowledge.documents import Asked
from knowledge.embedding import DEFAULT_SHA256
from knowledge.lexical import stems
from tests.fakes import WordEmbedder, document, searcher_over

SIZE = 16


class Encoder(torch.nn.Module):
    """The words of a text, mixed by one linear layer."""

    def __init__(self) -> None:
        super().__init__()
        self.words = torch.nn.Embedding(64, SIZE)
        self.encoder = torch.nn.ModuleDict({"layer": torch.nn.Linear(SIZE, SIZE)})

    def forward(self, features: dict[str, Any]) -> dict[str, Any]:
        mean = torch.stack([self.words(torch.tensor(ids)).mean(0) for ids in features["ids"]])
        return {"sentence_embedding": mean + self.encoder["layer"](mean)}


class Model(torch.nn.Module):
    """What of a SentenceTransformer is used here."""

    max_seq_length = 256

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.auto_model = Encoder()

    def __getitem__(self, place: int) -> Model:
        return self

    def preprocess(self, texts: Sequence[str]) -> dict[str, Any]:
        return {"ids": [[zlib.crc32(word.encode()) % 64 for word in stems(text) or ["?"]] for text in texts]}

    def forward(self, features: dict[str, Any]) -> dict[str, Any]:
        return dict(self.auto_model(features))

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        with torch.no_grad():
            rows = self(self.preprocess(texts))["sentence_embedding"]
            return np.asarray(torch.nn.functional.normalize(rows, dim=-1).numpy())


@dataclass
class Words(WordEmbedder):
    """Vectors of words, and a model of its own to be changed."""

    def copied(self) -> Model:
        return Model()


PRICES = ("What does a {} cost?", "How dear is a {}?", "What is the price of a {}?")
COLOURS = ("Which colour has a {}?", "What shade is a {}?", "Is a {} red?")
MAKERS = ("Who built the {}?", "Who is the maker of a {}?")
THINGS = ("boat", "lamp", "rope", "crane")


def material() -> Material:
    """Passages say what things cost, or their colour; near misses ask who made them."""
    asked = [(passage, form.format(thing)) for passage, (thing, forms) in enumerate(
        (thing, forms) for thing in THINGS for forms in (PRICES, COLOURS)) for form in forms]  # fmt: skip
    missed = [(form.format(thing), place) for thing in THINGS for place, form in enumerate(MAKERS)]
    texts = [text for _, text in asked]
    beside = [texts.index(PRICES[0].format(thing)) if place == 0 else -1 for thing in THINGS for place in range(2)]
    words = WordEmbedder()
    return Material(
        texts, words.encode(texts), np.array([owner for owner, _ in asked]),
        [text for text, _ in missed], words.encode([text for text, _ in missed]), np.array(beside),
    )  # fmt: skip


def test_of_a_batch_each_may_choose_another_on_its_passage_and_a_near_miss_none() -> None:
    kept = material()
    batch = next(kept.batches())
    owner = dict(zip(kept.texts, kept.owner.tolist(), strict=True))
    assert set(batch.texts) & set(kept.near)
    for row, text in enumerate(batch.texts):
        for column, other in enumerate(batch.others):
            itself_or_apart = text == other or owner.get(text) != owner[other]
            assert batch.answers[row, column] == (not itself_or_apart), (text, other)
            assert not (text == other and not batch.unclear[row, column])
        assert batch.answers[row, -1] == (text in kept.near)
        assert not batch.unclear[row, -1]


def test_a_near_miss_that_has_no_question_beside_it_is_met_by_what_is_nearest() -> None:
    kept = material()
    batch = next(kept.batches())
    asked_alone = [kept.near[miss] for miss in np.flatnonzero(kept.beside < 0).tolist()]
    assert set(batch.texts) & set(asked_alone)


def test_what_is_answered_and_what_is_not_are_told_apart_after_learning() -> None:
    kept, embedder = material(), Words()
    before = Model()
    change = adapt(kept, embedder, steps=200, say=lambda line: None)
    after = change.applied(before)

    def surprise(model: Model) -> float:
        """How unlikely what each may choose is, as the change starts to count it."""
        batch = next(kept.batches())
        odds = SHARPNESS * model.encode(batch.texts) @ model.encode(batch.others).T
        odds = np.where(batch.unclear, -np.inf, np.column_stack([odds, np.full(len(odds), NONE)]))
        share = np.exp(odds) / np.exp(odds).sum(axis=1, keepdims=True)
        return float(-np.log((share * batch.answers).sum(axis=1)).mean())

    assert change.embedder == embedder.digest
    assert surprise(after) < 0.6 * surprise(before)
    assert before.encode(["boat"]) == pytest.approx(Model().encode(["boat"]))  # the model itself is left as it was


def test_material_is_read_from_an_index_and_near_misses_find_what_stands_beside_them() -> None:
    made = document("Harbour Rules\n\n1. Lamps\n\nYou may light the lamp at night.\n\n2. Ropes\n\nRopes are dry.\n")
    searcher = searcher_over([replace(made, asked=(Asked("1. Lamps", ("Who lights it?", "Is fire allowed?")),))])
    missed = [NearMiss("harbour", "Who paid?", beside="Is fire allowed?"), NearMiss("harbour", "Who?", beside="gone")]
    kept = Material.of(searcher.rows, missed, str.upper, WordEmbedder())
    assert list(kept.texts) == ["WHO LIGHTS IT?", "IS FIRE ALLOWED?"]
    assert kept.beside.tolist() == [1, -1]
    assert kept.near == ["WHO PAID?", "WHO?"]
    assert len(kept.vectors) == len(kept.owner) == 2


def change(embedder: str = "ab12") -> Adapter:
    return Adapter(embedder, {"encoder.layer": (np.full((SIZE, 2), 0.5, np.float32), np.ones((2, SIZE), np.float32))})


def test_the_product_of_the_thin_matrices_is_added() -> None:
    before = Model()
    after = change().applied(before)
    added = after.auto_model.encoder["layer"].weight - before.auto_model.encoder["layer"].weight
    assert added.detach().numpy() == pytest.approx(np.ones((SIZE, SIZE)))


def test_what_is_written_is_read_again_for_the_same_embedding_model_only(tmp_path: Path) -> None:
    path = tmp_path / "adapter.npz"
    change().write(path)
    found = Adapter.read("ab12", path)
    assert found is not None
    up, down = found.layers["encoder.layer"]
    assert up == pytest.approx(np.full((SIZE, 2), 0.5))
    assert down.shape == (2, SIZE)
    assert len(adapter.digest_of("ab12", path)) == 16
    assert Adapter.read("cd34", path) is None
    assert adapter.digest_of("cd34", path) == ""
    assert Adapter.read("ab12", tmp_path / "none.npz") is None


@pytest.mark.parametrize("data", [b"", b"version https://git-lfs", b"PK\x03\x04cut off"])
def test_a_damaged_file_is_a_sentence(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "adapter.npz").write_bytes(data)
    with pytest.raises(WeightsError, match=r"adapter\.npz cannot be read"):
        Adapter.read("ab12", tmp_path / "adapter.npz")


def test_nothing_is_learnt_from_an_index_without_pairs() -> None:
    kept = material()
    with pytest.raises(SourceError, match="beside near misses"):
        next(replace(kept, beside=np.full(len(kept.near), -1)).batches())


def test_our_own_file_is_for_the_default_embedding_model() -> None:
    found = Adapter.read(DEFAULT_SHA256)
    assert found is not None
    assert all(name.startswith("encoder.") for name in found.layers)


def test_the_line_of_a_near_miss_that_is_wrong_is_named(tmp_path: Path) -> None:
    (tmp_path / "some.jsonl").write_text('{"source": "mit", "question": "Who?"}\n{"source": "mit"}\n')
    with pytest.raises(SourceError, match="line 2"):
        near_misses(tmp_path)


def words(question: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", question.lower()))


def test_no_near_miss_of_ours_is_a_question_that_we_say_is_answered_and_neither_is_one_that_we_are_tested_with() -> (
    None
):
    answered = {q for entries in all_asked().values() for one in entries for q in one.questions}
    ours = near_misses()
    assert len(ours) > 5000
    asked_of_us = {words(question.question) for path in sorted(HERE.glob("*.jsonl")) for question in load(path)}
    assert not {q.lower() for q in answered} & {miss.question.lower() for miss in ours}
    assert not asked_of_us & {words(q) for q in answered}
    assert not asked_of_us & {words(miss.question) for miss in ours}
    beside = {miss.beside for miss in ours if miss.beside}
    assert len(beside) > 2000
    assert beside <= answered
