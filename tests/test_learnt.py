"""What the gate learns of questions, and the file that keeps it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from assistant.asked_for import relation
from assistant.learnt import FILE, Learnt, features
from errors import SourceError
from evaluation.learning import NearMiss, learn, near_misses
from knowledge.asked import asked as all_asked
from tests.fakes import HARBOUR, searcher_over


def unit(*numbers: float) -> np.ndarray:
    row = np.array(numbers, dtype=np.float32)
    return row / np.linalg.norm(row)


ROWS = np.stack([unit(1, 0, 0), unit(0, 1, 0), unit(0, 1, 1)])


def learnt(bias: float = -3.0) -> Learnt:
    """Weighs nothing but the two cosines; knows one relation that is asked in vain."""
    weights = np.zeros(3 * 4 + 2, dtype=np.float32)
    weights[-2:] = 1
    return Learnt("ab12", weights, bias, np.eye(3, dtype=np.float32), ROWS[2:])


def test_a_pair_has_as_many_features_as_four_vectors_and_two_cosines() -> None:
    found = features(ROWS, ROWS, ROWS[::-1], ROWS[::-1])
    assert found.shape == (3, 14)
    assert found[0, -2:] == pytest.approx([0, 0])
    assert found[1, -2:] == pytest.approx([3, 3])


def test_the_same_question_is_alike_and_another_is_not() -> None:
    same, other = learnt().alike(ROWS[0], ROWS[0], ROWS[:2], ROWS[:2])
    assert same == pytest.approx(0.3)  # (3 + 3 - 3) / 10
    assert other == pytest.approx(-0.3)


@pytest.mark.parametrize(("row", "cosine"), [(ROWS[2], 1.0), (ROWS[0], 0.0), (np.zeros(3, dtype=np.float32), 0.0)])
def test_a_relation_asked_in_vain_is_recognised(row: np.ndarray, cosine: float) -> None:
    assert learnt().in_vain(row) == pytest.approx(cosine, abs=1e-6)


def test_what_is_written_is_read_again_for_the_same_embedding_model_only(tmp_path: Path) -> None:
    learnt().write(tmp_path / "gate.npz")
    found = Learnt.read("ab12", tmp_path / "gate.npz")
    assert found is not None
    assert found.in_vain(ROWS[2]) == pytest.approx(1.0, abs=0.01)
    assert found.alike(ROWS[0], ROWS[0], ROWS[:2], ROWS[:2]) == pytest.approx([0.3, -0.3], abs=0.001)
    assert Learnt.read("cd34", tmp_path / "gate.npz") is None
    assert Learnt.read("ab12", tmp_path / "none.npz") is None


def test_questions_are_told_from_near_misses() -> None:
    """By words, of which the price is asked in vain."""
    searcher = searcher_over(HARBOUR)
    missed = [NearMiss("harbour", f"What price has the {thing}?") for thing in ("lamp", "rope", "boat", "page")]
    found = learn(searcher, missed)
    vectors = searcher.vectors([relation("What price has the crane?"), relation("how far away?")])
    assert found.embedder == searcher.embedder
    assert found.in_vain(vectors[0]) > 0.7 > found.in_vain(vectors[1])


def test_the_line_of_a_near_miss_that_is_wrong_is_named(tmp_path: Path) -> None:
    (tmp_path / "some.jsonl").write_text('{"source": "mit", "question": "Who?"}\n{"source": "mit"}\n')
    with pytest.raises(SourceError, match="line 2"):
        near_misses(tmp_path / "some.jsonl")


def test_no_near_miss_of_ours_is_a_question_that_we_say_is_answered() -> None:
    answered = {q.lower() for entries in all_asked().values() for one in entries for q in one.questions}
    ours = near_misses()
    assert len(ours) > 5000
    assert not answered & {miss.question.lower() for miss in ours}


def test_our_own_file_is_there() -> None:
    with np.load(FILE) as held:
        assert len(held["vain"]) > 5000
