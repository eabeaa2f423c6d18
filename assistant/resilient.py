"""Two engines as one: when the first does not answer the second does, until the first is back."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from assistant.answer import Engine
from assistant.generation import Generator, Piece, Request
from errors import EngineError, EngineInterrupted, EngineUnavailable

LOOK_AGAIN = 5.0  # seconds between two looks whether the first is back


class Resilient:
    """Keeps the generator's protocol. ``engine`` is the one that answers now, and its reason says why.

    alive: whether the first would answer again; it is asked before an answer, at most every ``look_again`` seconds.
    """

    def __init__(
        self, first: Generator, second: Generator, alive: Callable[[], bool], *, look_again: float = LOOK_AGAIN
    ) -> None:
        self._first, self._second, self._alive, self._look_again = first, second, alive, look_again
        self._trouble = ""
        self._looked = 0.0

    @property
    def engine(self) -> Engine:
        if not self._trouble:
            return self._first.engine
        return replace(self._second.engine, reason=f"{self._second.engine.reason}, until it is mended: {self._trouble}")

    @property
    def window(self) -> int:
        return min(self._first.window, self._second.window)

    def count(self, text: str) -> int:
        """By the first, so that a prompt fits whichever engine gets it: its estimate is the careful one."""
        return self._first.count(text)

    def stream(self, request: Request, stop: threading.Event) -> Iterator[Piece]:
        self._look()
        if self._trouble:
            yield from self._second.stream(request, stop)
            return
        spoken = False
        try:
            for piece in self._first.stream(request, stop):
                spoken = spoken or bool(piece.text)
                yield piece
            return
        except EngineInterrupted as error:
            if not self._alive():
                self._turn(error)
            if spoken:  # half an answer of one model is not gone on with by another
                raise
            self._turn(error)
        except EngineUnavailable as error:
            self._turn(error)
            if spoken:
                raise
        yield Piece("", note=f"{self._first.engine.model} does not answer; {self._second.engine.model} does")
        yield from self._second.stream(request, stop)

    def preload(self) -> None:
        self._look()
        if not self._trouble:
            try:
                self._first.preload()
                return
            except EngineError as error:
                self._turn(error)
        self._second.preload()

    def close(self) -> None:
        self._first.close()
        self._second.close()

    def _turn(self, error: EngineError) -> None:
        self._trouble, self._looked = error.message.rstrip("."), time.monotonic()

    def _look(self) -> None:
        if self._trouble and time.monotonic() - self._looked >= self._look_again:
            self._looked = time.monotonic()
            if self._alive():
                self._trouble = ""
