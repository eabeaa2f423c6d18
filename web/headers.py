"""What every response says, and what no request may do: a pure ASGI wrapper around the whole application.

It is not a Starlette BaseHTTPMiddleware, which breaks streaming and hides that a client has left.
"""

from __future__ import annotations

import ipaddress
import json
import re
import secrets
from collections.abc import Sequence
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.limits import Buckets

MAX_BODY = 64 * 1024
#: Gradio's doors that a text chat does not need: files, proxies, recordings, editing, log-in, monitoring.
CLOSED = re.compile(
    r"^/(gradio_api/(upload|process_recording|deep_link|file|proxy|run-history|runs|component_server|custom_component|dev"
    r"|vibe|undo-vibe|stream|profiling)|monitoring|login|logout|svelte|token|deep_link|manifest\.json|pwa_icon)"
)
#: Pages of Gradio's, whose inline scripts need a nonce; every other page of ours has no inline script.
GRADIO_PAGES = ("/", "/embed")
_SCRIPT = re.compile(rb"<script(?=[\s>])")


class Guard:
    """Wraps the application.

    origins: those that may show ``/embed`` in an iframe. hosts: names that the server answers for; loopback names and
    bare addresses always pass, because only a name can be made to point elsewhere (DNS rebinding).
    """

    def __init__(self, app: ASGIApp, *, origins: Sequence[str] = (), hosts: Sequence[str] = (), rate: Buckets) -> None:
        self._app = app
        self._origins = tuple(origins)
        self._hosts = frozenset(h.lower() for h in hosts)
        self._rate = rate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)
        else:  # nothing here speaks WebSocket
            await send({"type": "websocket.close", "code": 1008})

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers, path = Headers(scope=scope), str(scope["path"])
        nonce = secrets.token_urlsafe(16)
        send = self._with_headers(send, path, nonce)
        refusal = self._refusal(scope, headers, path)
        if refusal is not None:
            await problem(send, *refusal)
            return
        if path in GRADIO_PAGES and (to := with_theme(str(scope["query_string"], "latin-1"))) is not None:
            location = f"{scope.get('root_path', '')}{path}?{to}".encode()
            await send({"type": "http.response.start", "status": 307, "headers": [(b"location", location)]})
            await send({"type": "http.response.body", "body": b""})
            return
        dropped = {b"x-forwarded-host"} | ({b"accept-encoding"} if path in GRADIO_PAGES else set())
        scope = {**scope, "headers": [(k, v) for k, v in scope["headers"] if k not in dropped]}
        if path in GRADIO_PAGES:
            send = _with_nonce(send, nonce, language(str(scope["query_string"], "latin-1")))
        await self._within_size(scope, receive, send)

    def _refusal(self, scope: Scope, headers: Headers, path: str) -> tuple[int, str] | None:
        if not self._host_known(headers.get("host", "")):
            return 421, "This server does not answer for that host name (setting PLAINSOURCE_ALLOWED_HOSTS)."
        if wait := self._rate.take(client(scope)):
            return 429, f"Too many requests from this address; try again in {wait:.0f} seconds."
        if CLOSED.match(path):
            return 404, "There is nothing at this address."
        if scope["method"] not in ("GET", "HEAD", "OPTIONS") and self._foreign(headers):
            return 403, "A page of another site may not send questions here; show /embed in an iframe instead."
        length = headers.get("content-length", "0")
        if length.isdigit() and int(length) > MAX_BODY:
            return 413, f"A request may have at most {MAX_BODY // 1024} KB."
        return None

    def _host_known(self, host: str) -> bool:
        try:
            name = (urlsplit(f"//{host}").hostname or "").lower()
        except ValueError:
            return False
        if name in self._hosts or name == "localhost" or name.endswith(".localhost"):
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True

    def _foreign(self, headers: Headers) -> bool:
        origin = headers.get("origin")
        return origin is not None and urlsplit(origin).netloc.lower() != headers.get("host", "").lower()

    def _with_headers(self, send: Send, path: str, nonce: str) -> Send:
        policy = security_policy(path, nonce, self._origins)

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = policy
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "no-referrer"
                headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
                headers["Cross-Origin-Opener-Policy"] = "same-origin"
                headers["Cross-Origin-Resource-Policy"] = "same-origin"
                if path != "/embed":
                    headers["X-Frame-Options"] = "DENY"
                if path in GRADIO_PAGES:
                    headers["Cache-Control"] = "no-store"
            await send(message)

        return with_headers

    async def _within_size(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a body on up to the limit; beyond it the application sees the client leave, and the client a 413."""
        seen, over, started = 0, False, False

        async def counted() -> Message:
            nonlocal seen, over
            message = await receive()
            if message["type"] == "http.request":
                seen += len(message.get("body", b""))
                over = over or seen > MAX_BODY
            return {"type": "http.disconnect"} if over else message

        async def unless_over(message: Message) -> None:
            nonlocal started
            if not over or started:
                started = True
                await send(message)

        await self._app(scope, counted, unless_over)
        if over and not started:
            await problem(send, 413, f"A request may have at most {MAX_BODY // 1024} KB.")


def security_policy(path: str, nonce: str, origins: Sequence[str]) -> str:
    """The content security policy of one response. Styles may be inline: Gradio sets them on its elements."""
    ancestors = " ".join(["'self'", *origins]) if path == "/embed" else "'none'"  # 'self': our help page shows it live
    frames = "'self'" if path == "/embed/help" else "'none'"
    scripts = f"'self' 'nonce-{nonce}'" if path in GRADIO_PAGES else "'self'"
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {scripts}",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "worker-src 'self' blob:",
            "manifest-src 'self'",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            f"frame-src {frames}",
            f"frame-ancestors {ancestors}",
        )
    )


def with_theme(query: str) -> str | None:
    """The query that Gradio understands, where ours says ``theme=dark``; None where nothing is to be changed."""
    pairs = parse_qsl(query, keep_blank_values=True)[:20]
    theme = dict(pairs).get("theme")
    if theme not in ("dark", "light") or any(name == "__theme" for name, _ in pairs):
        return None
    return urlencode([pair for pair in pairs if pair[0] != "theme"] + [("__theme", theme)])


def language(query: str) -> str:
    """The language that the query asks for, of those that there are."""
    return "fr" if dict(parse_qsl(query)).get("lang", "").lower().startswith("fr") else "en"


def client(scope: Scope) -> str:
    """The address that asks, as the server sees it; a forwarded header can be forged and is not read here."""
    return str(scope["client"][0]) if scope.get("client") else ""


def _with_nonce(send: Send, nonce: str, lang: str) -> Send:
    """Collects an HTML page, gives its inline scripts the nonce and the page its language, and sends it."""
    start: Message | None = None
    body = b""

    async def collect(message: Message) -> None:
        nonlocal start, body
        if message["type"] == "http.response.start":
            start = message
            return
        body += message.get("body", b"")
        if message.get("more_body") or start is None:
            return
        headers = MutableHeaders(scope=start)
        if headers.get("content-type", "").startswith("text/html"):
            body = _SCRIPT.sub(f'<script nonce="{nonce}"'.encode(), body)
            body = body.replace(b'lang="en"', f'lang="{lang}"'.encode(), 1)
            headers["Content-Length"] = str(len(body))
        await send(start)
        await send({"type": "http.response.body", "body": body})

    return collect


async def problem(send: Send, status: int, detail: str, mend: str = "") -> None:
    """A refusal as problem details (RFC 9457)."""
    body = json.dumps({"type": "about:blank", "status": status, "detail": detail, **({"mend": mend} if mend else {})})
    headers = [(b"content-type", b"application/problem+json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body.encode()})
