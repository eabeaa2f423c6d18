"""From an engine's thread to the reader's: pieces over a queue, a stop within 0.2 s, a word while nothing comes.

Every engine writes in a thread of its own, because its client may wait minutes for a first token and cannot be asked
to look up. The reader's side looks up twenty times a second, so that Stop never waits for a model.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import queue
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, TypeVar

from assistant.generation import Piece, Request
from errors import EngineInterrupted, PromptTooLong

T = TypeVar("T")

LOOK = 0.05
PATIENCE = 3.0  # seconds without a word before the reader is told what is happening


class Relay:
    """One stream. The engine's thread calls ``put`` and ``fail``; the reader takes ``pieces``."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[Piece | BaseException] = queue.SimpleQueue()
        self.cancelled = threading.Event()

    def put(self, piece: Piece) -> None:
        self._queue.put(piece)

    def fail(self, error: BaseException) -> None:
        self._queue.put(error)

    def pieces(self, stop: threading.Event, *, cancel: Callable[[], object], note: str) -> Iterator[Piece]:
        """Pieces until one is marked as the last. ``cancel`` is called once, however the reading ends."""
        began, told = time.monotonic(), False
        try:
            while not stop.is_set():
                try:
                    item = self._queue.get(timeout=LOOK)
                except queue.Empty:
                    if not told and time.monotonic() - began > PATIENCE:
                        told = True
                        yield Piece("", note=note)
                    continue
                if isinstance(item, BaseException):
                    raise item
                told = told or bool(item.text)
                yield item
                if item.finish:
                    return
            yield Piece("", finish="cancelled")
        finally:
            self.cancelled.set()
            cancel()


class Loop:
    """An event loop in a thread, for clients that can only be interrupted as coroutines. Started at first use."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def submit(self, work: Coroutine[Any, Any, T]) -> concurrent.futures.Future[T]:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=self._loop.run_forever, name=self._name, daemon=True)
                self._thread.start()
            return asyncio.run_coroutine_threadsafe(work, self._loop)

    def close(self) -> None:
        with self._lock:
            loop, thread, self._loop, self._thread = self._loop, self._thread, None, None
        if loop is None or thread is None:
            return
        asyncio.run_coroutine_threadsafe(_finish(), loop).result(timeout=10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=10)
        loop.close()


async def _finish() -> None:
    """Cancel what still runs, so that its connections are closed."""
    rest = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)
    await asyncio.get_running_loop().shutdown_asyncgens()


def interrupted(what: str) -> EngineInterrupted:
    """The error for words that broke off; the reader keeps what had come."""
    return EngineInterrupted(f"{what}.", mend="ask again")


def too_long(name: str, prompt: int, answer: int, window: int) -> PromptTooLong:
    """The sentence for a prompt that would be cut, the same for every engine."""
    asked = f"{prompt} tokens and {answer} for the answer" if answer else f"{prompt} tokens"
    return PromptTooLong(
        f"The prompt does not fit {name}: {asked}, where {window} fit.", mend="ask a shorter question, or start anew"
    )


def dropped(where: str, name: str, request: Request, counted: int) -> PromptTooLong | None:
    """The error for a prompt that was cut in silence, told by the server's own count of it.

    Every word is at least one token, so fewer tokens than words were not the whole prompt. 0 means not counted.
    """
    words = sum(len(message.content.split()) for message in request.messages)
    if not counted or counted >= 0.9 * words:
        return None
    return PromptTooLong(
        f"{where} read only {counted} tokens of a prompt of {words} words, so the answer of {name} rests on a part of "
        "it and is not shown.",
        mend="ask a shorter question, or choose another model",
    )
