"""An Ollama for tests: its wire and its faults, by the standard library alone.

It keeps to what Ollama 0.33 does, not to what a client would like: a long prompt is cut in silence, an error in the
stream comes with status 200, options it does not know are ignored. Who writes is a ``Brain``: a script, or a real
model.
"""

from __future__ import annotations

import json
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Brain = Callable[[Sequence[dict[str, str]], dict[str, Any], threading.Event], Iterator[str]]

FAULTS = {
    "": "none", "html": "another program: a page with 200", "json": "another program: JSON of its own",
    "bytes": "another program: no HTTP at all", "busy": "503", "memory": "500", "forbidden": "401",
    "no_think": "400 where the request says think", "dies_first": "the connection ends before the first line",
    "dies": "the connection ends in the stream", "error_line": "an error object in the stream",
    "no_done": "the stream ends without done", "half_line": "the stream ends in a line", "cuts": "num_ctx is 64",
}  # fmt: skip


def script(*words: str) -> Brain:
    """Says the same words to every question."""

    def brain(_: Sequence[dict[str, str]], __: dict[str, Any], stop: threading.Event) -> Iterator[str]:
        for word in words:
            if stop.is_set():
                return
            yield word

    return brain


def tag(name: str, **more: Any) -> dict[str, Any]:
    """An entry of /api/tags."""
    details = {"family": "granite", "parameter_size": "3B", "quantization_level": "Q4_K_M"}
    return {"name": name, "model": name, "size": 2_000_000_000, "digest": "0" * 64, "details": details, **more}


@dataclass
class Double:
    """``with Double(...) as ollama: ollama.host``. asked: (path, headers, body) of every request, in order."""

    brain: Brain = field(default_factory=lambda: script("Apache-2.0 ", "grants ", "a ", "patent ", "licence."))
    tags: list[dict[str, Any]] = field(default_factory=lambda: [tag("granite4:3b")])
    fault: str = ""
    first_token: float = 0.0
    between: float = 0.0
    port: int = 0
    tokens: Callable[[str], int] = lambda text: len(text.split())
    asked: list[tuple[str, dict[str, str], dict[str, Any]]] = field(default_factory=list)
    loaded: dict[str, int] = field(default_factory=dict)
    left: list[float] = field(default_factory=list)
    together: int = 0
    most_together: int = 0

    def __enter__(self) -> Double:
        assert self.fault in FAULTS
        double = self

        class Bound(_Wire):
            ollama = double

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Bound)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def chats(self) -> list[dict[str, Any]]:
        return [body for path, _, body in self.asked if path == "/api/chat" and body["messages"]]


class _Gone(Exception):
    pass


class _Wire(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    ollama: Double

    def log_message(self, *_: object) -> None:
        pass

    def handle(self) -> None:
        try:
            super().handle()
        except (ConnectionError, _Gone):
            self.ollama.left.append(time.monotonic())
            self.close_connection = True

    def do_GET(self) -> None:
        self._serve({})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._serve(json.loads(body or b"{}"))

    def _serve(self, body: dict[str, Any]) -> None:
        ollama, headers = self.ollama, {k.lower(): v for k, v in self.headers.items()}
        ollama.asked.append((self.path, headers, body))
        if ollama.fault == "html":
            return self._raw(b"<html><body>router</body></html>", "text/html")
        if ollama.fault == "json":
            return self._json({"hello": "world"})
        if ollama.fault == "bytes":
            self.wfile.write(b"SSH-2.0-OpenSSH_9.6\r\n")
            return self._hang_up()
        routes: dict[str, Callable[[dict[str, Any]], None]] = {
            "/": lambda _: self._raw(b"Ollama is running", "text/plain"),
            "/api/version": lambda _: self._json({"version": "0.33.0"}),
            "/api/tags": lambda _: self._json({"models": ollama.tags}),
            "/api/ps": lambda _: self._json({"models": self._running()}),
            "/api/show": self._show, "/api/chat": self._chat, "/api/generate": self._generate, "/api/pull": self._pull,
        }  # fmt: skip
        route = routes.get(self.path)
        if route is None:
            return self._raw(b"404 page not found", "text/plain", 404)
        route(body)
        return None

    def _running(self) -> list[dict[str, Any]]:
        loaded = self.ollama.loaded.items()
        return [{"name": name, "model": name, "context_length": window, "size": 1} for name, window in loaded]

    def _known(self, body: dict[str, Any]) -> bool:
        name = body.get("model", "")
        if any(entry["name"] in {name, f"{name}:latest"} for entry in self.ollama.tags):
            return True
        self._json({"error": f"model '{name}' not found"}, 404)
        return False

    def _show(self, body: dict[str, Any]) -> None:
        if self._known(body):
            info = {"general.architecture": "granite", "granite.context_length": 131072}
            self._json({"capabilities": ["completion"], "model_info": info, "details": {}})

    def _pull(self, body: dict[str, Any]) -> None:
        self._json({"error": "pull model manifest: file does not exist"}, 500)

    def _generate(self, body: dict[str, Any]) -> None:
        messages = [{"role": "user", "content": body.get("prompt", "")}] if body.get("prompt") else []
        self._talk({**body, "messages": messages}, lambda text: {"response": text})

    def _chat(self, body: dict[str, Any]) -> None:
        self._talk(body, lambda text: {"message": {"role": "assistant", "content": text}})

    def _talk(self, body: dict[str, Any], shape: Callable[[str], dict[str, Any]]) -> None:
        if self._refused(body) or not self._known(body):
            return None
        ollama, options = self.ollama, {"num_ctx": 4096, "num_predict": -1, **(body.get("options") or {})}
        window = 64 if ollama.fault == "cuts" else options["num_ctx"]
        name = body["model"]
        ollama.loaded[name] = window
        if not body["messages"]:
            if body.get("keep_alive") == 0:
                del ollama.loaded[name]
            reason = "unload" if body.get("keep_alive") == 0 else "load"
            head = {"model": name, "created_at": "2026-11-21T10:00:00Z"}
            return self._json({**head, **shape(""), "done": True, "done_reason": reason})
        ollama.together += 1
        ollama.most_together = max(ollama.most_together, ollama.together)
        try:
            lines = self._lines(name, body["messages"], options, window, shape)
            return self._stream(lines) if body.get("stream", True) else self._whole(list(lines), shape)
        finally:
            ollama.together -= 1

    def _refused(self, body: dict[str, Any]) -> bool:
        errors = {
            "busy": (503, "server busy, please try again.  maximum pending requests exceeded"),
            "memory": (500, "model requires more system memory (9.1 GiB) than is available (3.2 GiB)"),
            "forbidden": (401, "unauthorized"),
            "no_think": (400, f'"{body.get("model")}" does not support thinking'),
        }
        fault = self.ollama.fault
        if fault == "dies_first":
            self._hang_up()
            return True
        if fault not in errors or (fault == "no_think" and body.get("think") is None):
            return False
        status, words = errors[fault]
        self._json({"error": words}, status)
        return True

    def _lines(
        self,
        name: str,
        messages: list[dict[str, str]],
        options: dict[str, Any],
        window: int,
        shape: Callable[[str], dict[str, Any]],
    ) -> Iterator[dict[str, Any]]:
        """What stands on the lines. A prompt over the window loses its first half, and nobody is told."""
        ollama, stop = self.ollama, threading.Event()
        head = {"model": name, "created_at": "2026-11-21T10:00:00Z"}
        prompt = sum(ollama.tokens(m["content"]) for m in messages)
        read = prompt if prompt <= window else window // 2
        self._wait(ollama.first_token)
        said, text, reason = 0, "", "stop"
        try:
            for word in ollama.brain(messages, options, stop):
                if 0 <= options["num_predict"] <= said:
                    reason = "length"
                    break
                said, text = said + 1, text + word
                if any(end in text for end in options.get("stop") or []):
                    break
                yield {**head, **shape(word), "done": False}
                self._wait(ollama.between)
        finally:
            stop.set()
        counts = {"prompt_eval_count": read, "eval_count": said, "total_duration": 1, "eval_duration": 1}
        yield {**head, **shape(""), "done": True, "done_reason": reason, **counts}

    def _stream(self, lines: Iterator[dict[str, Any]]) -> None:
        fault = self.ollama.fault
        started = False
        for number, line in enumerate(lines):
            if not started:
                started = True
                self.send_response(200)
                self.send_header("Content-Type", "application/x-ndjson")
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
            if number == 2 and fault == "dies":
                return self._hang_up()
            if number == 2 and fault == "error_line":
                self._chunk(b'{"error":"an error was encountered while running the model: CUDA error"}\n')
                break
            if number == 2 and fault == "half_line":
                self._chunk(b'{"model":"granite4:3b","mess')
                break
            if line["done"] and fault == "no_done":
                break
            self._chunk(json.dumps(line).encode() + b"\n")
        self._chunk(b"")
        return None

    def _whole(self, lines: list[dict[str, Any]], shape: Callable[[str], dict[str, Any]]) -> None:
        text = "".join(line.get("response", "") or line.get("message", {}).get("content", "") for line in lines)
        self._json({**lines[-1], **shape(text)})

    def _wait(self, seconds: float) -> None:
        """Sleep, but notice within 0.02 s that the client has gone, as Ollama does."""
        until = time.monotonic() + seconds
        while True:
            ready, _, _ = select.select([self.connection], [], [], min(0.02, max(0.0, until - time.monotonic())))
            if ready and self.connection.recv(1, socket.MSG_PEEK) == b"":
                raise _Gone
            if time.monotonic() >= until:
                return

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def _json(self, value: Any, status: int = 200) -> None:
        self._raw(json.dumps(value).encode(), "application/json; charset=utf-8", status)

    def _raw(self, data: bytes, kind: str, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _hang_up(self) -> None:
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_RDWR)
        self.close_connection = True
