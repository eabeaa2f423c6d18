"""The page in a real browser: ask, see the answer, open a citation, see the mark; the iframe on another site."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests import browsing
from tests.browsing import PHONE, WIDE, Place, arrive, ask, leave, opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser
browser, place = browsing.browser, browsing.place
nothing_wrong_and_nothing_outside = browsing.nothing_wrong_and_nothing_outside


def test_ask_see_the_answer_open_a_citation_see_the_mark(browser: Browser, place: Place) -> None:
    with opened(browser, place) as page:
        page.goto(place.app)
        page.get_by_text("What is missing (1)").wait_for()
        assert "SmolLM2-135M" in page.locator(".ps-engine").inner_text()
        page.locator("#ps-box textarea").fill("Is it mixed?")
        page.keyboard.press("Enter")
        page.locator(".ps-s").first.wait_for()
        growing = page.locator(".ps-s").count()
        page.locator(".ps-foot").wait_for()
        assert growing <= page.locator(".ps-s").count() == 3
        page.locator("a.cite").first.click()
        mark = page.locator("#src-1-1 mark")
        assert mark.inner_text() == "use the grey lamp for every purpose"
        assert mark.is_visible()
        assert page.evaluate("document.activeElement.closest('details')?.id") == "src-1-1"
        with page.expect_popup() as popup:
            page.locator("#src-1-1 .ps-place").click()
        assert popup.value.locator("mark").inner_text() == "use the grey lamp for every purpose"
        assert popup.value.evaluate(
            "(e => e.getBoundingClientRect().top >= 0 && e.getBoundingClientRect().bottom <= innerHeight)"
            "(document.querySelector('mark'))"
        )


def test_a_conversation_goes_on_and_is_there_after_a_reload(browser: Browser, place: Place) -> None:
    with opened(browser, place) as page:
        page.goto(place.app)
        ask(page, "First, supported")
        ask(page, "Second, disputed")
        assert [role for role, _ in place.fake.asked[-1][1]] == ["user", "assistant"]
        assert page.locator(".ps-problem").count() == 0
        page.wait_for_url(re.compile(r"c=[0-9a-f]{24}\.[0-9a-f]{24}"))
        page.reload()
        page.locator(".ps-foot").nth(1).wait_for()
        assert page.locator(".ps-question").all_inner_texts() == ["First, supported", "Second, disputed"]
        page.get_by_role("button", name="Ask again").click()
        page.wait_for_timeout(1500)
        assert page.locator(".ps-question").count() == 2
        page.get_by_role("button", name="New conversation").click()
        page.get_by_text("What would you like to know?").wait_for()
        assert "c=" not in page.url


def test_stop_ends_the_engine_and_the_answer_says_so(browser: Browser, place: Place) -> None:
    place.fake.stopped.clear()
    with opened(browser, place) as page:
        page.goto(place.app)
        page.locator("#ps-box textarea").fill("a slow one")
        page.keyboard.press("Enter")
        page.locator(".ps-s").first.wait_for()
        page.get_by_role("button", name="Stop").click()
        assert place.fake.stopped.wait(1.0)
        page.get_by_text("Stopped before the end").wait_for()
        ask(page, "and now, supported")


def test_a_closed_tab_ends_the_engine(browser: Browser, place: Place) -> None:
    place.fake.stopped.clear()
    with opened(browser, place) as page:
        page.goto(place.app)
        page.locator("#ps-box textarea").fill("a slow one")
        page.keyboard.press("Enter")
        page.locator(".ps-s").first.wait_for()
    assert place.fake.stopped.wait(3.0)


@pytest.mark.parametrize("question", ["refuse", "engine gone", "x" * 2001])
def test_a_refused_question_stays_in_the_box(browser: Browser, place: Place, question: str) -> None:
    with opened(browser, place) as page:
        page.goto(place.app)
        page.locator("#ps-box textarea").fill(question)
        page.keyboard.press("Enter")
        page.locator(".ps-problem").wait_for()
        page.get_by_role("button", name="Ask", exact=True).wait_for()
        assert page.locator("#ps-box textarea").input_value() == question
        assert page.locator(".ps-question").count() == 0


def test_examples_ask_and_answers_can_be_taken_away(browser: Browser, place: Place) -> None:
    with opened(browser, place, permissions=["clipboard-read", "clipboard-write"]) as page:
        page.goto(place.app)
        page.get_by_text("Which four freedoms").click()
        page.locator(".ps-foot").wait_for()
        page.get_by_role("button", name="Copy", exact=True).click()
        page.get_by_text("Copied").wait_for()
        assert "[^1]: Lamp Licence 1.0" in page.evaluate("navigator.clipboard.readText()")
        page.get_by_role("button", name="Not helpful").click()
        page.locator(".ps-why input").fill("no reason")
        page.keyboard.press("Enter")
        page.get_by_text("Noted, thank you").wait_for()


def test_quotations_stand_quietly_under_a_models_words(browser: Browser, place: Place) -> None:
    with opened(browser, place) as page:
        page.goto(place.app)
        ask(page, "mixed")
        aside = page.locator(".ps-aside")
        assert "Lamps give light" in aside.inner_text()
        sizes = [
            page.locator(at).first.evaluate("e => parseFloat(getComputedStyle(e).fontSize)")
            for at in (".ps-s", ".ps-aside p:not(.ps-label)")
        ]
        assert sizes[0] > sizes[1]


def test_a_link_is_kept_when_the_reader_asks(browser: Browser, place: Place) -> None:
    with opened(browser, place, permissions=["clipboard-read", "clipboard-write"]) as page:
        page.goto(place.app)
        ask(page, "supported, to keep")
        assert list((place.logs / "answers").glob("*")) == []
        page.get_by_role("link", name="Keep link").click()
        page.get_by_text("Kept, link copied").wait_for()
        link = page.evaluate("navigator.clipboard.readText()")
        name = link.split("c=")[1]
        assert [path.name for path in (place.logs / "answers").iterdir()] == [f"{name}.json"]
        leave(page, place, link)
        page.locator(".ps-question", has_text="supported, to keep").wait_for()


def test_the_newest_question_goes_to_the_top(browser: Browser, place: Place) -> None:
    with opened(browser, place) as page:
        page.goto(place.app)
        for script in ("mixed", "quoted", "mixed"):
            ask(page, script)
        page.wait_for_timeout(300)
        assert page.locator(".ps-question").last.evaluate("e => e.getBoundingClientRect().top") < WIDE[1] / 2


def test_the_whole_way_by_keyboard(browser: Browser, place: Place) -> None:
    with opened(browser, place) as page:
        page.goto(place.app)
        page.locator("#ps-box textarea").wait_for()
        page.wait_for_function("document.activeElement?.tagName === 'TEXTAREA'")
        page.keyboard.type("supported")
        page.keyboard.press("Enter")
        page.locator(".ps-foot").wait_for()
        for _ in range(40):
            page.keyboard.press("Shift+Tab")
            if page.evaluate("document.activeElement.matches('a.cite')"):
                break
        page.keyboard.press("Enter")
        assert page.locator("#src-1-1 mark").is_visible()
        page.keyboard.press("Enter")  # the summary has the focus: it closes again
        assert not page.locator("#src-1-1 mark").is_visible()


def test_hostile_words_stay_words(browser: Browser, place: Place) -> None:
    with opened(browser, place) as page:
        page.goto(place.app)
        ask(page, "hostile")
        for payload in ("<img src=x onerror=window.hacked=1>", "![a](https://outside.invalid/q.png)", "</div><h1>x"):
            ask(page, f"{payload} supported")
        page.wait_for_timeout(300)
        assert page.evaluate("window.hacked") is None
        made = page.locator(".message-content :is(img, script, iframe, style, form, video, object, h1)")
        assert [one.evaluate("e => e.outerHTML.slice(0, 200)") for one in made.all()] == []
        assert page.locator("h1").count() == 1


def test_the_interface_speaks_french(browser: Browser, place: Place) -> None:
    with opened(browser, place) as page:
        page.goto(f"{place.app}/?lang=fr&q=lampe")
        page.get_by_text("Que voulez-vous savoir").wait_for()
        assert page.locator("html").get_attribute("lang") == "fr"
        assert page.locator("#ps-box textarea").input_value() == "lampe"
        assert page.locator(".ps-question").count() == 0  # prefilled, never sent
        ask(page, "partly")
        page.get_by_text("confirmé en partie", exact=False).first.wait_for()


def test_a_listed_site_shows_the_embedded_page(browser: Browser, place: Place) -> None:
    with opened(browser, place) as page:
        page.goto(place.foreign)
        frame = page.frame_locator("#f")
        box = frame.locator("#ps-box textarea")
        box.wait_for()
        frame.get_by_text("What would you like to know?").wait_for()
        page.wait_for_timeout(500)
        assert box.input_value() == "lamp"
        assert frame.locator(".ps-question").count() == 0
        assert frame.locator("body.dark").count() == 1
        box.fill("mixed")
        box.press("Enter")
        frame.locator(".ps-foot").wait_for()
        last, entry = frame.locator(".ps-foot").bounding_box(), frame.locator("#ps-actions").bounding_box()
        assert last and entry and last["y"] + last["height"] <= entry["y"]  # nothing lies over the answer
        frame.locator("a.cite").first.click()
        frame.locator("#src-1-1 mark").wait_for()
        origin, told = page.evaluate("window.told")
        assert origin == place.app
        assert told["type"] == "plainsource:height" and 300 < told["height"] < 2000
        assert page.context.cookies() == []


def test_an_unlisted_site_is_refused(browser: Browser, place: Place) -> None:
    with opened(browser, place) as page:
        page.goto(place.stranger)
        page.wait_for_timeout(1500)
        assert page.frame_locator("#f").locator("#ps-box").count() == 0
        assert place.said and all("frame-ancestors" in said for said in place.said)
        assert page.evaluate("window.told") is None
        place.said.clear()


def test_the_theme_changes_and_is_remembered(browser: Browser, place: Place) -> None:
    with opened(browser, place, color_scheme="light") as page:
        arrive(page, place, place.app)
        page.locator(".ps-theme").click()
        assert page.locator("body.dark").count() == 1
        leave(page, place, f"{place.app}/library")
        assert page.locator("html").get_attribute("data-theme") == "dark"
        arrive(page, place, place.app)
        page.locator("body.dark").wait_for()


def test_the_library_can_be_filtered(browser: Browser, place: Place) -> None:
    with opened(browser, place) as page:
        page.goto(f"{place.app}/library")
        page.get_by_role("searchbox").fill("daily lamp")
        assert page.locator(".ps-row:visible").count() == 1
        assert page.locator(".ps-count").inner_text() == "1"


def test_a_fragment_alone_marks_the_passage(browser: Browser, place: Place) -> None:
    with opened(browser, place) as page:
        page.goto(f"{place.app}/source/lamp-licence-1.0#c=14-21")
        page.locator("mark").wait_for()
        assert page.locator("mark").inner_text() == "may use"


def test_the_line_for_a_host_page_is_whole_and_can_be_copied(browser: Browser, place: Place) -> None:
    with opened(browser, place, PHONE, permissions=["clipboard-read", "clipboard-write"]) as page:
        page.goto(f"{place.app}/embed/help")
        assert page.locator(".ps-line").evaluate("e => e.scrollWidth <= e.clientWidth")
        page.get_by_role("button", name="Copy", exact=True).click()
        page.get_by_text("Copied").wait_for()
        line = page.evaluate("navigator.clipboard.readText()")
        assert line.startswith("<iframe ") and f'src="{place.app}/embed?lang=en"' in line
