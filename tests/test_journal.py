"""The lines that operators read: what happened, and not a word of what was asked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from assistant.unanswered import read
from tests.fake_assistant import FakeAssistant, shelf
from tests.served import built, served
from web.journal import route
from web.server import Options


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/", "/"), ("/api/ask", "/api/ask"), ("/source/osaid-1.0", "/source/{id}"), ("/api/sources", "/api/sources"),
        ("/api/sources/x", "/api/sources/{id}"), ("/answers/abc.json", "/answers/{id}.json"),
        ("/answers/abc", "/answers/{id}"), ("/gradio_api/queue/join", "page"), ("/my/secret", "other"),
    ],
)  # fmt: skip
def test_a_path_is_told_as_its_pattern(path: str, told: str) -> None:
    assert route(path) == told


def journal(tmp_path: Path, *questions: str, log_questions: bool = False) -> list[dict[str, Any]]:
    lines: list[str] = []
    options = Options(logs=tmp_path, journal=lines.append, log_questions=log_questions)
    with served(built(FakeAssistant(), shelf(), options)) as url, httpx.Client(base_url=url) as client:
        for question in questions:
            client.post("/api/ask", json={"question": question})
        client.get("/library?q=secret")
        client.get("/healthz")
        client.get("/secret-place")
    return [json.loads(line) for line in lines]


def test_requests_and_answers_are_told_without_their_words(tmp_path: Path) -> None:
    told = journal(tmp_path, "a secret, partly", "a secret, refuse")
    assert "secret" not in json.dumps(told)
    answers = [line for line in told if line["event"] == "answer"]
    assert [(line["route"], line["status"], line["verdicts"]) for line in answers] == [
        ("/api/ask", "answered", {"supported": 1, "partly": 1})
    ]
    requests = [(line["route"], line["status"]) for line in told if line["event"] == "request"]
    assert requests == [("/api/ask", 200), ("/api/ask", 422), ("/library", 200), ("other", 404)]
    assert all(line["ms"] >= 0 for line in told if line["event"] == "request")


@pytest.mark.parametrize("log_questions", [False, True])
def test_declined_questions_are_noted(tmp_path: Path, log_questions: bool) -> None:
    told = journal(tmp_path, "declined, please", "supported", log_questions=log_questions)
    assert [entry.get("question") for entry in read(tmp_path)] == ["declined, please" if log_questions else None]
    assert ("declined, please" in json.dumps(told)) is log_questions


def test_an_answer_is_kept_over_http_when_it_is_asked_for(tmp_path: Path) -> None:
    app = built(FakeAssistant(), shelf(), Options(logs=tmp_path))
    with served(app) as url, httpx.Client(base_url=url) as client:
        name = client.post("/api/ask", json={"question": "supported"}).json()["permalink"].split("=")[1]
        assert not (tmp_path / "answers").exists()
        assert client.post(f"/answers/{name}").status_code == 204
        assert client.post(f"/answers/{'0' * 24}").status_code == 404
        assert client.post(f"/answers/{name}", headers={"Origin": "https://evil.example"}).status_code == 403
    with served(built(FakeAssistant(), shelf(), Options(logs=tmp_path))) as url:  # after a restart
        assert httpx.get(f"{url}/answers/{name}.json").json()["question"] == "supported"
