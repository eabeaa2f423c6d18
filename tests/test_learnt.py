"""What is asked in vain, and the file that keeps it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from assistant.asked_for import relation
from assistant.learnt import FILE, Learnt, learn
from tests.fakes import WordEmbedder


def unit(*numbers: float) -> np.ndarray:
    row = np.array(numbers, dtype=np.float32)
    return row / np.linalg.norm(row)


ROWS = np.stack([unit(1, 0, 0), unit(0, 1, 0), unit(0, 1, 1)])
LEARNT = Learnt("ab12", np.eye(3, dtype=np.float32), ROWS[2:])


@pytest.mark.parametrize(("row", "cosine"), [(ROWS[2], 1.0), (ROWS[0], 0.0), (np.zeros(3, dtype=np.float32), 0.0)])
def test_a_relation_asked_in_vain_is_recognised(row: np.ndarray, cosine: float) -> None:
    assert LEARNT.in_vain(row) == pytest.approx(cosine, abs=1e-6)


def test_what_is_written_is_read_again_for_the_same_embedding_model_only(tmp_path: Path) -> None:
    LEARNT.write(tmp_path / "gate.npz")
    found = Learnt.read("ab12", tmp_path / "gate.npz")
    assert found is not None
    assert found.in_vain(ROWS[2]) == pytest.approx(1.0, abs=0.01)
    assert Learnt.read("cd34", tmp_path / "gate.npz") is None
    assert Learnt.read("ab12", tmp_path / "none.npz") is None


def test_a_price_is_learnt_to_be_asked_in_vain_of_anything() -> None:
    """By words: the names of things are left out of a relation."""
    embedder = WordEmbedder()
    missed = [relation(f"What price has the {thing}?") for thing in ("Lamp", "Rope", "Boat", "Page")]
    found = learn(embedder.digest, embedder.encode([*missed, "Who lit it?"]), kept=4)
    vectors = embedder.encode([relation("What price has the Crane?"), relation("how far away?")])
    assert found.embedder == embedder.digest
    assert found.in_vain(vectors[0]) > 0.7 > found.in_vain(vectors[1])


def test_our_own_file_is_there() -> None:
    with np.load(FILE) as held:
        assert len(held["vain"]) > 5000
