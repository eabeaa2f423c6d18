"""An answer that begins as a quotation, which the model's words replace: what the stream, ``/v1`` and the page tell."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import httpx
import openai
import pytest

from assistant.answer import Answer, Progress, Sentence
from tests.fake_assistant import GRANT, KEEP, SENTENCES, SHARING, FakeAssistant, cite, scripted, shelf
from tests.served import built, served
from tests.test_web_api import read_events
from web.asking import Asker
from web.cards import answer_html
from web.kept import Kept
from web.limits import Buckets
from web.page import Page, Talk
from web.strings import words

FIRST = "Whoever passes the lamp on keeps this page with it."
QUOTATIONS = tuple(Sentence(one, "supported", (1,), quoted=True) for one in (FIRST, "Copies may cost money."))


@dataclass
class Quoting(FakeAssistant):
    """Quotes first, as the assistant does while a model reads; then one sentence of the model's, or none that holds."""

    def _events(self, question: str, stop: threading.Event) -> Iterator[Progress | Answer]:
        yield Progress("searching", question)
        whole = scripted(question, "quoted" if "quoted" in question else "supported")
        first = replace(whole, status="quoted", sentences=QUOTATIONS, citations=(cite(1, SHARING, SHARING.text),))
        if "unsure" in question:
            yield replace(whole, status="quoted", sentences=SENTENCES["quoted"], notice="It is not certain.")
            return
        yield first
        yield Progress("writing", self.engine.model)
        stop.wait(self.step)
        if "quoted" not in question:
            yield replace(whole, sentences=whole.sentences[:1])
            stop.wait(self.step)
        yield whole


@pytest.fixture(scope="module")
def site() -> Iterator[httpx.Client]:
    app = built(Quoting(), shelf())
    with served(app) as url, httpx.Client(base_url=url, timeout=30) as client:
        yield client


def heard(site: httpx.Client, question: str) -> tuple[list[tuple[str, Any]], dict[int, str], dict[int, str]]:
    """The events, and what a listener who keeps the last of each number has at the end: sentences and quotes."""
    body, accept = {"question": question}, {"Accept": "text/event-stream"}
    with site.stream("POST", "/api/ask", json=body, headers=accept) as response:
        events = read_events(response)
    sentences: dict[int, str] = {}
    quotes: dict[int, str] = {}
    for name, data in events:
        if name == "sentence":
            sentences[data["index"]] = data["text"]
        elif name == "citation":
            quotes[data["number"]] = data["quote"]
        elif data.get("stage") == "revised":
            sentences = {n: text for n, text in sentences.items() if n < data["sentences"]}
    return events, sentences, quotes


@pytest.mark.parametrize("question", ["May I?", "quoted", "unsure"])
def test_a_listener_who_keeps_the_last_word_has_the_whole_answer(site: httpx.Client, question: str) -> None:
    events, sentences, quotes = heard(site, question)
    whole = events[-1][1]
    assert list(sentences.values()) == [sentence["text"] for sentence in whole["sentences"]]
    assert all(quotes[citation["number"]] == citation["quote"] for citation in whole["citations"])
    if question != "unsure":
        assert FIRST in [data["text"] for name, data in events if name == "sentence" and data["quoted"]]


@pytest.mark.parametrize("question", ["May I?", "quoted", "unsure"])
def test_a_streamed_completion_holds_the_first_quotation_back(site: httpx.Client, question: str) -> None:
    messages: list[Any] = [{"role": "user", "content": question}]
    with openai.OpenAI(base_url=f"{site.base_url}/v1", api_key="none", max_retries=0) as client:
        plain = client.chat.completions.create(model="plainsource", messages=messages).choices[0].message.content
        chunks = client.chat.completions.create(model="plainsource", messages=messages, stream=True)
        assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == plain
    assert plain and plain.startswith("It is not certain.") is (question == "unsure")


def grown(question: str, language: str = "en") -> list[str]:
    """What the page shows, one after the other."""

    async def ask() -> list[str]:
        page = Page(Asker(Quoting()), Kept(), Buckets(9, 9))
        request: Any = SimpleNamespace(client=None, session_hash="s")
        return [talk.turns[-1].html async for talk, _ in page.answer(question, Talk(language), request)]

    shown = asyncio.run(ask())
    return [html for n, html in enumerate(shown) if n == 0 or html != shown[n - 1]]


@pytest.mark.parametrize("question", ["May I?", "quoted", "unsure"])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_page_labels_the_first_quotation_and_shows_no_banner_before_the_end(question: str, language: str) -> None:
    w, shown = words(language), grown(question, language)
    first = [html for html in shown if w["quoted_first"] in html]
    assert all("ps-working" in html and w["writing"] in html for html in first)
    assert len(first) == (question != "unsure")
    assert not [html for html in shown[:-1] if "ps-kind" in html]
    assert ("ps-kind" in shown[-1]) is (question != "May I?")
    assert w["quoted_first"] not in shown[-1] and w["writing"] not in shown[-1]


def test_a_wait_does_not_draw_the_answer_again() -> None:
    fake = Quoting(step=2.2)

    async def ask() -> list[str]:
        request: Any = SimpleNamespace(client=None, session_hash="s")
        page = Page(Asker(fake), Kept(), Buckets(9, 9))
        return [talk.turns[-1].html async for talk, _ in page.answer("May I?", Talk(), request)]

    shown = asyncio.run(ask())
    assert len(shown) > len(set(shown)) + 2  # something is said each second, so that a closed tab is noticed


def test_a_notice_of_the_quotations_is_shown_once() -> None:
    answer = replace(scripted("q", "quoted"), notice="It is not certain.", citations=(cite(1, GRANT, "grey"), KEEP))
    html = answer_html(answer, turn=1, identity="")
    assert html.count("It is not certain.") == 1
    assert html.index("It is not certain.") < html.index('class="ps-quote"')
