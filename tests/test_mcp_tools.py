"""The tools over the Model Context Protocol, as a client meets them; the library is an extra."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.fake_assistant import FakeAssistant, shelf
from tests.served import built, served
from web.server import Options

pytest.importorskip("mcp", reason='the extra "mcp" is not installed')
ACCEPT = {"Accept": "application/json, text/event-stream"}


@pytest.fixture(scope="module")
def site() -> Iterator[httpx.Client]:
    options = Options(mcp=True, api_token="open")
    with served(built(FakeAssistant(), shelf(), options)) as url, httpx.Client(base_url=url, timeout=20) as client:
        client.headers.update({**ACCEPT, "Authorization": "Bearer open"})
        yield client


def call(site: httpx.Client, method: str, **params: Any) -> Any:
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    return site.post("/mcp", json=body).raise_for_status().json()["result"]


def tool(site: httpx.Client, name: str, **arguments: Any) -> Any:
    return call(site, "tools/call", name=name, arguments=arguments)


def test_the_tools_are_three(site: httpx.Client) -> None:
    assert [one["name"] for one in call(site, "tools/list")["tools"]] == ["ask", "search", "source"]


def test_an_answer_has_its_citations(site: httpx.Client) -> None:
    answer = json.loads(tool(site, "ask", question="partly")["content"][0]["text"])
    assert [s["verdict"] for s in answer["sentences"]] == ["supported", "partly"]
    assert answer["citations"][0]["source_id"] == "lamp-licence-1.0"


@pytest.mark.parametrize(("source_id", "shown"), [("lamp-licence-1.0", True), ("lamp-article", False)])
def test_a_source_is_shown_as_its_licence_allows(site: httpx.Client, source_id: str, shown: bool) -> None:
    assert bool(json.loads(tool(site, "source", id=source_id)["content"][0]["text"])["texts"]) is shown


def test_search_finds_passages(site: httpx.Client) -> None:
    assert "grey lamp" in json.dumps(tool(site, "search", query="lamp", k=1))


def test_a_failure_is_told(site: httpx.Client) -> None:
    assert tool(site, "source", id="none")["isError"]
    assert tool(site, "ask", question=" ")["isError"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [({"Origin": "https://evil.example"}, 403), ({"Host": "evil.example"}, 421), ({"Authorization": "Bearer no"}, 401)],
)
def test_strangers_stay_outside(site: httpx.Client, headers: dict[str, str], status: int) -> None:
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
    assert site.post("/mcp", json=body, headers=headers).status_code == status


def test_it_is_not_there_unless_it_is_switched_on() -> None:
    with served(built(FakeAssistant(), shelf())) as url:
        assert httpx.post(f"{url}/mcp", json={}).status_code in (404, 405)
