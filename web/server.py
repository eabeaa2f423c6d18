"""The application: a FastAPI parent with our own routes, Gradio mounted at ``/``, and the guard around both."""

from __future__ import annotations

import hashlib
import mimetypes
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import gradio as gr
from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp

from assistant import unanswered
from assistant.answer import DECLINED, Answer
from errors import SettingsError
from web import api, mcp_tools, openai_api, sources
from web.asking import Answering, Asker
from web.headers import Guard
from web.journal import Journal, Write, answered
from web.kept import Kept
from web.layout import build
from web.limits import Buckets
from web.models import Models
from web.page import Page
from web.shelf import Shelf

_ORIGIN = re.compile(r"https?://(\*\.)?[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:\d{1,5})?")
STATIC = Path(__file__).parent / "static"


@dataclass(frozen=True)
class Options:
    """What the owner of a site decides.

    logs: the folder for feedback, declined questions and answers with a lasting link; without it nothing is kept.
    log_questions: declined questions and the journal keep their words. keep_answers: all answers are kept.
    journal: takes a line for each request and each answer; None for none.
    """

    embed_origins: tuple[str, ...] = ()
    allowed_hosts: tuple[str, ...] = ()
    api_token: str = ""
    max_question_chars: int = 2000
    logs: Path | None = None
    log_questions: bool = False
    keep_answers: bool = False
    journal: Write | None = None
    mcp: bool = False
    questions_at_once: int = 12  # from one address, and then one in three seconds
    seconds: float = 300.0
    rate: Buckets | None = None  # of all requests from one address


def build_app(
    assistant: Answering, shelf: Shelf, options: Options = Options(), models: Models | None = None
) -> ASGIApp:
    """The whole application, ready to be served. models: those to choose among; without it there is no choice."""
    asker = Asker(
        assistant,
        max_chars=options.max_question_chars,
        seconds=options.seconds,
        told=list(_listeners(options)),
        models=models,
    )
    kept = Kept(
        folder=options.logs / "answers" if options.logs else None, always=options.keep_answers, source=shelf.source
    )
    tools = mcp_tools.server(asker, shelf) if options.mcp else None
    asked = Buckets(options.questions_at_once, 1 / 3)
    parent = FastAPI(
        title="Plainsource", lifespan=mcp_tools.running(tools),
        docs_url=None, redoc_url=None, openapi_url="/api/openapi.json",
        description="Ask about open-source AI; check every sentence. Answers are the same here as on the page.",
    )  # fmt: skip
    # Without this, Gradio adds its own CORS, which reflects any origin. No other site may read answers here.
    parent.add_middleware(CORSMiddleware, allow_origins=[])
    api.add_routes(parent, asker, kept, shelf, asked, token=options.api_token, logs=options.logs)
    openai_api.add_routes(parent, asker, asked, token=options.api_token)
    if tools is not None:
        mcp_tools.add_routes(parent, tools, token=options.api_token)
    sources.add_routes(parent, shelf, asker, origins=options.embed_origins)
    mimetypes.add_type("text/javascript", ".js")
    parent.mount("/ui", StaticFiles(directory=STATIC), name="ui")
    _mount_page(parent, Page(asker, kept, asked))
    _refuse_alike(parent, asker)
    guard = Guard(
        parent, origins=options.embed_origins, hosts=options.allowed_hosts, rate=options.rate or Buckets(400, 40)
    )
    return Journal(guard, options.journal) if options.journal else guard


def _listeners(options: Options) -> Iterator[Callable[[Answer], None]]:
    """Who is told of each answer."""
    if options.journal:
        yield answered(options.journal, with_question=options.log_questions)
    logs = options.logs
    if logs:
        yield (
            lambda answer: (
                unanswered.note(logs, answer.question if options.log_questions else None)
                if answer.status == DECLINED
                else None
            )
        )


def _mount_page(parent: FastAPI, page: Page) -> None:
    with gr.Blocks(title="Plainsource", analytics_enabled=False, fill_width=True) as demo:
        build(page, compact=False)
    with demo.route("Embed", "/embed", show_in_navbar=False):
        build(page, compact=True)
    demo.queue(max_size=20, default_concurrency_limit=2, api_open=False)
    demo.state_session_capacity = 500  # else some 38 KB for each of up to 10,000 sessions
    demo.has_launched = True  # mounting never sets it, and Gradio's checks of paths depend on it
    with warnings.catch_warnings():
        # Gradio warns that it will not render on the server, which nobody asks it to.
        warnings.filterwarnings("ignore", "SSR mode is not supported with multi-page", UserWarning)
        gr.mount_gradio_app(
            parent, demo, "/", footer_links=[], run_history=False, enable_monitoring=False, max_file_size="1kb",
            show_error=False, app_kwargs={"openapi_url": None}, head=head(), theme=theme(), ssr_mode=False,
        )  # fmt: skip


def _refuse_alike(parent: FastAPI, asker: Asker) -> None:
    """What no route of ours answers falls through to Gradio, which would say so in its own way."""

    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        routes = [
            route for route in parent.routes if isinstance(route, Route) and route.path_regex.match(request.url.path)
        ]
        allowed = sorted({method for route in routes for method in route.methods or ()})
        if error.status_code == 404 and allowed:
            return api.problem(405, f"This address answers {', '.join(allowed)} only.", Allow=", ".join(allowed))
        if error.status_code == 404 and "text/html" in request.headers.get("accept", ""):
            return sources.missing(request, asker)
        detail = "There is nothing at this address." if error.status_code == 404 else str(error.detail)
        return api.problem(error.status_code, detail, **dict(error.headers or {}))

    gradio_app = next(route.app for route in parent.routes if isinstance(route, Mount) and not route.path)
    assert isinstance(gradio_app, FastAPI)
    gradio_app.add_exception_handler(HTTPException, refused)


def head() -> str:
    """Our style and our one script file, by addresses that change with their content."""
    return (
        f'<link rel="stylesheet" href="/ui/plainsource.css?{_version("plainsource.css")}">'
        f'<script src="/ui/plainsource.js?{_version("plainsource.js")}" defer></script>'
    )


def theme() -> gr.themes.Base:
    """Gradio's plainest theme, with fonts of the reader's own machine; colours and shapes are our stylesheet's."""
    return gr.themes.Base(font=("system-ui", "sans-serif"), font_mono=("ui-monospace", "monospace"))


def _version(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]


def origins(text: str) -> tuple[str, ...]:
    """Origins from a setting: separated by commas, each ``https://name[:port]``."""
    found = tuple(part.strip().rstrip("/") for part in text.split(",") if part.strip())
    for origin in found:
        if not _ORIGIN.fullmatch(origin):
            raise SettingsError(
                f"{origin!r} is not an origin that may show /embed.",
                mend="set PLAINSOURCE_EMBED_ORIGINS to addresses like https://www.example.org",
            )
    return found


def names(text: str) -> Sequence[str]:
    """Host names from a setting, separated by commas."""
    return tuple(part.strip() for part in text.split(",") if part.strip())
