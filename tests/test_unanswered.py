"""What the corpus does not hold: counted always, its words kept only where they may be."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assistant import unanswered
from assistant.unanswered import grouped, note, read
from settings import Settings

ASKED = [
    "Who won the football match?", "Who won the match?", "What is the best pizza?", "Who won this football match??"
]  # fmt: skip


def test_words_are_kept_only_when_they_are_given(tmp_path: Path) -> None:
    note(tmp_path, None)
    note(tmp_path, "What is the best pizza?")
    assert [entry.get("question") for entry in read(tmp_path)] == [None, "What is the best pizza?"]


def test_alike_questions_are_one_group_and_the_most_asked_is_first() -> None:
    groups = grouped({"at": f"2026-11-0{day}", "question": text} for day, text in enumerate(ASKED, 1))
    assert [(g.count, g.question, g.last) for g in groups] == [
        (3, "Who won this football match??", "2026-11-04"), (1, "What is the best pizza?", "2026-11-03"),
    ]  # fmt: skip
    assert groups[0].others == ("Who won the match?", "Who won the football match?")


def test_a_line_that_was_cut_off_is_left_out(tmp_path: Path) -> None:
    note(tmp_path, "one")
    with (tmp_path / unanswered.FILE).open("a") as file:
        file.write('{"at": "2026')
    assert len(read(tmp_path)) == 1


def test_the_log_has_an_end(tmp_path: Path) -> None:
    for number in range(50):
        note(tmp_path, f"question {number}", most_bytes=300)
    assert (tmp_path / unanswered.FILE).stat().st_size < 400
    assert read(tmp_path)[-1]["question"] == "question 49"


@pytest.mark.parametrize("kept", [False, True])
def test_the_command_says_whether_words_are_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], kept: bool
) -> None:
    note(tmp_path / "logs", "What is the best pizza?" if kept else None)
    settings = Settings(home=tmp_path, log_questions=kept)
    assert unanswered.main([], settings) == 0
    out = capsys.readouterr().out
    assert "were declined: 1" in out
    assert ("pizza" in out) is kept and (unanswered.MEND in out) is not kept
    assert unanswered.main(["--json"], settings) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["declined"], told["words_are_kept"], len(told["groups"])) == (1, kept, int(kept))
