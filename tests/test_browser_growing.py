"""The answer as it grows, in a browser: a first quotation, then the model's words; calm for eyes, keys and ears."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests import browsing
from tests.browsing import PHONE, WIDE, Place, opened
from tests.fake_assistant import shelf
from tests.served import built, served
from tests.test_web_growing import FIRST, Quoting
from web.server import Options

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser
browser, axe = browsing.browser, browsing.axe
nothing_wrong_and_nothing_outside = browsing.nothing_wrong_and_nothing_outside
LISTEN = """() => {
  window.heard = []; window.drawn = 0;
  const said = document.querySelector("body > .ps-sr[role=status]");
  new MutationObserver(() => heard.push(said.textContent)).observe(said, { childList: true });
  new MutationObserver((all) => {
    for (const one of all) for (const node of one.addedNodes) drawn += !!node.querySelector?.(".ps-answer, .ps-body");
  }).observe(document.querySelector("#ps-chat"), { childList: true, subtree: true });
}"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    fake = Quoting(step=3.2)
    with served(built(fake, shelf(), Options(questions_at_once=1000))) as url:
        yield Place(url, url, url, fake, Path(tmp_path_factory.mktemp("logs")))


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["1280", "390"])
def test_a_first_quotation_gives_way_to_the_models_words(
    browser: Browser, place: Place, size: tuple[int, int], axe: str
) -> None:
    with opened(browser, place, size, reduced_motion="reduce") as page:
        page.goto(place.app)
        page.locator("body > .ps-sr").wait_for(state="attached")
        page.locator("#ps-box textarea").fill("May I?")
        page.evaluate(LISTEN)
        page.keyboard.press("Enter")
        page.get_by_text("A first quotation, until the model has written").wait_for()
        assert FIRST in page.locator(".ps-quote").inner_text()
        assert page.locator(".ps-kind").count() == 0
        page.get_by_text("The model is writing… 2 s").wait_for()  # the seconds go on
        assert browsing.faults(page, axe) == []
        page.locator(".ps-s").first.wait_for()
        assert page.locator(".ps-quote").count() == 0
        page.locator(".ps-foot").wait_for()
        page.wait_for_timeout(700)
        heard = page.evaluate("heard")
        assert page.locator("#ps-chat [role=log]").get_attribute("aria-live") == "off"
        assert len(heard) <= 4 and len(heard) == len(set(heard))  # told once each, without the seconds
        assert heard[-1] == "Answer complete. You may use the lamp for every purpose. [1]"
        assert page.evaluate("drawn") <= 8  # not each second


def test_a_card_that_is_open_and_has_the_focus_stays_so(browser: Browser, place: Place) -> None:
    with opened(browser, place) as page:
        page.goto(place.app)
        page.locator("#ps-box textarea").fill("quoted")
        page.keyboard.press("Enter")
        page.get_by_text("The model is writing…").wait_for()
        page.locator("details.src summary").focus()
        page.keyboard.press("Enter")
        assert page.locator("details.src[open]").count() == 1
        page.locator(".ps-foot").wait_for()
        card = page.locator("details.src[open]")
        assert card.locator(".ps-clause").inner_text() == "2. Sharing"  # whose number is another now
        assert card.locator(".ps-number").inner_text() == "[2]"
        assert card.evaluate("e => document.activeElement === e.querySelector('summary')")
        page.keyboard.press("Enter")
        page.wait_for_timeout(400)
        assert page.locator("details.src[open]").count() == 0


def test_a_notice_stands_above_quotations(browser: Browser, place: Place) -> None:
    with opened(browser, place, color_scheme="dark") as page:
        page.goto(place.app)
        page.locator("#ps-box textarea").fill("unsure")
        page.keyboard.press("Enter")
        page.locator(".ps-foot").wait_for()
        notice, quote = (
            page.locator(".ps-kind .ps-notice").bounding_box(),
            page.locator(".ps-quote").first.bounding_box(),
        )
        assert notice and quote and notice["y"] < quote["y"]


def test_a_retry_that_is_refused_keeps_the_answer(browser: Browser, tmp_path: Path) -> None:
    fake = Quoting(step=0.0)
    with served(built(fake, shelf(), Options(questions_at_once=1))) as url:
        house = Place(url, url, url, fake, tmp_path)
        with opened(browser, house) as page:
            page.goto(house.app)
            browsing.ask(page, "May I?")
            answer = page.locator(".ps-answer").inner_text()
            page.get_by_role("button", name="Ask again").click()
            page.locator(".ps-problem").wait_for()
            page.wait_for_timeout(700)
            assert page.locator(".ps-answer").inner_text() == answer
            assert page.get_by_role("button", name="Ask again").is_enabled()
