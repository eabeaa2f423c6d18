"""The HTTP API: ``/api/ask`` (JSON, or server-sent events), what is known, health and numbers, exports and feedback."""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import re
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, Literal

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException as StarletteHTTPException

from assistant.answer import Answer, Progress
from errors import EngineError, IndexUnavailable, QuestionError, UserError
from knowledge.documents import Source
from web.asking import Asker, Still, TooBusy, Waiting, checked
from web.export import as_markdown
from web.kept import Kept
from web.limits import Buckets, believed
from web.models import ModelAbsent
from web.shelf import Shelf

log = logging.getLogger("plainsource.web")
STATUSES: tuple[tuple[type[UserError], int], ...] = (
    (QuestionError, 422), (ModelAbsent, 422), (TooBusy, 503), (IndexUnavailable, 503), (EngineError, 503),
    (UserError, 400),
)  # fmt: skip
MENDS = {
    "/api/ask": 'send {"question": "…"} as JSON',
    "/v1/chat/completions": 'send {"messages": [{"role": "user", "content": "…"}]} as JSON',
    "/api/search": "ask for /api/search?q=…",
}


class Question(BaseModel):
    """What is asked, and the conversation before it as pairs of role ("user", "assistant") and text.

    model: one of those present, in place of the one that the server's settings name.
    """

    model_config = ConfigDict(extra="forbid")
    question: str = Field(examples=["Does Apache-2.0 grant patent rights?"])
    history: list[tuple[Literal["user", "assistant"], str]] = Field(default=[], max_length=200)
    id: str | None = None
    model: str = Field(default="", max_length=300, examples=[""])


class Feedback(BaseModel):
    """A vote on an answer that is still kept, with a reason."""

    model_config = ConfigDict(extra="forbid")
    answer: str = Field(pattern="^[0-9a-f]{24}$")
    vote: Literal["up", "down"]
    reason: str = Field(default="", max_length=1000)


def problem(status: int, detail: str, mend: str = "", **headers: str) -> JSONResponse:
    """A refusal as problem details (RFC 9457): one sentence, and what mends it."""
    content = {"type": "about:blank", "status": status, "detail": detail, **({"mend": mend} if mend else {})}
    return JSONResponse(content, status, headers=headers, media_type="application/problem+json")


def user_problem(error: UserError) -> JSONResponse:
    """A user's error as problem details."""
    status = next(status for kind, status in STATUSES if isinstance(error, kind))
    return problem(status, error.message, error.mend, **({"Retry-After": "30"} if status == 503 else {}))


def needs_token(token: str) -> Callable[[Request], Awaitable[None]]:
    """A check that a request carries the token, where there is one."""

    async def check(request: Request) -> None:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token and not hmac.compare_digest(given.encode(), token.encode()):
            raise HTTPException(401, "This needs the token of the owner of this server, as a bearer token.")

    return check


def limited(asked: Buckets) -> Callable[[Request], Awaitable[None]]:
    """A check that an address does not ask too often."""

    async def check(request: Request) -> None:
        if wait := asked.take(request.client.host if request.client else ""):
            raise HTTPException(429, "That is many questions in a short time.", {"Retry-After": str(round(wait) or 1)})

    return check


def add_routes(
    app: FastAPI, asker: Asker, kept: Kept, shelf: Shelf, asked: Buckets, *, token: str = "", logs: Path | None = None
) -> None:
    """The routes of this file."""
    _add_errors(app)
    guarded = [Depends(needs_token(token))]
    _add_ask(app, asker, kept, [*guarded, Depends(limited(asked))])
    _add_known(app, asker, shelf, guarded)
    _add_health(app, asker)
    _add_kept(app, asker, kept, logs)


def _add_errors(app: FastAPI) -> None:
    @app.exception_handler(UserError)
    async def mendable(_: Request, error: UserError) -> JSONResponse:
        return user_problem(error)

    @app.exception_handler(RequestValidationError)
    async def malformed(request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"] if part not in ("body", "query")) or "the body"
        said = "its body is no JSON" if first["type"] == "json_invalid" else f"{where}: {first['msg']}"
        return problem(422, f"The request cannot be read: {said}.", MENDS.get(request.url.path, ""))

    @app.exception_handler(Exception)
    async def broken(_: Request, __: Exception) -> JSONResponse:
        return problem(500, "Something went wrong on our side; the question was not answered.")

    @app.exception_handler(StarletteHTTPException)
    async def refused(_: Request, error: StarletteHTTPException) -> Response:
        return problem(error.status_code, str(error.detail), **dict(error.headers or {}))


def _add_ask(app: FastAPI, asker: Asker, kept: Kept, checks: list[Any]) -> None:
    @app.post("/api/ask", dependencies=checks, tags=["ask"], responses={200: {"content": {"text/event-stream": {}}}})
    async def ask(body: Question, request: Request) -> Response:
        """Answers a question. With ``Accept: text/event-stream`` the answer comes as it grows: events ``status``,
        ``sentence`` and ``citation`` (again with the same index or number where they were revised; first comes a
        quotation, which the model's words replace), ``done`` (the whole), ``error``. A ``status`` of the stage
        ``revised`` says how many sentences are left where they became fewer."""
        question = checked(body.question, asker.max_chars)
        history = believed(body.history)
        await asyncio.to_thread(asker.models.get, body.model)  # refused before a stream has begun
        if "text/event-stream" in request.headers.get("accept", ""):
            return StreamingResponse(
                events(asker, kept, question, history, body.model), media_type="text/event-stream",
                headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
            )  # fmt: skip
        answer = await answer_while_connected(asker, question, history, request, body.model)
        if answer is None:
            return Response(status_code=499)
        return JSONResponse(complete(answer, kept, body.id))


def complete(answer: Answer, kept: Kept, identity: str | None = None) -> dict[str, Any]:
    """The answer's JSON, with the name it is kept under as its link, and the id that the question came with."""
    echoed = {} if identity is None else {"id": identity}
    return {**echoed, **answer.as_json(), "permalink": f"/?c={kept.keep(answer)}"}


async def answer_while_connected(
    asker: Asker, question: str, history: list[tuple[str, str]], request: Request, model: str = ""
) -> Answer | None:
    """The complete answer, or None where whoever asked has left meanwhile; then the engine is stopped."""
    stop = threading.Event()
    work = asyncio.create_task(asker.answer(question, history, stop, model))
    try:
        while not work.done():
            if await request.is_disconnected():
                return None
            await asyncio.wait([work], timeout=0.2)
        return work.result()
    finally:
        stop.set()
        if not work.done():
            work.cancel()


async def events(
    asker: Asker, kept: Kept, question: str, history: list[tuple[str, str]], model: str = ""
) -> AsyncIterator[str]:
    """The stream of server-sent events. A listener who leaves cancels it, and with it the engine."""
    told: list[str] = []
    cited: dict[int, str] = {}
    last: Answer | None = None
    try:
        async for event in asker.ask(question, history, model=model):
            if not isinstance(event, Answer):
                yield sse("status", status_json(event))
                continue
            last = event
            whole = event.as_json()
            for citation in whole["citations"]:  # the same number may point elsewhere where an answer was begun anew
                if cited.get(citation["number"]) != (said := json.dumps(citation)):
                    cited[citation["number"]] = said
                    yield sse("citation", citation)
            sentences = [json.dumps(sentence) for sentence in whole["sentences"]]
            if len(sentences) < len(told):
                yield sse("status", {"stage": "revised", "sentences": len(sentences)})
            for index, sentence in enumerate(whole["sentences"]):
                if told[index : index + 1] != [sentences[index]]:
                    yield sse("sentence", {"index": index, **sentence})
            told = sentences
    except UserError as error:
        yield sse("error", json.loads(bytes(user_problem(error).body)))
    except Exception:  # the response has begun: a bug can only be told inside it, and is logged with its traceback
        log.exception("an answer failed")
        yield sse("error", {"type": "about:blank", "status": 500, "detail": "Something went wrong on our side."})
    else:
        if last is not None:
            yield sse("done", complete(last, kept))


def status_json(event: Waiting | Still | Progress) -> dict[str, Any]:
    """What is being done, for programs."""
    if isinstance(event, Waiting):
        return {"stage": "waiting", "ahead": event.ahead}
    if isinstance(event, Still):
        return {"stage": "working", "seconds": event.seconds}
    return {"stage": event.stage, "detail": event.detail}


def sse(name: str, data: object) -> str:
    """One server-sent event."""
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


def source_json(source: Source, passages: int) -> dict[str, Any]:
    """A source's facts."""
    return {
        "id": source.id, "title": source.title, "kind": source.kind, "rank": source.rank, "url": source.url,
        "author": source.author, "publisher": source.publisher, "published": source.published,
        "licence": source.licence, "language": source.language, "shareable": source.shareable,
        "note": source.note, "passages": passages, "page": f"/source/{source.id}",
    }  # fmt: skip


def _add_known(app: FastAPI, asker: Asker, shelf: Shelf, checks: list[Any]) -> None:
    @app.get("/api/sources", dependencies=checks, tags=["sources"])
    def all_sources() -> dict[str, Any]:
        """Every source that answers are made from."""
        return {
            "corpus": asker.assistant.corpus,
            "sources": [source_json(source, len(shelf.chunks(source.id))) for source in shelf.sources()],
        }

    @app.get("/api/sources/{source_id}", dependencies=checks, tags=["sources"])
    def one_source(source_id: str) -> dict[str, Any]:
        """One source with the addresses of its passages; their text where its licence lets us show it."""
        source = shelf.source(source_id)
        if source is None:
            raise HTTPException(404, "There is no source of that id; /api/sources lists them all.")
        chunks = shelf.chunks(source_id)
        return {
            **source_json(source, len(chunks)),
            "chunks": [
                {"start": c.start, "end": c.end, "clause": c.clause, **({"text": c.text} if source.shareable else {})}
                for c in chunks
            ],
        }

    @app.get("/api/search", dependencies=checks, tags=["sources"])
    def search(q: str, k: int = 8) -> dict[str, Any]:
        """The passages nearest to a question, best first."""
        found = asker.assistant.search(checked(q, asker.max_chars), max(1, min(k, 20)))
        return {
            "query": q,
            "passages": [
                {
                    "source_id": p.chunk.source.id, "title": p.chunk.source.title, "clause": p.chunk.clause,
                    "start": p.chunk.start, "end": p.chunk.end, "text": p.chunk.text, "score": round(p.score, 4),
                }
                for p in found
            ],
        }  # fmt: skip


def _add_health(app: FastAPI, asker: Asker) -> None:
    @app.get("/healthz", tags=["operators"])
    async def alive() -> dict[str, str]:
        """Alive."""
        return {"status": "ok"}

    @app.get("/readyz", tags=["operators"])
    async def ready() -> Response:
        """Whether there is an index to answer from, and who answers."""
        assistant = asker.assistant
        ok = bool(assistant.corpus)
        content = {
            "status": "ready" if ok else "no index", "corpus": assistant.corpus, "notices": list(assistant.notices),
            "engine": {"kind": assistant.engine.kind, "model": assistant.engine.model}, "inside": asker.inside,
        }  # fmt: skip
        return JSONResponse(content, 200 if ok else 503)

    @app.get("/metrics", tags=["operators"])
    async def metrics() -> PlainTextResponse:
        """Numbers in Prometheus' form; they hold no word of a question."""
        return PlainTextResponse(asker.metrics.text(inside=asker.inside), media_type="text/plain; version=0.0.4")


def _add_kept(app: FastAPI, asker: Asker, kept: Kept, logs: Path | None) -> None:
    def found(name: str) -> Answer:
        answer = kept.get(name) if re.fullmatch("[0-9a-f]{24}", name) else None
        if answer is None:
            raise HTTPException(404, "That answer is no longer kept here; ask the question again.")
        return answer

    def download(name: str, kind: str) -> dict[str, str]:
        return {"Content-Disposition": f'attachment; filename="plainsource-{name[:8]}.{kind}"'}

    @app.get("/answers/{name}.json", include_in_schema=False)
    async def as_json_file(name: str) -> Response:
        return JSONResponse(found(name).as_json(), headers=download(name, "json"))

    @app.get("/answers/{name}.md", include_in_schema=False)
    async def as_markdown_file(name: str) -> Response:
        return PlainTextResponse(as_markdown(found(name)), media_type="text/markdown", headers=download(name, "md"))

    @app.post("/answers/{name}", include_in_schema=False, status_code=204)
    def keep(name: str) -> Response:
        """The reader wants a link that lasts: the answer is kept beyond a restart."""
        found(name)
        if not kept.save(name):
            raise HTTPException(404, "Answers are not kept on this server.")
        return Response(status_code=204)

    @app.post("/feedback", include_in_schema=False, status_code=204)
    def feedback(body: Feedback) -> Response:
        answer = found(body.answer)
        asker.metrics.count("feedback", body.vote)
        if logs is not None:
            logs.mkdir(parents=True, exist_ok=True)
            line = {"at": int(time.time()), "vote": body.vote, "reason": body.reason, "answer": answer.as_json()}
            with (logs / "feedback.jsonl").open("a", encoding="utf-8") as file:
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
        return Response(status_code=204)
