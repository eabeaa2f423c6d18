"""Pages about what is known: sources with the passage marked, the library, the openness table, help for embedding."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest

from knowledge import catalogue
from tests.fake_assistant import FakeAssistant, shelf
from tests.hostile import OUTSIDE, PAYLOADS
from tests.served import built, served
from tests.test_cards import Seen


@pytest.fixture(scope="module")
def site() -> Iterator[httpx.Client]:
    app = built(FakeAssistant(), replace(shelf(), models=catalogue.models()))
    with served(app) as url, httpx.Client(base_url=url, timeout=30) as client:
        yield client


def test_a_source_page_shows_the_text_with_the_passage_marked(site: httpx.Client) -> None:
    page = site.get("/source/lamp-licence-1.0?c=14-22").text
    assert 'You <mark id="c=14-22" tabindex="-1">may use </mark>the grey lamp' in page
    assert page.count("<mark") == 1
    assert "The grant ends when the page is torn out." in page
    assert "What lamps are" in page  # a note rests on it


def test_a_mark_over_several_passages_is_marked_in_each(site: httpx.Client) -> None:
    assert site.get("/source/lamp-licence-1.0?c=20-130").text.count("<mark") >= 2


@pytest.mark.parametrize("span", ["", "x", "9-3", "5-5", "-1-4", "1-2-3", "0-999999999999", "99999-100000"])
def test_an_impossible_span_marks_nothing(site: httpx.Client, span: str) -> None:
    response = site.get(f"/source/lamp-licence-1.0?c={span}")
    assert response.status_code == 200 and "<mark" not in response.text


def test_a_text_that_may_not_be_shown_whole_shows_the_cited_passage_only(site: httpx.Client) -> None:
    bare = site.get("/source/lamp-article").text
    assert "lit in 1999. Others" not in bare and "does not allow" in bare
    cited = site.get("/source/lamp-article?c=14-36").text
    assert "<mark" in cited and "Others were not there" in cited
    assert "everyone" not in cited
    assert "<mark" not in site.get("/source/lamp-article?c=0-5000").text
    assert "first lit in 2004" in cited  # the disputed claim


@pytest.mark.parametrize("path", ["/source/nothing", "/source/..%2f..%2fetc%2fpasswd", "/source/%00", "/source/a%0Ab"])
def test_an_unknown_source_is_a_page_that_says_so(site: httpx.Client, path: str) -> None:
    assert site.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/library", "/openness", "/embed/help", "/source/lamp-licence-1.0?c=1-9"])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_pages_have_one_heading_and_no_inline_script(site: httpx.Client, path: str, language: str) -> None:
    page = site.get(f"{path}{'&' if '?' in path else '?'}lang={language}")
    seen = Seen(page.text)
    assert (page.status_code, seen.tags.count("h1")) == (200, 1)
    assert not [name for name, _ in seen.attributes if name.startswith("on")]
    assert seen.tags.count("script") == 2
    assert "Undefined" not in page.text and "{{" not in page.text and "built-in method" not in page.text


def test_hostile_words_stay_words_on_source_pages() -> None:
    book = shelf()
    sources = [replace(book.sources()[0], id=f"s-{n}", title=p, publisher=p, author=p, url=p, licence=p, note=p)
               for n, p in enumerate(PAYLOADS)]  # fmt: skip
    claims = [replace(book.disputes[0], source_id=s.id, claim=s.title, correction=s.title, references=(s.title,))
              for s in sources]  # fmt: skip
    hostile = replace(
        book, sources=lambda: sources, chunks=lambda _: [], disputes=claims,
        text=lambda name: sources[int(name.removeprefix("s-"))].title,
    )  # fmt: skip
    with served(built(FakeAssistant(), hostile)) as url, httpx.Client(base_url=url) as client:
        pages = [client.get(f"/source/s-{n}?c=0-5") for n in range(len(sources))] + [client.get("/library")]
    for page in pages:
        seen = Seen(page.text)
        assert page.status_code == 200
        assert seen.tags.count("script") == 2
        assert not {"img", "iframe", "svg", "object", "embed", "style", "base", "video", "math"} & set(seen.tags)
        assert not [name for name, _ in seen.attributes if name.startswith("on")]
        assert [link for link in seen.links if OUTSIDE in link and not link.startswith(f"https://{OUTSIDE}")] == []
