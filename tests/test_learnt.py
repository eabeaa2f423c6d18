"""What is asked in vain, what is not our field, and the file that keeps both."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from assistant.asked_for import relation
from assistant.learnt import FILE, Learnt, learn
from errors import SourceError
from evaluation import field
from evaluation.questions import HERE, load
from tests.fakes import WordEmbedder


def unit(*numbers: float) -> np.ndarray:
    row = np.array(numbers, dtype=np.float32)
    return row / np.linalg.norm(row)


ROWS = np.stack([unit(1, 0, 0), unit(0, 1, 0), unit(0, 1, 1)])
LEARNT = Learnt("ab12", np.eye(3, dtype=np.float32), ROWS[2:], np.array([2, -10, 0, 1], dtype=np.float32))


@pytest.mark.parametrize(("row", "cosine"), [(ROWS[2], 1.0), (ROWS[0], 0.0), (np.zeros(3, dtype=np.float32), 0.0)])
def test_a_relation_asked_in_vain_is_recognised(row: np.ndarray, cosine: float) -> None:
    assert LEARNT.in_vain(row) == pytest.approx(cosine, abs=1e-6)


@pytest.mark.parametrize(("row", "share"), [(ROWS[0], 0.875), (ROWS[1], 0.0), (np.zeros(3, dtype=np.float32), 0.625)])
def test_the_odds_that_a_question_is_of_our_field_have_ends(row: np.ndarray, share: float) -> None:
    assert LEARNT.in_field(row) == pytest.approx(share)


def test_what_is_written_is_read_again_for_the_same_embedding_model_only(tmp_path: Path) -> None:
    LEARNT.write(tmp_path / "gate.npz")
    found = Learnt.read("ab12", tmp_path / "gate.npz")
    assert found is not None
    assert found.in_vain(ROWS[2]) == pytest.approx(1.0, abs=0.01)
    assert found.in_field(ROWS[0]) == LEARNT.in_field(ROWS[0])
    assert Learnt.read("cd34", tmp_path / "gate.npz") is None
    assert Learnt.read("ab12", tmp_path / "none.npz") is None


def test_a_price_is_learnt_to_be_asked_in_vain_of_anything() -> None:
    """By words: the names of things are left out of a relation."""
    embedder = WordEmbedder()
    missed = [relation(f"What price has the {thing}?") for thing in ("Lamp", "Rope", "Boat", "Page")]
    found = learn(embedder.digest, embedder.encode([*missed, "Who lit it?"]), 4, LEARNT.field)
    vectors = embedder.encode([relation("What price has the Crane?"), relation("how far away?")])
    assert found.embedder == embedder.digest
    assert found.in_vain(vectors[0]) > 0.7 > found.in_vain(vectors[1])


def test_our_own_file_is_there() -> None:
    with np.load(FILE) as held:
        assert len(held["vain"]) > 5000
        assert held["field"].shape == (held["basis"].shape[1] + 1,)


def test_the_field_is_learnt_from_questions_of_both_kinds() -> None:
    embedder = WordEmbedder()
    of_us = [f"May I {verb} the lamp under the Harbour Licence?" for verb in ("sell", "copy", "paint", "share")]
    others = [f"How long must I {verb} the potatoes?" for verb in ("boil", "fry", "steam", "peel")]
    made = replace(LEARNT, field=field.learn(embedder.encode(of_us), embedder.encode(others)))
    ours, other = embedder.encode(["May I lend the lamp?", "How long must rice boil?"])
    assert made.in_field(ours) > 0.5 > made.in_field(other)


def test_questions_of_other_fields_are_there_and_we_are_not_tested_with_them() -> None:
    others = field.outside(str)
    assert len(others) > 1500
    tested = {question.question for path in sorted(HERE.glob("*.jsonl")) for question in load(path)}
    assert not tested & set(others)


def test_a_missing_file_of_other_fields_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be read"):
        field.outside(str, tmp_path / "outside.txt")
