"""Everybody can read it: axe finds no fault, in two languages and two themes, wide and narrow; targets are large."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tests import browsing
from tests.browsing import PHONE, SCREENSHOTS, WIDE, Place, ask, faults, leave, opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser
browser, place, axe = browsing.browser, browsing.place, browsing.axe
nothing_wrong_and_nothing_outside = browsing.nothing_wrong_and_nothing_outside


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["1280", "390"])
def test_axe_finds_nothing_in_french(browser: Browser, place: Place, axe: str, size: tuple[int, int]) -> None:
    found = {}
    with opened(browser, place, size, reduced_motion="reduce") as page:
        page.goto(f"{place.app}/?lang=fr")
        page.get_by_text("Que voulez-vous savoir").wait_for()
        page.get_by_role("button", name="Demander").wait_for()
        for script in ("mixed", "quoted", "declined"):
            ask(page, f"Est-ce {script} ?")
        page.locator("a.cite").first.click()
        page.wait_for_timeout(300)
        found["conversation"] = faults(page, axe)
        page.screenshot(path=SCREENSHOTS / f"conversation-{size[0]}-fr.png", full_page=True)
        for path in ("/library?lang=fr", "/openness?lang=fr", "/embed/help?lang=fr"):
            leave(page, place, place.app + path)
            assert page.locator("html").get_attribute("lang") == "fr"
            assert page.locator(".ps-open-what", has_text="Data information").count() == 0
            found[path] = faults(page, axe)
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    assert {where: what for where, what in found.items() if what} == {}


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["1280", "390"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(browser: Browser, place: Place, axe: str, size: tuple[int, int], scheme: str) -> None:
    SCREENSHOTS.mkdir(exist_ok=True)
    found = {}
    with opened(browser, place, size, color_scheme=scheme, reduced_motion="reduce") as page:
        page.goto(place.app)
        page.get_by_text("What would you like to know?").wait_for()
        page.wait_for_timeout(600)
        found["start"] = faults(page, axe)
        page.screenshot(path=SCREENSHOTS / f"start-{size[0]}-{scheme}.png", full_page=True)
        for script in ("mixed", "not_confirmed", "quoted", "declined", "interrupted"):
            ask(page, f"Is it {script}?")
        page.locator("a.cite.ps-flag").first.click()
        page.wait_for_timeout(300)
        found["conversation"] = faults(page, axe)
        page.screenshot(path=SCREENSHOTS / f"conversation-{size[0]}-{scheme}.png", full_page=True)
        for path in ("/library", "/openness", "/source/lamp-licence-1.0?c=14-30", "/source/lamp-article?c=14-36"):
            leave(page, place, place.app + path)
            found[path] = faults(page, axe)
            page.screenshot(
                path=SCREENSHOTS / f"{path.strip('/').split('?')[0].replace('/', '-')}-{size[0]}-{scheme}.png"
            )
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
        leave(page, place, f"{place.app}/embed")
        page.get_by_text("What would you like to know?").wait_for()
        page.wait_for_timeout(600)
        found["embed"] = faults(page, axe)
        page.screenshot(path=SCREENSHOTS / f"embed-{size[0]}-{scheme}.png")
    assert {where: what for where, what in found.items() if what} == {}


def test_targets_are_large_enough_and_nothing_scrolls_sideways(browser: Browser, place: Place) -> None:
    with opened(browser, place, PHONE) as page:
        page.goto(place.app)
        ask(page, "mixed")
        small = page.evaluate(
            "[...document.querySelectorAll('button, .ps-nav a, .ps-tool, summary')].filter(e => e.offsetParent)"
            ".map(e => [e.textContent.trim().slice(0, 30), Math.round(e.getBoundingClientRect().height)])"
            ".filter(([, height]) => height < 32)"
        )
        assert small == []
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]


def test_the_first_sentence_does_not_wait_for_the_last(browser: Browser, place: Place) -> None:
    place.fake.step = 1.5
    try:
        with opened(browser, place) as page:
            page.goto(place.app)
            page.locator("#ps-box textarea").fill("mixed")
            page.keyboard.press("Enter")
            page.locator(".ps-s").first.wait_for()
            first = time.monotonic()
            page.locator(".ps-foot").wait_for()
            assert time.monotonic() - first > 1.5
    finally:
        place.fake.step = 0.15
