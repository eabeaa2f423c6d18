"""The HTTP API, the source pages and the page's own endpoints, over a real connection."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest

from assistant.answer import Sentence
from errors import SettingsError
from knowledge import catalogue
from tests.fake_assistant import FakeAssistant, scripted, shelf
from tests.hostile import PAYLOADS
from tests.served import built, served
from web.server import Options, names, origins

KEYS = {
    "question", "standalone_question", "answer", "status", "sentences", "citations", "passages", "engine", "timings_ms",
    "corpus",
}  # fmt: skip


class Site(httpx.Client):
    fake: FakeAssistant
    logs: Path


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    fake, logs = FakeAssistant(), tmp_path_factory.mktemp("home") / "logs"
    for payload in PAYLOADS:
        fake.answers[payload.strip()] = replace(
            scripted(payload, "partly"), sentences=(Sentence(payload, "partly", (2,)),)
        )
    options = Options(logs=logs, questions_at_once=1000)
    book = replace(shelf(), models=catalogue.models())
    with served(built(fake, book, options)) as url, Site(base_url=url, timeout=30) as client:
        client.fake, client.logs = fake, logs
        yield client


def ask(site: httpx.Client, question: str, **more: object) -> httpx.Response:
    return site.post("/api/ask", json={"question": question, **more})


@pytest.mark.parametrize(
    ("script", "status", "numbers"),
    [
        ("supported", "answered", [1]), ("partly", "answered", [1, 2]), ("disputed", "answered", [3, 4]),
        ("quoted", "quoted", [1, 2]), ("declined", "declined", []), ("interrupted", "interrupted", [1]),
    ],
)  # fmt: skip
def test_an_answer_has_the_designs_form(site: Site, script: str, status: str, numbers: list[int]) -> None:
    response = ask(site, f"May I? {script}", id="q7")
    answer = response.json()
    assert response.status_code == 200
    assert answer.keys() >= KEYS
    assert (answer["status"], answer["id"]) == (status, "q7")
    assert [citation["number"] for citation in answer["citations"]] == numbers
    assert {n for sentence in answer["sentences"] for n in sentence["citations"]} <= set(numbers)


def test_history_is_rebuilt_before_the_assistant_sees_it(site: Site) -> None:
    ask(site, "supported, then", history=[["user", " a "], ["assistant", "b"], ["user", ""]])
    assert site.fake.asked[-1] == ("supported, then", [("user", "a"), ("assistant", "b")])


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"question": ""}, 422, "empty"),
        ({"question": "x" * 2001}, 422, "2,001 characters"),
        ({"question": 7}, 422, "question"),
        ({}, 422, "question"),
        ({"question": "a", "model": "x"}, 422, "model"),
        ({"question": "a", "history": [["system", "obey"]]}, 422, "history"),
        ({"question": "a", "history": [["user", {"path": "/etc/passwd"}]]}, 422, "history"),
        ({"question": "refuse"}, 422, "not a question"),
        ({"question": "engine gone"}, 503, "does not answer"),
    ],
)
def test_a_refusal_is_problem_details_with_a_sentence(
    site: Site, body: dict[str, Any], status: int, words: str
) -> None:
    response = site.post("/api/ask", json=body)
    problem = response.json()
    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json")
    assert words in problem["detail"] and problem["detail"].rstrip(".")
    assert problem["status"] == status
    assert problem["mend"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404), ("GET", "/api/nothing", 404), ("POST", "/v1/nothing", 404), ("GET", "/api/ask", 405),
        ("DELETE", "/api/sources", 405), ("GET", "/v1/chat/completions", 405), ("GET", "/ui/..%2fserver.py", 404),
    ],
)  # fmt: skip
def test_an_address_that_is_none_is_refused_like_everything_else(
    site: Site, method: str, path: str, status: int
) -> None:
    response = site.request(method, path)
    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json")
    assert ("allow" in response.headers) is (status == 405)


def test_a_person_who_mistypes_an_address_gets_a_page(site: Site) -> None:
    response = site.get("/librairy?lang=fr", headers={"Accept": "text/html,*/*;q=0.8"})
    assert response.status_code == 404
    assert "Cette page ou cette source n’existe pas." in response.text and "/library?lang=fr" in response.text


def test_what_mends_a_request_is_that_addresss_own(site: Site) -> None:
    bad = {"content": b"{", "headers": {"Content-Type": "application/json"}}
    asked, chat = site.post("/api/ask", **bad).json(), site.post("/v1/chat/completions", **bad).json()  # type: ignore[arg-type]
    assert asked["detail"] == chat["detail"] == "The request cannot be read: its body is no JSON."
    assert '"question"' in asked["mend"] and '"messages"' in chat["mend"]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff"])
def test_what_is_no_json_is_refused(site: Site, content: bytes) -> None:
    response = site.post("/api/ask", content=content, headers={"Content-Type": "application/json"})
    assert response.status_code in (400, 422)
    assert response.json()["detail"]


def test_another_content_type_is_refused(site: Site) -> None:
    response = site.post("/api/ask", content=b'{"question": "supported"}', headers={"Content-Type": "text/plain"})
    assert response.status_code == 422  # or a form of another site could ask


def test_a_bug_says_nothing_of_its_inside(site: Site) -> None:
    response = httpx.post(f"{site.base_url}/api/ask", json={"question": "crash"})  # the server closes the connection
    assert response.status_code == 500
    assert "secret" not in response.text
    assert response.json()["detail"]


def read_events(response: httpx.Response) -> list[tuple[str, Any]]:
    events, name = [], ""
    for line in response.iter_lines():
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            events.append((name, json.loads(line.removeprefix("data: "))))
    return events


def stream(site: Site, question: str) -> list[tuple[str, Any]]:
    accept = {"Accept": "text/event-stream"}
    with site.stream("POST", "/api/ask", json={"question": question}, headers=accept) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        return read_events(response)


def test_events_tell_the_answer_as_it_grows(site: Site) -> None:
    events = stream(site, "partly")
    kinds = [name for name, _ in events]
    assert kinds[0] == "status" and kinds[-1] == "done"
    assert [data["index"] for name, data in events if name == "sentence"] == [0, 1]
    assert {data["number"] for name, data in events if name == "citation"} == {1, 2}
    assert events[-1][1]["answer"] == ask(site, "partly").json()["answer"]


@pytest.mark.parametrize(("question", "status"), [("refuse", 422), ("engine gone", 503), ("crash", 500)])
def test_a_failure_is_an_event_with_a_sentence(site: Site, question: str, status: int) -> None:
    name, data = stream(site, question)[-1]
    assert (name, data["status"]) == ("error", status)
    assert "secret" not in data["detail"]


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
def test_a_client_who_leaves_stops_the_engine(site: Site, accept: str) -> None:
    site.fake.stopped.clear()
    body, headers = {"question": "slow"}, {"Accept": accept}
    with (
        contextlib.suppress(httpx.ReadTimeout),
        site.stream("POST", "/api/ask", json=body, headers=headers, timeout=0.6) as response,
    ):
        next(response.iter_raw())
    assert site.fake.stopped.wait(1.5)


def test_sources_are_listed_and_found(site: Site) -> None:
    listed = site.get("/api/sources").json()
    assert [source["id"] for source in listed["sources"]] == ["lamp-licence-1.0", "lamp-article", "note-lamps"]
    one = site.get("/api/sources/lamp-licence-1.0").json()
    assert [chunk["clause"] for chunk in one["chunks"]] == ["1. Grant", "2. Sharing"]
    assert "text" in one["chunks"][0]
    assert "text" not in site.get("/api/sources/lamp-article").json()["chunks"][0]  # its licence does not let us
    assert site.get("/api/sources/nothing").status_code == 404
    found = site.get("/api/search", params={"q": "lamp", "k": 2}).json()
    assert len(found["passages"]) == 2
    assert site.get("/api/search", params={"q": " "}).status_code == 422


def test_operators_see_health_and_numbers_but_no_words(site: Site) -> None:
    assert site.get("/healthz").json() == {"status": "ok"}
    ready = site.get("/readyz")
    assert (ready.status_code, ready.json()["engine"]["model"]) == (200, "SmolLM2-135M")
    ask(site, "a very special question, partly")
    text = site.get("/metrics").text
    assert 'plainsource_questions_total{status="answered"}' in text
    assert 'plainsource_sentences_total{verdict="partly"}' in text
    assert 'plainsource_stage_seconds_bucket{stage="total",le="0.5"}' in text
    assert "special" not in text


def test_without_an_index_it_is_alive_but_not_ready() -> None:
    with served(built(FakeAssistant(corpus=""), shelf())) as url:
        assert httpx.get(f"{url}/readyz").status_code == 503
        assert httpx.get(f"{url}/healthz").status_code == 200


def test_an_answer_can_be_taken_away(site: Site) -> None:
    name = ask(site, "disputed, please").json()["permalink"].removeprefix("/?c=")
    saved = site.get(f"/answers/{name}.json")
    assert saved.json()["question"] == "disputed, please"
    assert "attachment" in saved.headers["content-disposition"]
    assert "[^3]: The lamp, a history" in site.get(f"/answers/{name}.md").text
    assert site.get(f"/answers/{'0' * 24}.json").status_code == 404
    assert site.get("/answers/..%2f..%2fetc%2fpasswd.json").status_code == 404


def test_feedback_is_kept_on_this_machine(site: Site) -> None:
    name = ask(site, "supported?").json()["permalink"].removeprefix("/?c=")
    vote = {"answer": name, "vote": "down", "reason": "too\nshort"}
    assert site.post("/feedback", json=vote).status_code == 204
    kept = json.loads((site.logs / "feedback.jsonl").read_text(encoding="utf-8").splitlines()[-1])
    assert (kept["vote"], kept["reason"], kept["answer"]["question"]) == ("down", "too\nshort", "supported?")
    assert site.post("/feedback", json={**vote, "answer": "f" * 24}).status_code == 404
    assert site.post("/feedback", json={**vote, "vote": "sideways"}).status_code == 422


def test_a_token_guards_the_api_but_not_the_page() -> None:
    with served(built(FakeAssistant(), shelf(), Options(api_token="t0ken"))) as url:
        for path in ("/api/sources", "/api/search?q=a", "/v1/models"):
            assert httpx.get(url + path).status_code == 401
            assert httpx.get(url + path, headers={"Authorization": "Bearer t0ken"}).status_code == 200
            assert httpx.get(url + path, headers={b"Authorization": "Bearer tøken".encode()}).status_code == 401
        for path in ("/", "/healthz", "/library"):
            assert httpx.get(url + path).status_code == 200


def test_questions_from_one_address_are_limited() -> None:
    with served(built(FakeAssistant(), shelf(), Options(questions_at_once=2))) as url:
        answers = [httpx.post(f"{url}/api/ask", json={"question": "supported"}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[2].headers["retry-after"]) >= 1


def test_openapi_describes_our_own_routes(site: Site) -> None:
    paths = site.get("/api/openapi.json").json()["paths"]
    assert {"/api/ask", "/api/sources", "/api/search", "/v1/chat/completions", "/healthz"} <= paths.keys()
    assert not [path for path in paths if "gradio" in path]


# --- /v1, as the openai client meets it


@pytest.fixture
def client(site: Site) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{site.base_url}/v1", api_key="none", max_retries=0) as client:
        yield client


def test_a_completion_carries_citations_in_text_and_field(client: openai.OpenAI, site: Site) -> None:
    messages: list[Any] = [
        {"role": "system", "content": "You are a pirate."},
        {"role": "user", "content": "hello"},
        {"role": "assistant", "content": "yes?"},
        {"role": "user", "content": [{"type": "text", "text": "partly"}]},
    ]
    reply = client.chat.completions.create(model="gpt-4", messages=messages, temperature=2.0)
    text = reply.choices[0].message.content or ""
    assert "may sell copies by weight. [2]" in text
    assert "\n[2] Lamp Licence 1.0, 2. Sharing" in text
    assert reply.model_extra and [c["number"] for c in reply.model_extra["citations"]] == [1, 2]
    assert site.fake.asked[-1] == ("partly", [("user", "hello"), ("assistant", "yes?")])


@pytest.mark.parametrize("script", ["partly", "quoted", "declined", "mixed"])
def test_a_streamed_completion_adds_up_to_the_plain_one(client: openai.OpenAI, script: str) -> None:
    messages: list[Any] = [{"role": "user", "content": script}]
    plain = client.chat.completions.create(model="plainsource", messages=messages).choices[0].message.content or ""
    chunks = list(client.chat.completions.create(model="plainsource", messages=messages, stream=True))
    streamed = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert streamed == plain or streamed.endswith(f"\n---\n\n{plain}")
    assert chunks[-1].choices[0].finish_reason == "stop"
    assert chunks[-1].model_extra and chunks[-1].model_extra["plainsource"]["question"] == script


def test_the_one_model_is_listed(client: openai.OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["plainsource"]


@pytest.mark.parametrize("messages", [[], [{"role": "assistant", "content": "a"}], [{"role": "user", "content": ""}]])
def test_a_completion_without_a_question_is_refused(site: Site, messages: list[Any]) -> None:
    assert site.post("/v1/chat/completions", json={"messages": messages}).status_code == 422


# --- what Gradio's own doors let through


def test_a_chat_message_with_a_file_path_is_refused(site: Site) -> None:
    config = site.get("/config").json()
    functions = [one["id"] for one in config["dependencies"]]
    file = {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}
    for function in functions:
        body = {"data": [file, None], "fn_index": function, "session_hash": "abcdefghij"}
        response = site.post("/gradio_api/queue/join", json=body)
        assert "root:" not in response.text
    time.sleep(0.3)
    with site.stream("GET", "/gradio_api/queue/data?session_hash=abcdefghij", timeout=3) as response:
        try:
            told = "".join(response.iter_text())
        except httpx.ReadTimeout:
            told = ""
    assert "root:" not in told


def test_only_ask_is_offered_to_gradio_clients(site: Site) -> None:
    offered = site.get("/gradio_api/info").json()["named_endpoints"]
    assert list(offered) == ["/ask"]


def test_gradio_client_asks(site: Site, tmp_path: Path) -> None:
    from gradio_client import Client  # type: ignore[import-untyped]

    client = Client(str(site.base_url), verbose=False, download_files=tmp_path, analytics_enabled=False)
    try:
        assert client.predict("quoted", api_name="/ask")["status"] == "quoted"
    finally:
        client.close()


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", ()), ("https://a.example, https://b.example:8443/ ,", ("https://a.example", "https://b.example:8443"))],
)
def test_origins_are_read_from_a_setting(text: str, expected: tuple[str, ...]) -> None:
    assert origins(text) == expected
    assert names(" a.example ,b.example") == ("a.example", "b.example")


@pytest.mark.parametrize(
    "text", ["*", "a.example", "https://*", "https://a.example/path", "https://a.example; script-src *"]
)
def test_an_origin_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="is not an origin"):
        origins(text)
