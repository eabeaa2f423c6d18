"""python -m assistant: wrong usage, what a person can mend, and batch files. No model is loaded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import assistant.__main__ as cli
from assistant.reply import Assistant
from errors import QuestionError
from tests.fakes import HARBOUR, ScriptedGenerator, searcher_over


@pytest.mark.parametrize(
    "arguments", [["--what"], ["a question", "and another"], ["--batch"], ["--model"], ["q", "--nonsense", "x"]]
)
def test_a_wrong_use_exits_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        cli.main(arguments)
    assert exit_.value.code == 2
    assert "usage: python -m assistant" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "There is no question."),
        (["   "], "There is no question."),
        (["--json"], "There is no question."),
        (["What is it?"], "There is no index to search yet."),
        (["What is it?", "--json"], "python -m ingest"),
        (["--batch", "no-such.jsonl"], "The questions in no-such.jsonl cannot be read"),
        (["--batch", "."], "cannot be read"),
    ],
)
def test_what_a_person_can_mend_is_a_sentence(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(arguments) == 1
    out, err = capsys.readouterr()
    assert said in err
    assert "Traceback" not in err
    assert out == ""


def test_a_wrong_setting_is_a_sentence(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("PLAINSOURCE_MODLE", "none")
    assert cli.main(["What is it?"]) == 1
    assert "PLAINSOURCE_MODLE is not a setting" in capsys.readouterr().err


def test_another_home_is_looked_into(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x" / "index").mkdir(parents=True)
    (tmp_path / "x" / "index" / "current.json").write_text("{")
    assert cli.main(["What is it?", "--home", str(tmp_path / "x")]) == 1
    assert "--rebuild" in capsys.readouterr().err


def batch(root: Path, text: str | bytes) -> Path:
    path = root / "questions.jsonl"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        '"a question"',
        "null",
        "{}",
        '{"id": 1}',
        '{"question": "q", "history": "x"}',
        '{"question": "q", "history": [["user"]]}',
        '{"question": "q", "history": 7}',
    ],
)
def test_a_line_that_is_no_question_is_named(tmp_path: Path, line: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = batch(tmp_path, '{"question": "a good one"}\n\n' + line + "\n")
    assert cli.main(["--batch", str(path)]) == 1
    err = capsys.readouterr().err
    assert f"{path}, line 3: not a question" in err
    assert "Traceback" not in err


def test_a_batch_that_is_no_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--batch", str(batch(tmp_path, b"\xff\xfe\0"))]) == 1
    assert "cannot be read" in capsys.readouterr().err


def test_the_lines_of_a_batch(tmp_path: Path) -> None:
    path = batch(
        tmp_path,
        '{"id": "a", "question": "Why?", "history": [["user", "Who?"]]}\n\n{"question": "When?", "history": null}\n',
    )
    assert list(cli._lines(path)) == [
        {"id": "a", "question": "Why?", "history": [("user", "Who?")]},
        {"id": 3, "question": "When?", "history": []},
    ]


def opened(monkeypatch: pytest.MonkeyPatch) -> ScriptedGenerator:
    """The command line over an assistant of fakes: the seam is ``_opened``, which loads everything."""
    from contextlib import closing

    generator = ScriptedGenerator("You may light the lamp for any purpose.")
    made = Assistant(searcher_over(HARBOUR), generator, corpus="c0ffee")
    monkeypatch.setattr(cli, "_opened", lambda settings: closing(made))
    return generator


def test_a_batch_prints_one_answer_a_line_and_goes_on_after_a_bad_question(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    generator = opened(monkeypatch)
    ask = "May I light the lamp for any purpose?"
    lines = [
        {"id": "a", "question": ask},
        {"id": "b", "question": "x" * 3000},
        {"question": ask},
        {"id": 4, "question": " "},
    ]
    assert cli.main(["--batch", str(batch(tmp_path, "\n".join(map(json.dumps, lines))))]) == 0
    out = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [entry["id"] for entry in out] == ["a", "b", 3, 4]
    assert [entry.get("status", "error") for entry in out] == ["answered", "error", "answered", "error"]
    assert "at most 2,000" in out[1]["error"]
    assert generator.closed


@pytest.mark.parametrize("json_wanted", [True, False])
def test_one_question(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], json_wanted: bool) -> None:
    opened(monkeypatch)
    assert cli.main(["May I light the lamp for any purpose?", *(["--json"] if json_wanted else [])]) == 0
    out = capsys.readouterr().out
    if json_wanted:
        assert json.loads(out)["answer"].startswith("You may light the lamp for any purpose. [1]")
        assert out.count("\n") == 1
    else:
        assert out.startswith("You may light the lamp for any purpose. [1]\n")


def test_ctrl_c_is_quiet(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def stopped(settings: object) -> object:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "_opened", stopped)
    assert cli.main(["Why?"]) == 130
    assert capsys.readouterr().err == "Stopped.\n"


def test_a_question_error_has_no_traceback_to_show() -> None:
    assert str(QuestionError("It is empty.", mend="ask")) == "It is empty.\n  To mend it: ask"
