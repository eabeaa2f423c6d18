"""run.py: how it ends, what it hands on, and what goes on beside what."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

import run
from assistant import weights
from errors import UserError
from installation import steps
from settings import Settings

ROOT = Path(__file__).resolve().parent.parent

ENDS = [
    (UserError("No.", mend="do this"), 1, "No.\n  To mend it: do this"),
    (steps.StepFailed("torch", "dns error"), 1, "so torch could not"),
    (KeyboardInterrupt(), 130, "goes on from here"),
    (OSError(errno.ENOSPC, "No space left on device"), 1, "The disk is full"),
]


@pytest.mark.parametrize(("raised", "status", "sentence"), ENDS)
def test_an_end_is_a_sentence(
    raised: BaseException,
    status: int,
    sentence: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def ended(*_: object, **__: object) -> None:
        raise raised

    monkeypatch.setattr(run, "set_up", ended)
    assert run.main(["setup"]) == status
    assert sentence in capsys.readouterr().err


def test_a_bug_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "no")

    monkeypatch.setattr(run, "set_up", broken)
    with pytest.raises(PermissionError):
        run.main(["setup"])


# ---- serving --------------------------------------------------------------------------------------------------------


def test_arguments_are_handed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own_home: Path) -> None:
    seen: dict[str, object] = {}
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.gguf").touch()
    monkeypatch.setattr(run, "set_up", lambda shell, **asked: seen.update(asked))
    monkeypatch.setattr(run, "prepare", lambda _, knobs, folder, __: seen.update(home=knobs.home, folder=folder))
    monkeypatch.setattr(run, "hand_over", lambda words, environment: seen.update(words=words, environment=environment))
    run.main(["--port", "8001", "--host", "0.0.0.0", "--model", "mine.gguf", "--from", ".", "--gpu", "--offline"])
    environment = seen.pop("environment")
    assert isinstance(environment, dict)
    assert seen == {
        "tests": False, "gpu": True, "home": own_home, "folder": tmp_path, "words": [str(ROOT / "app.py")],
    }  # fmt: skip
    assert {name: environment[f"PLAINSOURCE_{name}"] for name in ("PORT", "HOST", "MODEL", "OFFLINE")} == {
        "PORT": "8001", "HOST": "0.0.0.0", "MODEL": str(tmp_path / "mine.gguf"), "OFFLINE": "1",
    }  # fmt: skip


def test_the_tests_get_their_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[object] = []
    monkeypatch.setattr(run, "set_up", lambda shell, **asked: seen.append(asked))
    monkeypatch.setattr(run, "hand_over", lambda words, _: seen.append(words))
    run.main(["test", "-k", "run", "--port"])
    assert seen == [{"tests": True, "gpu": False}, ["-m", "pytest", "-k", "run", "--port"]]


def test_a_folder_that_is_not_there_gets_a_sentence() -> None:
    with pytest.raises(UserError, match="no folder nowhere"):
        run.source_folder("nowhere")


def test_the_fingerprint_sees_what_an_ingest_would(tmp_path: Path) -> None:
    first = run.fingerprint([tmp_path])
    (tmp_path / "note.md").write_text("one")
    second = run.fingerprint([tmp_path])
    os.utime(tmp_path / "note.md", ns=(1, 1))
    assert len({first, second, run.fingerprint([tmp_path])}) == 3


class Asked(steps.Shell):
    """A shell whose short commands print what it was made with."""

    def __init__(self, answer: str | None) -> None:
        super().__init__(Path("logs"))
        self.answer = answer

    def ask(self, command: list[str], environment: dict[str, str] | None = None) -> str | None:
        return self.answer


MODELS = [
    ("auto", None, run.DEFAULT_MODEL),  # no Ollama
    ("auto", "", run.DEFAULT_MODEL),  # an Ollama that has cloud models only
    ("auto", "qwen3:4b", ""),
    ("none", None, ""),
    ("ollama:qwen3:4b", None, ""),
    ("mine.gguf", None, ""),
    ("smollm2-135m-instruct", "qwen3:4b", "smollm2-135m-instruct"),
    ("here", None, ""),
]


@pytest.mark.parametrize(("model", "ollama", "missing"), MODELS)
def test_a_model_is_fetched_where_no_other_answers(
    model: str, ollama: str | None, missing: str, tmp_path: Path
) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "here.gguf").touch()
    assert run.missing_model(Asked(ollama), Settings(home=tmp_path, model=model)) == missing


def test_the_default_model_has_one_name() -> None:
    assert weights.DEFAULT == run.DEFAULT_MODEL
    assert weights.CATALOGUE[0].file == f"{run.DEFAULT_MODEL}.gguf"


def test_a_model_that_cannot_be_fetched_does_not_stop_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    failing = steps.Shell(tmp_path).start("language model", [sys.executable, "-c", "raise SystemExit('error: no hub')"])
    monkeypatch.setattr(run, "fetch_model", lambda *_: failing)
    monkeypatch.setattr(run, "ingest", lambda *_: None)
    run.prepare(steps.Shell(tmp_path), Settings(), None, {})
    assert "error: no hub" in capsys.readouterr().out


def test_an_interrupted_ingest_takes_the_download_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = steps.Shell(tmp_path).start("language model", [sys.executable, "-c", "import time; time.sleep(60)"])

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(run, "fetch_model", lambda *_: slow)
    monkeypatch.setattr(run, "ingest", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run.prepare(steps.Shell(tmp_path), Settings(), None, {})
    assert slow.child.poll() is not None


def test_help_needs_no_set_up() -> None:
    done = subprocess.run([sys.executable, "run.py", "--help"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0
    assert all(option in done.stdout for option in ("--port", "--host", "--model", "--from", "--gpu", "--offline"))
