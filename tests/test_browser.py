"""The page in a real browser: ask, see the answer, open a citation, see the mark; the iframe on another site."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from assistant.answer import Sentence
from knowledge import catalogue
from tests.fake_assistant import FakeAssistant, scripted, shelf
from tests.hostile import PAYLOADS
from tests.served import built, folder_served, served
from web.server import Options

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
ROOT = Path(__file__).resolve().parent.parent
SCREENSHOTS = ROOT / "screenshots"
QUIET = (
    "--no-sandbox --headless --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --test-third-party-cookie-phaseout"
)  # the last: other sites' storage is blocked, as it is for many readers
HOST_PAGE = """<!doctype html><title>Host</title><link rel=icon href=data:,>
<script>addEventListener("message", (e) => { if (e.data.version) window.told = [e.origin, e.data]; })</script>
<iframe id=f src="APP/embed?theme=dark&q=lamp" width=600 height=640></iframe>"""
WIDE, PHONE = (1280, 860), (390, 800)


@dataclass
class Place:
    """Where the application and two foreign pages are served; the stranger's origin is not listed."""

    app: str
    foreign: str
    stranger: str
    fake: FakeAssistant
    said: list[str] = field(default_factory=list)  # errors on the console
    outside: list[str] = field(default_factory=list)  # requests that leave the machine


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("foreign")
    fake = FakeAssistant(step=0.15)
    hostile = tuple(Sentence(p, "partly", (2,), quoted=n % 2 == 1) for n, p in enumerate(PAYLOADS))
    fake.answers["hostile"] = replace(scripted("hostile", "mixed"), sentences=hostile)
    with folder_served(folder) as listed, folder_served(folder) as unlisted:
        options = Options(embed_origins=(f"http://localhost:{listed}",), questions_at_once=1000)
        with served(built(fake, replace(shelf(), models=catalogue.models()), options)) as url:
            (folder / "index.html").write_text(HOST_PAGE.replace("APP", url), encoding="utf-8")
            yield Place(url, f"http://localhost:{listed}", f"http://localhost:{unlisted}", fake)


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=QUIET.split())
        yield browser
        browser.close()


@contextmanager
def opened(browser: Browser, place: Place, size: tuple[int, int] = WIDE, **more: Any) -> Iterator[Page]:
    """A page that notes errors on its console and requests that leave the machine."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, **more)
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.on("console", lambda m: place.said.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: place.said.append(str(error)))
    page.on("request", lambda r: place.outside.append(r.url) if is_outside(r.url) else None)
    try:
        yield page
    finally:
        context.close()


def is_outside(url: str) -> bool:
    return not re.match(r"(http://(127\.0\.0\.1|localhost):\d+/|data:|blob:|about:)", url)


@pytest.fixture(autouse=True)
def nothing_wrong_and_nothing_outside(place: Place) -> Iterator[None]:
    place.said.clear()
    place.outside.clear()
    yield
    assert place.said == []
    assert place.outside == []


def ask(page: Page, question: str) -> None:
    done = page.locator(".ps-foot").count()
    page.locator("#ps-box textarea").fill(question)
    page.keyboard.press("Enter")
    page.locator(".ps-foot").nth(done).wait_for()


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
        page.goto(place.app)
        page.locator(".ps-theme").click()
        assert page.locator("body.dark").count() == 1
        page.goto(f"{place.app}/library")
        assert page.locator("html").get_attribute("data-theme") == "dark"
        page.goto(place.app)
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


# --- everybody can read it


@pytest.fixture(scope="module")
def axe() -> str:
    """The source of axe-core, an open-source checker of accessibility, out of the npm registry."""
    folder = ROOT / "build" / "axe"
    script = folder / "node_modules" / "axe-core" / "axe.min.js"
    if not script.exists() and (npm := shutil.which("npm")):
        folder.mkdir(parents=True, exist_ok=True)
        command = [npm, "install", "--prefix", str(folder), "--no-audit", "--no-fund", "axe-core@4"]
        subprocess.run(command, capture_output=True, timeout=90, check=False)
    if not script.exists():
        pytest.skip("axe-core is not here; with npm: npm install --prefix build/axe axe-core@4")
    return script.read_text(encoding="utf-8")


def faults(page: Page, axe: str) -> list[str]:
    page.evaluate(f"(() => {{ {axe} }})()")
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [f"{v['id']}: {node['html'][:160]}" for v in found["violations"] for node in v["nodes"]]


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
            page.goto(place.app + path)
            found[path] = faults(page, axe)
            page.screenshot(
                path=SCREENSHOTS / f"{path.strip('/').split('?')[0].replace('/', '-')}-{size[0]}-{scheme}.png"
            )
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
        page.goto(f"{place.app}/embed")
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
