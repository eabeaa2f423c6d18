"""The doctor: one line a check, the command that mends it, and 1 where no question can be answered."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assistant import doctor
from assistant.doctor import Check, checks
from settings import Settings
from tests.ollama_double import Double, tag

NOBODY = "127.0.0.1:1"


def by_name(found: list[Check]) -> dict[str, Check]:
    return {check.name: check for check in found}


def test_bare_machine_says_what_to_run(tmp_path: Path) -> None:
    found = by_name(checks(home=tmp_path / "none", ollama_host=NOBODY, embedder=str(tmp_path)))
    bad = {name: check.mend for name, check in found.items() if not check.ok}
    assert bad["weights"] == "python -m assistant models get qwen2.5-coder-1.5b-instruct"
    assert bad["ollama"].startswith("ollama serve")
    assert {"embedder", "index", "model"} <= set(bad)
    assert found["index"].needed and not found["ollama"].needed


def test_ollama_and_its_models_are_told(tmp_path: Path) -> None:
    tags = [tag("granite4:3b"), tag("llama3.2:3b"), tag("kimi:cloud")]
    with Double(tags=tags) as double:
        found = by_name(checks(home=tmp_path, ollama_host=double.host))
        asked = {path for path, _, _ in double.asked}
    assert found["ollama"].ok
    assert "granite4:3b, llama3.2:3b (licence not OSI-approved)" in found["ollama"].message
    assert "used only if named: kimi:cloud" in found["ollama"].message
    assert found["model"].message.startswith("granite4:3b, on Ollama at")
    assert asked == {"/api/version", "/api/tags"}  # no model is loaded


@pytest.mark.parametrize(
    ("name", "ok", "words", "mend"),
    [
        ("granite4:3b", True, "granite4:3b, on Ollama at", ""),
        ("qwen3:8b", False, "does not have the model qwen3:8b; it has granite4:3b, kimi:cloud", "ollama pull qwen3:8b"),
        ("kimi:cloud", True, "kimi:cloud does not run here", ""),
    ],
)
def test_model_that_is_named_is_looked_for(name: str, ok: bool, words: str, mend: str, tmp_path: Path) -> None:
    with Double(tags=[tag("granite4:3b"), tag("kimi:cloud")]) as double:
        found = by_name(checks(home=tmp_path, model=f"ollama:{name}", ollama_host=double.host))
    assert (found["model"].ok, found["model"].mend) == (ok, mend) and words in found["model"].message
    assert ("sent to a cloud service" in found["network"].message) is (name == "kimi:cloud")


@pytest.mark.parametrize("names", [[], ["kimi:cloud"], ["nomic-embed-text:latest"]])
def test_ollama_that_has_nothing_to_write_with_is_a_note(names: list[str], tmp_path: Path) -> None:
    with Double(tags=[tag(name) for name in names]) as double:
        found = checks(home=tmp_path, model="auto", ollama_host=double.host)
    ollama = by_name(found)["ollama"]
    assert not ollama.ok and "no model that can write here" in ollama.message
    assert ollama.mend == "ollama pull granite4:3b"
    assert not [check for check in found if check.ok and check.mend]


def test_named_model_on_a_server_that_is_down_is_not_ok(tmp_path: Path) -> None:
    found = by_name(checks(home=tmp_path, model="ollama:granite4:3b", ollama_host=NOBODY))["model"]
    assert not found.ok and "No Ollama answers" in found.message and found.mend.startswith("ollama serve")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"model": "none"}, "stay on this machine"),
        ({"ollama_host": "http://gpu.invalid", "model": "none"}, "stay on this machine"),
        ({"openai_base_url": "https://user:secret@gpu.example.org/v1"}, "sent to gpu.example.org;"),
        ({"host": "0.0.0.0", "model": "none"}, "served on 0.0.0.0, to other machines too"),
        ({"offline": True, "model": "none"}, "a package registry only"),
    ],
)
def test_network_use_is_told(values: dict[str, object], words: str) -> None:
    given = {"model": "auto", "ollama_host": NOBODY, "openai_base_url": "", "host": "127.0.0.1", "offline": False}
    given |= {name: value for name, value in values.items() if name in given}
    found = doctor._network(**given)  # type: ignore[arg-type]
    assert words in found.message and "secret" not in found.message


def test_command_prints_lines_or_json_and_fails_without_an_index(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(home=tmp_path, ollama_host=NOBODY, model="none")
    assert doctor.main([], settings) == 1
    out = capsys.readouterr().out
    assert "FAIL index: " in out and "To mend it: python -m ingest" in out
    assert doctor.main(["--json"], settings) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["ok"] is False
    assert {"name", "ok", "message", "mend", "needed"} == set(report["checks"][0])


def test_failed_choice_is_a_line_and_no_crash(tmp_path: Path) -> None:
    found = by_name(checks(home=tmp_path, ollama_host="two words", model="gpt-9"))
    assert not found["model"].ok and "gpt-9" in found["model"].message
    assert not found["ollama"].ok and "OLLAMA_HOST" in found["ollama"].message
