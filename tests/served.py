"""An application served on a free port of loopback, as people meet it: headers, streams and disconnects are real."""

from __future__ import annotations

import asyncio
import functools
import http.server
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from web.asking import Answering
from web.models import Models
from web.server import Options, build_app
from web.shelf import Shelf


def built(assistant: Answering, shelf: Shelf, options: Options | None = None, models: Models | None = None) -> ASGIApp:
    """The application, built inside a running loop: outside of one Gradio opens loops and leaves them open."""

    async def build() -> ASGIApp:
        return build_app(assistant, shelf, options or Options(), models)

    with ThreadPoolExecutor(1) as thread:  # the test's own thread may have a loop that runs: Playwright's
        return thread.submit(lambda: asyncio.run(build())).result()


@contextmanager
def served(app: ASGIApp) -> Iterator[str]:
    """The application's address while it is served."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        config = uvicorn.Config(app, log_level="error", ws="none", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        until = time.monotonic() + 30
        while not server.started and time.monotonic() < until:
            time.sleep(0.02)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(10)


@contextmanager
def folder_served(folder: Path) -> Iterator[int]:
    """The port on which a folder is served."""

    class Silent(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Silent, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
