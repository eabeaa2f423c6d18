"""The list of models in a browser: by keyboard, in both languages, one tab's own; a choice that fails says so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests import browsing
from tests.browsing import PHONE, WIDE, Place, ask, opened
from tests.fake_assistant import shelf
from tests.served import built, served
from tests.test_web_models import House
from web.server import Options

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser
browser, axe = browsing.browser, browsing.axe
nothing_wrong_and_nothing_outside = browsing.nothing_wrong_and_nothing_outside


@pytest.fixture(scope="module")
def house() -> House:
    return House()


@pytest.fixture(scope="module")
def place(house: House, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    app = built(house.first, shelf(), Options(questions_at_once=1000), house.models())
    with served(app) as url:
        yield Place(url, url, url, house.first, Path(tmp_path_factory.mktemp("logs")))


def test_a_model_is_chosen_by_keyboard_and_answers_in_this_tab_only(
    browser: Browser, place: Place, house: House, axe: str
) -> None:
    with opened(browser, place) as page:
        page.goto(place.app)
        page.get_by_text("What is missing (1)").click()
        page.get_by_text("python -m assistant models get two").wait_for()
        picker = page.get_by_label("Model", exact=True)
        assert "Built In 1B (built in) · Apache-2.0, OSI-approved" in picker.input_value()
        picker.focus()
        page.keyboard.press("ArrowUp")
        page.get_by_role(
            "option", name="big:cloud (Ollama) · licence unknown · sends your words to ollama.example"
        ).wait_for()
        assert browsing.faults(page, axe) == []
        for name in ("big:cloud", "llama3.2"):
            page.locator("#ps-model li.active", has_text=name).wait_for()
            page.keyboard.press("ArrowUp")
        page.locator("#ps-model li.active", has_text="granite4:3b").wait_for()
        page.keyboard.press("Enter")
        page.get_by_text("granite4:3b, on Ollama at http://127.0.0.1:11434: Apache-2.0.").wait_for()
        ask(page, "May I?")
        assert len(house.opened["ollama:granite4:3b"].asked) == 1
        picker.click()
        page.get_by_role("option", name="llama3.2").click()
        page.locator(".ps-problem", has_text="Ollama does not answer.").wait_for()
        assert "granite4:3b" in picker.input_value()
        with opened(browser, place) as other:
            other.goto(place.app)
            other.get_by_text("built-in, built in: Apache-2.0.").wait_for()
            ask(other, "May I?")
        assert len(house.first.asked) == 1


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["1280", "390"])
def test_the_list_stands_on_the_french_page_and_not_in_an_iframe(
    browser: Browser, place: Place, size: tuple[int, int], axe: str
) -> None:
    with opened(browser, place, size) as page:
        page.goto(f"{place.app}/?lang=fr")
        picker = page.get_by_label("Modèle", exact=True)
        picker.click()
        page.get_by_role("option", name="Sans modèle : citations seulement").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert browsing.faults(page, axe) == []
        browsing.SCREENSHOTS.mkdir(exist_ok=True)
        page.screenshot(path=browsing.SCREENSHOTS / f"models-{size[0]}.png")
        page.goto(f"{place.app}/embed")
        page.locator("#ps-box").wait_for()
        page.wait_for_timeout(500)
        assert page.locator("#ps-model").count() == 0
