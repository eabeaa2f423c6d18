"""What happens, as lines of JSON for operators: one a request and one an answer, without a word of a question.

The wrapper stands outermost, so that refusals are told too. Routes are told as their pattern: the id of an answer is
a key to it, and a query may hold a question.
"""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.answer import Answer

Write = Callable[[str], None]
#: The way in by which a question came; Gradio answers its page outside of the request that asked.
WAY: ContextVar[str] = ContextVar("way", default="page")
_PATTERNS = (
    (re.compile(r"/api/sources/[^/]+"), "/api/sources/{id}"),
    (re.compile(r"/source/[^/]+"), "/source/{id}"),
    (re.compile(r"/answers/[^/]+\.(json|md)"), r"/answers/{id}.\1"),
    (re.compile(r"/answers/[^/]+"), "/answers/{id}"),
)
_OURS = frozenset(
    "/ /embed /embed/help /library /openness /feedback /healthz /readyz /metrics /mcp /api/ask /api/search "
    "/api/sources /api/openapi.json /v1/models /v1/chat/completions".split()
)
#: What a page fetches by itself, and what asks whether we live: told only when it fails.
_QUIET = re.compile(r"/(healthz|readyz|metrics)$|/(gradio_api|ui|assets|static|config|theme\.css|fonts?|favicon)")


class Journal:
    """Writes a line for each request that it passes on."""

    def __init__(self, app: ASGIApp, write: Write) -> None:
        self._app, self._write = app, write

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status, path = time.monotonic(), 0, str(scope["path"])
        WAY.set(route(path))

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = int(message["status"])
            await send(message)

        try:
            await self._app(scope, receive, noting)
        finally:  # status 0: the client left before it was answered, or a bug was raised
            if status == 0 or status >= 400 or not _QUIET.match(path):
                ms = round(1000 * (time.monotonic() - began))
                self._write(line("request", method=str(scope["method"]), route=route(path), status=status, ms=ms))


def route(path: str) -> str:
    """A path as its pattern; "other" for one that is not ours, because its words may be anybody's."""
    for pattern, told in _PATTERNS:
        if match := pattern.fullmatch(path):
            return match.expand(told)
    return path if path in _OURS else "page" if path.startswith("/gradio_api/") else "other"


def answered(write: Write, *, with_question: bool) -> Callable[[Answer], None]:
    """What writes a line for each answer: status, how many sentences of each verdict, and how long each stage took."""

    def told(answer: Answer) -> None:
        verdicts = dict(Counter(sentence.verdict for sentence in answer.sentences))
        words = {"question": answer.question} if with_question else {}
        write(
            line(
                "answer", route=WAY.get(), status=answer.status, verdicts=verdicts, citations=len(answer.citations),
                model=answer.engine.model, language=answer.language, timings_ms=answer.timings_ms, **words,
            )
        )  # fmt: skip

    return told


def line(event: str, **said: object) -> str:
    """One line."""
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    return json.dumps({"at": at, "event": event, **said}, ensure_ascii=False)
