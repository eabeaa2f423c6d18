"""The one way from the web to the assistant, whoever asks: the page, ``/api/ask``, ``/v1``.

The assistant is a plain, blocking generator. Here it runs in a thread behind one semaphore and one waiting limit, and
becomes an async stream that says something at once and at least each second, so that whoever listens can be told, and
can leave: leaving sets the stop event, which reaches the engine.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

from assistant.answer import Answer, Engine, Progress
from errors import QuestionError, UserError
from knowledge.documents import Passage
from web.metrics import Metrics
from web.models import Models

History = Sequence[tuple[str, str]]
TICK = 1.0  # seconds; a listener who left is noticed when something is said
GRACE = 15.0  # seconds that an engine has to end after it was told to stop


class TooBusy(UserError):
    """More people ask at once than may wait. It is the web's own: no other way in has a line to wait in."""


class Answering(Protocol):
    """What the web needs of the assistant."""

    @property
    def engine(self) -> Engine: ...

    @property
    def notices(self) -> tuple[str, ...]: ...

    @property
    def corpus(self) -> str: ...

    def reply(self, question: str, history: History = (), *, stop: threading.Event) -> Iterator[Progress | Answer]: ...

    def search(self, question: str, k: int) -> list[Passage]: ...

    def close(self) -> None: ...


@dataclass(frozen=True)
class Waiting:
    """In the line, with so many questions ahead."""

    ahead: int


@dataclass(frozen=True)
class Still:
    """Nothing new, after so many seconds; the work goes on."""

    seconds: int


Event = Waiting | Still | Progress | Answer
_END = object()


class Asker:
    """Asks the assistant, for everyone, ``at_once`` at a time, while at most ``waiting`` others wait."""

    def __init__(
        self,
        assistant: Answering,
        *,
        at_once: int = 1,
        waiting: int = 20,
        seconds: float = 300.0,
        max_chars: int = 2000,
        metrics: Metrics | None = None,
        told: Sequence[Callable[[Answer], None]] = (),
        models: Models | None = None,
    ) -> None:
        self.assistant = assistant
        self.models = models or Models(assistant)
        self.max_chars = max_chars
        self.metrics = metrics or Metrics()
        self._told = told  # called with each answer that is complete
        self._seconds = seconds
        self._limit = at_once + waiting
        self._inside = 0
        self._at_once = at_once
        self._turn = asyncio.Semaphore(at_once)
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="answer")

    @property
    def inside(self) -> int:
        """How many questions are being answered or wait."""
        return self._inside

    async def ask(
        self, question: str, history: History = (), stop: threading.Event | None = None, model: str = ""
    ) -> AsyncGenerator[Event, None]:
        """Everything that happens on the way to an answer; the last ``Answer`` is the complete one.

        Raises UserError (QuestionError, TooBusy, EngineError…) for what a person can mend. Whoever stops listening
        stops the engine; so does setting ``stop``, after which the last answer comes with what there is.
        model: a setting of ``models``, for this question; "" for the one that the settings name.
        """
        question = checked(question, self.max_chars)
        assistant = await asyncio.to_thread(self.models.get, model) if model else self.assistant
        if self._inside >= self._limit:
            self.metrics.count("refused", "busy")
            raise TooBusy(
                "Too many questions are being answered just now.", mend="wait a minute and send the question again"
            )
        stop = stop or threading.Event()
        self._inside += 1
        place = self._inside - 1
        holding = False
        try:
            yield Waiting(max(0, place - self._at_once + 1))
            while not holding:
                if stop.is_set():
                    return
                try:
                    await asyncio.wait_for(self._turn.acquire(), TICK)
                    holding = True
                except TimeoutError:
                    yield Waiting(max(0, min(place, self._inside - 1) - self._at_once + 1))
            work = self._start(assistant, question, history, stop)
            holding = False  # from here the thread holds the turn, and gives it back when it has really ended
            async for event in work:
                yield event
        finally:
            stop.set()
            self._inside -= 1
            if holding:
                self._turn.release()

    async def answer(
        self, question: str, history: History = (), stop: threading.Event | None = None, model: str = ""
    ) -> Answer:
        """The complete answer."""
        last: Answer | None = None
        async for event in self.ask(question, history, stop, model):
            if isinstance(event, Answer):
                last = event
        if last is None:
            raise TooBusy("The question was withdrawn before its turn came.")
        return last

    def _start(
        self, assistant: Answering, question: str, history: History, stop: threading.Event
    ) -> AsyncGenerator[Event, None]:
        loop = asyncio.get_running_loop()
        queue: asyncio.Queue[object] = asyncio.Queue()

        def say(item: object) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(queue.put_nowait, item)

        def work() -> None:
            try:
                for event in assistant.reply(question, history, stop=stop):
                    say(event)
            except BaseException as error:  # noqa: BLE001 - raised again in the listener's task
                say(error)
            finally:
                say(_END)

        def ended(_: Future[None]) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(self._turn.release)

        self._threads.submit(work).add_done_callback(ended)
        return self._listen(queue, stop)

    async def _listen(self, queue: asyncio.Queue[object], stop: threading.Event) -> AsyncGenerator[Event, None]:
        began = time.monotonic()
        last: Answer | None = None
        while True:
            seconds = time.monotonic() - began
            if seconds > self._seconds:
                stop.set()  # the assistant then ends with what it has, as "interrupted"
            if seconds > self._seconds + GRACE:
                break
            try:
                item = await asyncio.wait_for(queue.get(), TICK)
            except TimeoutError:
                yield Still(int(time.monotonic() - began))
                continue
            if item is _END:
                break
            if isinstance(item, BaseException):
                self.metrics.count("refused", type(item).__name__)
                raise item
            if isinstance(item, Answer):
                last = item
            assert isinstance(item, Progress | Answer)
            yield item
        if last is not None:
            self.metrics.answered(last)
            for tell in self._told:
                tell(last)

    def close(self) -> None:
        """No new questions; those being answered are left to their stop events."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def checked(question: str, max_chars: int) -> str:
    """The question without what nobody typed; raises QuestionError where nothing, or too much, is left."""
    question = "".join(c for c in question if c in "\n\t" or c.isprintable()).strip()
    if not question:
        raise QuestionError("The question is empty.", mend="type a question")
    if len(question) > max_chars:
        raise QuestionError(
            f"The question has {len(question):,} characters; at most {max_chars:,} are read.", mend="shorten it"
        )
    return question
