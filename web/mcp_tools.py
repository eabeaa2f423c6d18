"""``/mcp``: the tools ``ask``, ``search`` and ``source`` for programs that speak the Model Context Protocol.

An opt-in extra (setting ``mcp``; library ``mcp``, beside Gradio, whose own extra pins an older pydantic). The library
would check Host and Origin only for loopback names; ``web.headers.Guard``, which stands before it, does for all. Each
message is answered by itself, with JSON: there is no session to keep, and none to take over.
"""

from __future__ import annotations

import hmac
import importlib.util
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from errors import SettingsError
from web.api import source_json
from web.asking import Asker, checked
from web.headers import client, problem
from web.limits import Buckets
from web.shelf import Shelf

if TYPE_CHECKING:
    from mcp.server.fastmcp import FastMCP

PATH = "/mcp"
ABOUT = (
    "Answers about open-source AI (definitions, licences, models, law) from a library of sources. Every sentence "
    "carries a verdict and the numbers of its citations; a declined question is one that the library does not answer."
)


class Door:
    """Lets a message in that carries the token, where there is one, and does not come too often."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app, self._token, self._rate = app, token, Buckets(60, 2)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        given = Headers(scope=scope).get("authorization", "").removeprefix("Bearer ")
        if self._token and not hmac.compare_digest(given.encode(), self._token.encode()):
            await problem(send, 401, "This needs the token of the owner of this server, as a bearer token.")
        elif self._rate.take(client(scope)):
            await problem(send, 429, "That is many messages in a short time.")
        else:
            await self._app(scope, receive, send)


def server(asker: Asker, shelf: Shelf) -> FastMCP:
    """The tools. Raises SettingsError where the library is not installed."""
    if importlib.util.find_spec("mcp") is None:
        raise SettingsError("PLAINSOURCE_MCP is on, but its library is not here.", mend='pip install "mcp>=1.21,<2"')
    from mcp.server.fastmcp import FastMCP
    from mcp.server.transport_security import TransportSecuritySettings

    unchecked = TransportSecuritySettings(enable_dns_rebinding_protection=False)  # Guard has checked both already
    made = FastMCP(
        "Plainsource", instructions=ABOUT, stateless_http=True, json_response=True, streamable_http_path=PATH,
        transport_security=unchecked, log_level="WARNING",
    )  # fmt: skip

    @made.tool()
    async def ask(question: str) -> dict[str, Any]:
        """Answers a question about open-source AI in sentences that were checked against their sources."""
        return (await asker.answer(question)).as_json()

    @made.tool()
    def search(query: str, k: int = 5) -> list[dict[str, Any]]:
        """The passages nearest to a question, best first, at most 20."""
        found = asker.assistant.search(checked(query, asker.max_chars), max(1, min(k, 20)))
        return [
            {"source": p.chunk.source.id, "title": p.chunk.source.title, "clause": p.chunk.clause, "text": p.chunk.text}
            for p in found
        ]

    @made.tool()
    def source(id: str) -> dict[str, Any]:
        """A source's facts by its id, and its passages where its licence lets us show them."""
        known = shelf.source(id)
        if known is None:
            raise ValueError("There is no source of that id; search names them.")
        chunks = shelf.chunks(id)
        texts = [{"clause": c.clause, "text": c.text} for c in chunks] if known.shareable else []
        return {**source_json(known, len(chunks)), "texts": texts}

    return made


def add_routes(app: FastAPI, made: FastMCP, *, token: str = "") -> None:
    """The one route of this file."""
    inner = next(route for route in made.streamable_http_app().routes if isinstance(route, Route))
    app.router.routes.append(Route(PATH, Door(inner.app, token), methods=None))


def running(made: FastMCP | None) -> Any:
    """What runs while the application does."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        if made is None:
            yield
            return
        within: AbstractAsyncContextManager[None] = made.session_manager.run()
        async with within:
            yield

    return lifespan
