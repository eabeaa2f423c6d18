"""A real browser, and an application for it: what the browser's tests share. Each names the fixtures that it wants."""

from __future__ import annotations

import re
import shutil
import subprocess
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
    from playwright.sync_api import Browser, Page, Request

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
    logs: Path
    said: list[str] = field(default_factory=list)  # errors on the console
    outside: list[str] = field(default_factory=list)  # requests that leave the machine
    begun: list[Request] = field(default_factory=list)  # events of the page
    ended: list[Request] = field(default_factory=list)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("foreign")
    fake = FakeAssistant(step=0.15)
    hostile = tuple(Sentence(p, "partly", (2,), quoted=n % 2 == 1) for n, p in enumerate(PAYLOADS))
    fake.answers["hostile"] = replace(scripted("hostile", "mixed"), sentences=hostile)
    with folder_served(folder) as listed, folder_served(folder) as unlisted:
        logs = tmp_path_factory.mktemp("logs")
        (logs / "answers").mkdir()
        options = Options(embed_origins=(f"http://localhost:{listed}",), questions_at_once=1000, logs=logs)
        with served(built(fake, replace(shelf(), models=catalogue.models()), options)) as url:
            (folder / "index.html").write_text(HOST_PAGE.replace("APP", url), encoding="utf-8")
            yield Place(url, f"http://localhost:{listed}", f"http://localhost:{unlisted}", fake, logs)


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
    page.on("request", lambda r: place.begun.append(r) if is_event(r) else None)
    for end in ("requestfinished", "requestfailed"):  # the page itself closes a stream that has said all
        page.on(end, lambda r: place.ended.append(r) if is_event(r) else None)
    try:
        yield page
    finally:
        context.close()


def arrive(page: Page, place: Place, url: str) -> None:
    """Open the page of questions and wait until its first event is done, so that leaving it cuts nothing off."""
    before = len(place.begun)
    page.goto(url)
    for _ in range(400):
        if len(place.begun) > before:
            break
        page.wait_for_timeout(50)
    else:
        raise AssertionError("no event began in 20 s")
    wait_for_events(page, place)


def leave(page: Page, place: Place, url: str) -> None:
    """Open another page when no event is under way: one that is cut off is an error on the console."""
    wait_for_events(page, place)
    page.goto(url)


def wait_for_events(page: Page, place: Place) -> None:
    for _ in range(400):
        if all(request in place.ended for request in place.begun):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"not done after 20 s: {[r.url for r in place.begun if r not in place.ended]}")


def is_event(request: Request) -> bool:
    return "/queue/data" in request.url


def is_outside(url: str) -> bool:
    return not re.match(r"(http://(127\.0\.0\.1|localhost):\d+/|data:|blob:|about:)", url)


@pytest.fixture(autouse=True)
def nothing_wrong_and_nothing_outside(place: Place) -> Iterator[None]:
    place.said.clear()
    place.outside.clear()
    place.begun.clear()
    place.ended.clear()
    yield
    assert place.said == []
    assert place.outside == []


def ask(page: Page, question: str) -> None:
    done = page.locator(".ps-foot").count()
    page.locator("#ps-box textarea").fill(question)
    page.keyboard.press("Enter")
    page.locator(".ps-foot").nth(done).wait_for()


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
