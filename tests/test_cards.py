"""An answer as HTML: what is shown, and that nothing hostile gets through, wherever it stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from assistant.answer import Answer, Citation, Sentence
from assistant.wording import LACKING
from knowledge.documents import Chunk, Dispute, Passage
from tests.fake_assistant import ARTICLE, DISPUTE, ENGINE, GRANT, LICENCE, LICENCE_TEXT, USE, chunk, cite, scripted
from tests.hostile import OUTSIDE, PAYLOADS
from web import cards
from web.export import as_markdown, plain
from web.strings import LANGUAGES, examples, words

TAGS = {
    "div", "p", "span", "a", "em", "strong", "code", "blockquote", "details", "summary", "mark", "br", "pre", "button",
}  # fmt: skip
ATTRIBUTES = {"class", "id", "href", "target", "rel", "title", "lang", "tabindex", "role", "type", "aria-hidden"}


class Seen(HTMLParser):
    """What a browser would make of a page: its elements, their attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data

    @property
    def links(self) -> list[str]:
        return [value for name, value in self.attributes if name == "href"]


def with_url(payload: str) -> Answer:
    source = replace(ARTICLE, url=payload)
    return replace(base(), citations=(cite(1, chunk(source, "x grey y", "x grey y"), "grey"),))


def base() -> Answer:
    return replace(scripted("q", "supported"), citations=(USE,))


def saying(*sentences: Sentence) -> Answer:
    return replace(base(), sentences=sentences)


def citing(citation: Citation) -> Answer:
    return replace(base(), citations=(citation,))


def in_text(payload: str) -> Answer:
    text = f"before {payload} grey after"
    return citing(cite(1, Chunk(LICENCE, 7, 7 + len(text), text), "grey"))


def in_quote(payload: str) -> Answer:
    return citing(cite(1, Chunk(LICENCE, 7, 7 + len(payload), payload), payload))


def in_source(**fields: str) -> Answer:
    return citing(cite(1, replace(GRANT, source=replace(LICENCE, **fields)), "grey"))  # type: ignore[arg-type]


def in_dispute(payload: str) -> Dispute:
    return Dispute(payload, payload, payload, "wrong", payload, (payload, f"javascript:{payload}"))


PLACES: dict[str, Callable[[str], Answer]] = {
    "model words": lambda p: saying(Sentence(p, "supported", (1,))),
    "partly": lambda p: saying(Sentence(p, "partly", (1,)), Sentence(p, "not_confirmed")),
    "unknown verdict": lambda p: saying(Sentence(p, p, (1,))),
    "quotation": lambda p: replace(saying(Sentence(p, "supported", (1,), quoted=True)), status="quoted"),
    "passage": in_text,
    "quote": in_quote,
    "title": lambda p: in_source(title=p),
    "publisher": lambda p: in_source(publisher=p, author=p),
    "url": with_url,
    "licence": lambda p: in_source(licence=p, published=p, kind=p, language=p),
    "source id": lambda p: in_source(id=p),
    "clause": lambda p: citing(cite(1, replace(GRANT, path=(p, p)), "grey")),
    "rests on": lambda p: citing(cite(1, replace(GRANT, rests_on=(p,)), "grey")),
    "dispute": lambda p: citing(replace(USE, dispute=in_dispute(p))),
    "notice": lambda p: replace(base(), notice=p, status="declined", sentences=(), citations=()),
    "closest": lambda p: replace(
        base(), status="declined", citations=(), sentences=(), passages=(Passage(Chunk(LICENCE, 0, len(p), p), 0.4),)
    ),
    "question": lambda p: replace(base(), question=p, standalone_question=p),
    "model name": lambda p: replace(base(), engine=replace(ENGINE, model=p, licence=p)),
    "language": lambda p: replace(base(), language=p),
}


def assert_harmless(html: str) -> Seen:
    seen = Seen(html)
    assert "\n" not in html and "\r" not in html, "a newline would end the block that the chat leaves alone"
    assert html.startswith("<div")
    assert set(seen.tags) <= TAGS
    assert {name for name, _ in seen.attributes} <= ATTRIBUTES
    for link in seen.links:
        assert link.startswith(("#src-", "/source/", "/answers/", "/?c=", "https://", "http://"))
        if OUTSIDE in link:
            assert link.startswith((f"https://{OUTSIDE}", "/source/"))
    return seen


@pytest.mark.parametrize("place", PLACES)
def test_nothing_hostile_gets_through(place: str) -> None:
    assert len(PAYLOADS) >= 52
    plain_tags = Seen(cards.answer_html(PLACES[place]("word"), turn=1, identity="a" * 24)).tags
    for payload in PAYLOADS:
        seen = assert_harmless(cards.answer_html(PLACES[place](payload), turn=1, identity="a" * 24))
        extra = {"em", "strong", "code", "br", "a", "p", "span"}
        assert len([t for t in seen.tags if t not in extra]) == len([t for t in plain_tags if t not in extra])


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_question_is_shown_as_it_was_typed(payload: str) -> None:
    html = cards.question_html(payload)
    assert set(assert_harmless(html).tags) <= {"div", "br"}
    assert set(assert_harmless(cards.note_html(payload, payload)).tags) <= {"div", "br"}


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_models_links_and_images_never_become_elements(payload: str) -> None:
    assert set(Seen(cards.clean(payload)).tags) <= {"em", "strong", "code"}


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://opensource.org/ai", "https://opensource.org/ai"), (" http://a.example/x ", "http://a.example/x"),
        ("javascript:alert(1)", ""), ("JaVaScRiPt:alert(1)", ""), ("data:text/html,x", ""), ("//a.example", ""),
        ("", ""), ("osaid-1.0", ""), ("https://user:pass@a.example/", ""), ("https://a.example/\"onclick=x", ""),
        ("https://a.example/ b", ""), ("https:///x", ""), ("https://[x", ""), ("ftp://a.example", ""),
    ],
)  # fmt: skip
def test_only_web_addresses_become_links(url: str, expected: str) -> None:
    assert cards.web_address(url) == expected


def test_the_cited_words_are_marked_in_their_passage() -> None:
    assert cards.marked(USE) == (
        "You may <mark>use the grey lamp for every purpose</mark>, and nobody has to be asked."
    )


@pytest.mark.parametrize("shift", [-1, 1, 10_000, -10_000])
def test_a_mark_is_never_guessed(shift: int) -> None:
    moved = replace(USE, start=USE.start + shift, end=USE.end + shift)
    assert cards.marked(moved) == "<mark>use the grey lamp for every purpose</mark>"


def test_paragraphs_of_a_passage_stay_apart() -> None:
    both = chunk(LICENCE, LICENCE_TEXT, LICENCE_TEXT[: LICENCE_TEXT.index("2. Sharing")].rstrip())
    assert cards.marked(cite(1, both, "grey lamp")).startswith("1. Grant<br><br>You may use the <mark>")


def test_each_sentence_links_to_the_card_with_the_passage() -> None:
    seen = Seen(cards.answer_html(scripted("q", "mixed"), turn=3, identity="a" * 24))
    anchors = [link for link in seen.links if link.startswith("#src-")]
    ids = {value for name, value in seen.attributes if name == "id"}
    assert anchors == ["#src-3-1", "#src-3-2", "#src-3-3", "#src-3-3", "#src-3-4"]  # 3 is disputed, and says so
    assert {anchor[1:] for anchor in anchors} <= ids
    assert f"/source/lamp-licence-1.0?c={USE.start}-{USE.end}#c={USE.start}-{USE.end}" in seen.links


def test_a_number_without_its_citation_is_no_link() -> None:
    html = cards.answer_html(saying(Sentence("It shines [7].", "supported", (1, 9))), turn=1)
    assert [link for link in Seen(html).links if link.startswith("#")] == ["#src-1-1"]


@pytest.mark.parametrize(
    ("script", "shown", "not_shown"),
    [
        ("supported", [], ["partly supported", "not confirmed", "Quoted", "does not hold"]),
        ("partly", ["partly supported", "support a part"], ["not confirmed"]),
        ("not_confirmed", ["not confirmed", "may still be true"], ["partly supported", "false"]),
        ("disputed", ["disputed", "This source is wrong here", "first lit in 2004"], []),
        ("quoted", ["Quoted, not written by a model"], ["does not hold"]),
        ("declined", ["No answer was found", "Closest passages", "No passage speaks of that."], ["Quoted"]),
        ("interrupted", ["Stopped before the end"], []),
    ],
)
def test_verdicts_and_kinds_of_answer_are_told_apart(script: str, shown: list[str], not_shown: list[str]) -> None:
    text = Seen(cards.answer_html(scripted("q", script), turn=1, identity="a" * 24)).text
    assert [words for words in shown if words not in text] == []
    assert [words for words in not_shown if words in text] == []


def test_an_answer_that_grows_has_no_tools_yet() -> None:
    html = cards.answer_html(scripted("q", "mixed"), turn=1, stage="Checking…")
    assert "Checking…" in html and "ps-foot" not in html and "ps-text" not in html


@pytest.mark.parametrize("status", ["quoted", "declined"])
def test_a_notice_stands_quietly_in_the_banner(status: str) -> None:
    answer = replace(scripted("q", status), notice="It is not certain that this is answered.", language="en")
    text = Seen(cards.answer_html(answer, turn=1, language="fr", identity="a" * 24)).text
    assert text.count("It is not certain") == 2  # the other one is in the text for copying, which is not shown
    assert words("fr")[f"{status}_more"] not in text


def test_the_plainest_refusal_is_said_once_and_in_the_readers_language() -> None:
    answer = replace(scripted("q", "declined"), notice=LACKING["en"])
    html = cards.answer_html(answer, turn=1, language="fr")
    assert LACKING["en"] not in html and words("fr")["declined_more"] in html


def test_what_a_dispute_refers_to_can_be_opened() -> None:
    links = Seen(cards.answer_html(scripted("q", "disputed"), turn=1)).links
    assert {"https://example.org/when", "/source/lamp-licence-1.0"} <= set(links)


def test_links_and_numbers_keep_the_readers_language() -> None:
    html = cards.answer_html(scripted("q", "mixed"), turn=1, language="fr", identity="a" * 24)
    pages = [link for link in Seen(html).links if link.startswith("/source/")]
    assert pages and all("lang=fr" in link for link in pages)
    assert "0,3 s" in html
    assert "lang=" not in "".join(Seen(cards.answer_html(scripted("q", "mixed"), turn=1)).links)


def test_both_languages_have_the_same_words_and_holes() -> None:
    english, french = words("en"), words("fr")
    assert english.keys() == french.keys()
    assert len(examples("en")) == len(examples("fr")) == 4
    for name, said in english.items():
        assert said.count("{") == french[name].count("{"), name
    assert words("xx") == english and set(LANGUAGES) == {"en", "fr"}


def test_markdown_has_footnotes() -> None:
    text = as_markdown(scripted("May I?", "mixed"))
    assert "may sell copies by weight.[^2] *(partly supported)*" in text
    assert "[^1]: Lamp Licence 1.0, 1. Grant. Lamp Makers, 2024-05-01. “use the grey lamp for every purpose”" in text
    assert f"Disputed: {DISPUTE.correction}" in text


def test_plain_text_lists_what_its_numbers_point_at() -> None:
    text = plain(scripted("May I?", "quoted"))
    assert text.startswith("Quoted from the sources: You may")
    assert "\n[2] Lamp Licence 1.0, 2. Sharing." in text


@pytest.mark.parametrize(("script", "first"), [("quoted", True), ("supported", False)])
def test_plain_text_keeps_the_notice(script: str, first: bool) -> None:
    text = plain(replace(scripted("May I?", script), notice="Not certain."))
    assert text.count("Not certain.") == 1
    assert text.startswith("Not certain.") is first


def test_credit_stands_on_the_card_and_in_the_export_where_the_licence_asks_for_it() -> None:
    for licence, due in (("CC-BY-4.0", True), ("Apache-2.0", False)):
        source = replace(ARTICLE, licence=licence, author="The Keepers")
        answer = replace(base(), citations=(cite(1, chunk(source, "x grey y", "x grey y"), "grey"),))
        shown = Seen(cards.answer_html(answer, turn=1)).text
        assert ("by The Keepers" in shown) is due
        assert ("Credit: “" in as_markdown(answer)) is due
