"""The guard: what every response says, and what no request may do."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest

from tests.fake_assistant import FakeAssistant, shelf
from tests.served import built, served
from web.headers import MAX_BODY, security_policy, with_theme
from web.limits import Buckets
from web.server import Options

LISTED = "https://listed.example"


@pytest.fixture(scope="module")
def site() -> Iterator[httpx.Client]:
    options = Options(embed_origins=(LISTED,), allowed_hosts=("plain.example",), questions_at_once=500)
    with served(built(FakeAssistant(), shelf(), options)) as url, httpx.Client(base_url=url) as client:
        yield client


def policy(response: httpx.Response) -> dict[str, str]:
    parts = (part.strip().split(" ", 1) for part in response.headers["content-security-policy"].split(";"))
    return {part[0]: part[1] for part in parts}


@pytest.mark.parametrize(
    "path", ["/", "/library", "/openness", "/source/lamp-licence-1.0", "/embed/help", "/healthz", "/nothing", "/config"]
)
def test_no_page_but_embed_can_be_framed(site: httpx.Client, path: str) -> None:
    response = site.get(path)
    assert policy(response)["frame-ancestors"] == "'none'"
    assert response.headers["x-frame-options"] == "DENY"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "server" not in response.headers or "plain" not in response.headers["server"]


def test_embed_can_be_framed_by_listed_origins_only(site: httpx.Client) -> None:
    response = site.get("/embed")
    assert response.status_code == 200
    assert policy(response)["frame-ancestors"] == f"'self' {LISTED}"
    assert "x-frame-options" not in response.headers


def test_by_default_no_origin_is_listed() -> None:
    assert "frame-ancestors 'self';" in security_policy("/embed", "n", ()) + ";"


@pytest.mark.parametrize("path", ["/", "/embed"])
def test_inline_scripts_run_by_nonce_only(site: httpx.Client, path: str) -> None:
    first, second = site.get(path), site.get(path)
    scripts = policy(first)["script-src"]
    nonce = re.search(r"'nonce-([\w-]+)'", scripts)
    assert nonce and "unsafe" not in scripts
    assert first.text.count("<script") == first.text.count(f'<script nonce="{nonce[1]}"') >= 5
    assert nonce[1] not in second.text
    assert first.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/upload", "/gradio_api/process_recording", "/gradio_api/deep_link", "/gradio_api/file=/etc/passwd",
        "/gradio_api/file/x", "/gradio_api/proxy=http://127.0.0.1/", "/gradio_api/run-history/records",
        "/gradio_api/runs",
        "/gradio_api/component_server", "/gradio_api/dev/reload", "/gradio_api/vibe-edit", "/gradio_api/vibe-code",
        "/gradio_api/custom_component/1/client/component/x.js", "/gradio_api/stream/x", "/monitoring",
        "/monitoring/summary", "/login", "/logout", "/svelte/x",
    ],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_doors_that_a_text_chat_does_not_need_are_shut(site: httpx.Client, path: str, method: str) -> None:
    response = site.request(method, path)
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200), ("127.0.0.1:7860", 200), ("[::1]:7860", 200), ("plain.example", 200), ("192.0.2.7", 200),
        ("app.localhost", 200), ("evil.example", 421), ("plain.example.evil.example", 421), ("", 421), ("a]b", 421),
    ],
)  # fmt: skip
def test_only_known_host_names_are_answered(site: httpx.Client, host: str, status: int) -> None:
    assert site.get("/healthz", headers={"Host": host}).status_code == status


@pytest.mark.parametrize("origin", ["https://evil.example", "null", LISTED, "http://localhost:1"])
def test_a_page_of_another_site_cannot_ask(site: httpx.Client, origin: str) -> None:
    response = site.post("/api/ask", json={"question": "supported"}, headers={"Origin": origin})
    assert response.status_code == 403
    assert "access-control-allow-origin" not in response.headers
    joined = site.post("/gradio_api/queue/join", json={}, headers={"Origin": origin})
    assert joined.status_code == 403


@pytest.mark.parametrize("path", ["/", "/config", "/gradio_api/info", "/api/sources", "/healthz"])
def test_no_other_site_can_read_a_response(site: httpx.Client, path: str) -> None:
    response = site.get(path, headers={"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in response.headers


def test_a_body_over_the_limit_is_refused_by_its_length(site: httpx.Client) -> None:
    response = site.post("/api/ask", content=b"x" * (MAX_BODY + 1), headers={"Content-Type": "application/json"})
    assert response.status_code == 413


def test_a_body_over_the_limit_is_refused_without_a_length_too(site: httpx.Client) -> None:
    pieces = (b"x" * 10_000 for _ in range(10))
    response = site.post("/api/ask", content=pieces, headers={"Content-Type": "application/json"})
    assert response.status_code == 413


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", None), ("q=a", None), ("theme=blue", None), ("theme=dark", "__theme=dark"),
        ("q=a%26b&theme=light", "q=a%26b&__theme=light"), ("theme=dark&__theme=light", None),
    ],
)  # fmt: skip
def test_theme_becomes_the_one_that_gradio_knows(query: str, expected: str | None) -> None:
    assert with_theme(query) == expected


def test_a_theme_is_a_redirect(site: httpx.Client) -> None:
    response = site.get("/embed?theme=dark&lang=fr")
    assert (response.status_code, response.headers["location"]) == (307, "/embed?lang=fr&__theme=dark")


def test_a_page_says_its_language(site: httpx.Client) -> None:
    assert '<html\n\tlang="fr"' in site.get("/?lang=fr").text
    assert '<html lang="fr">' in site.get("/library?lang=fr").text


def test_a_forwarded_host_is_not_believed(site: httpx.Client) -> None:
    assert "evil.example" not in site.get("/", headers={"X-Forwarded-Host": "evil.example"}).text
    assert "evil.example" not in site.get("/config", headers={"X-Forwarded-Host": "evil.example"}).text


def test_a_flood_is_slowed_down() -> None:
    options = Options(rate=Buckets(20, 0.1))
    with served(built(FakeAssistant(), shelf(), options)) as url, httpx.Client(base_url=url) as client:
        statuses = [client.get("/healthz").status_code for _ in range(22)]
    assert statuses[0] == 200
    assert 429 in statuses


def test_no_response_sets_a_cookie(site: httpx.Client) -> None:
    for path in ("/", "/embed", "/library", "/healthz"):
        assert "set-cookie" not in site.get(path).headers
