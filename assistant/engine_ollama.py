"""Ollama through its official client: every surprise of the wire becomes an error of ours or a mark on the answer.

The only home of ollama. What is set against Ollama's defaults, and why:

- ``num_ctx`` always, one value a model: the default window silently loses half of a long prompt, the instructions
  first; another value would load the model again.
- The prompt is budgeted here, and ``prompt_eval_count`` is compared with it: what was cut never counts as an answer.
- No proxy and no ``OLLAMA_API_KEY`` for a server on this machine: the client would send both ways by default.
- ``think`` off, and ``<think>`` taken out of the text that old versions write it into.
"""

from __future__ import annotations

import json
import threading
import traceback
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any

from assistant.answer import Engine
from assistant.generation import Message, Piece, Request, careful_count
from assistant.ollama_server import (
    ANOTHER,
    SMALLER,
    SUGGESTED,
    address,
    forbidden,
    is_loopback,
    missing,
    models,
    nobody,
    server_words,
    version,
)
from assistant.streaming import Loop, Relay, dropped, interrupted, too_long
from assistant.thinking import Plain
from errors import EngineError, EngineUnavailable

if TYPE_CHECKING:
    import httpx
    import ollama

CONNECT, READ = 2.0, 300.0  # a host that swallows packets; a big model read from a slow disk
KEEP_ALIVE = "30m"


class OllamaGenerator:
    """One model of one server. Nothing is asked of the server before ``preload`` or ``stream``."""

    def __init__(
        self,
        host: str,
        model: str,
        *,
        licence: str = "",
        reason: str = "",
        window: int = 4096,
        connect: float = CONNECT,
    ) -> None:
        self._url, self._model, self._window = address(host), model, window
        self._engine = Engine("ollama", model, licence, reason)
        self._connect = connect
        self._loop = Loop(f"ollama {model}")
        self._client: ollama.AsyncClient | None = None
        self._lock = threading.Lock()
        self._running = 0

    @property
    def engine(self) -> Engine:
        return self._engine

    @property
    def window(self) -> int:
        return self._window

    @property
    def url(self) -> str:
        return self._url

    def count(self, text: str) -> int:
        """A careful estimate: Ollama has no way to ask."""
        return careful_count(text)

    def preload(self) -> None:
        """Load the model with the very options of the answers, so that it is not loaded twice."""
        self._loop.submit(self._preload()).result(timeout=READ + 10)

    def close(self) -> None:
        with self._lock:
            client, self._client = self._client, None
        if client:
            self._loop.submit(_closed(client)).result(timeout=10)
        self._loop.close()

    def stream(self, request: Request, stop: threading.Event) -> Iterator[Piece]:
        prompt = sum(self.count(m.content) + 8 for m in request.messages)
        if prompt + request.max_tokens > self._window:
            raise too_long(self._model, prompt, request.max_tokens, self._window)
        relay = Relay()
        with self._lock:
            busy = self._running > 0
            self._running += 1
        try:
            work = self._loop.submit(self._write(request, relay))
            note = "waiting for another answer to be finished" if busy else f"loading {self._model}"
            yield from relay.pieces(stop, cancel=work.cancel, note=note)
        finally:
            with self._lock:
                self._running -= 1

    async def _write(self, request: Request, relay: Relay) -> None:
        plain, started, said = Plain(), False, False
        try:
            async for part in self._chat(request):
                started = True
                text = plain.text(part.message.content or "")
                if part.done:
                    relay.put(self._last(part, text + plain.rest(), request, said=said))
                    return
                if text:
                    said = True
                    relay.put(Piece(text))
            relay.fail(interrupted(f"Ollama at {self._url} ended the answer of {self._model} before its end"))
        except Exception as error:  # noqa: BLE001 - it is raised where the words are read
            try:
                relay.fail(await self._told(error, started))
            except Exception as bug:  # noqa: BLE001 - or the reader would wait for ever
                relay.fail(bug)

    def _last(self, part: ollama.ChatResponse, text: str, request: Request, *, said: bool) -> Piece:
        """The end of an answer; an error where the prompt was cut, or where the end is all that came."""
        where = f"Ollama at {self._url}"
        if error := dropped(where, self._model, request, part.prompt_eval_count or 0):
            raise error
        if part.done_reason in {"load", "unload"}:
            raise interrupted(f"{where} unloaded {self._model} in the middle of the work")
        cut = part.done_reason == "length"
        if not (said or text):
            spent = f" in {part.eval_count or request.max_tokens} tokens, which thoughts may have taken" if cut else ""
            mend = f"choose a model that does not think aloud: ollama pull {SUGGESTED}" if cut else ANOTHER
            raise EngineUnavailable(f"{self._model} wrote no word of an answer{spent}.", mend=mend)
        return Piece(text, "length" if cut else "stop", part.prompt_eval_count or 0, part.eval_count or 0)

    async def _chat(self, request: Request) -> AsyncIterator[ollama.ChatResponse]:
        """The stream; asked again without ``think`` by a server that refuses to hear of it."""
        from ollama import ResponseError

        for think in (False, None):
            try:
                stream = await self._ready().chat(
                    self._model,
                    messages=[_wire(m) for m in request.messages],
                    stream=True,
                    think=think,
                    options=self._options(request),
                    keep_alive=KEEP_ALIVE,
                )
                async for part in stream:
                    yield part
                return
            except ResponseError as error:
                if think is None or error.status_code != 400 or "think" not in str(error):
                    raise

    async def _preload(self) -> None:
        try:
            await self._ready().chat(
                self._model, messages=[], options={"num_ctx": self._window}, keep_alive=KEEP_ALIVE, stream=False
            )
        except Exception as error:  # noqa: BLE001 - a bug passes through _told unchanged
            raise await self._told(error, started=False) from None

    def _options(self, request: Request) -> dict[str, Any]:
        return {
            "num_ctx": self._window,
            "num_predict": request.max_tokens,
            "temperature": request.temperature,
            "seed": request.seed,
            "stop": list(request.stop),
        }

    def _ready(self) -> ollama.AsyncClient:
        import httpx
        import ollama

        with self._lock:
            if self._client is None:
                here = is_loopback(self._url)
                self._client = ollama.AsyncClient(
                    self._url,
                    timeout=httpx.Timeout(READ, connect=self._connect),
                    trust_env=not here,
                    follow_redirects=False,
                    event_hooks={"request": [_without_key]} if here else {},
                )
            return self._client

    async def _told(self, error: Exception, started: bool) -> BaseException:
        """The error as a sentence for a person; a bug stays what it is."""
        import httpx
        from ollama import ResponseError
        from pydantic import ValidationError

        where = f"Ollama at {self._url}"
        match error:
            case EngineError():
                return error
            case httpx.ConnectError() | httpx.ConnectTimeout() | ConnectionError():
                return nobody(self._url)
            case httpx.ReadTimeout() if started:
                return interrupted(f"{where} stopped in the answer of {self._model}, and was silent for {READ:.0f} s")
            case httpx.ReadTimeout():
                return EngineUnavailable(f"{where} gave no word of {self._model} for {READ:.0f} s.", mend=SMALLER)
            case ResponseError(status_code=-1):
                return interrupted(f"{where} broke off: {server_words(error.error)}")
            case ResponseError():
                return await self._refused(error)
            case httpx.TransportError() | json.JSONDecodeError() | ValidationError():
                return await self._unclear(started)
            case AttributeError() | TypeError() if _of_the_client(error):
                return await self._unclear(started)
        return error

    async def _unclear(self, started: bool) -> EngineError:
        """No word, and no clear reason: ask who is there."""
        import asyncio

        if started:
            return interrupted(f"Ollama at {self._url} broke off the answer of {self._model}")
        try:
            await asyncio.to_thread(version, self._url)
        except EngineUnavailable as error:
            return error
        return interrupted(f"Ollama at {self._url} broke off before the first word of {self._model}")

    async def _refused(self, error: ollama.ResponseError) -> EngineError:
        import asyncio

        where, words, code = f"Ollama at {self._url}", server_words(error.error), error.status_code
        if code == 404 and "not found" in words and self._model in words:
            return await asyncio.to_thread(self._missing)
        if code == 503:
            return EngineUnavailable(f"{where} is busy with other questions.", mend="ask again in a moment")
        if code == 429:
            return EngineUnavailable(f"{where} answers no more for now: {words}.", mend=f"wait, or {ANOTHER}")
        if code == 500:
            return EngineUnavailable(f"{where} could not run {self._model}: {words}.", mend=f"try again, or {SMALLER}")
        try:
            await asyncio.to_thread(version, self._url)
        except EngineUnavailable as other:
            return other
        if code in {401, 403}:
            return forbidden(self._url, code, words)
        return EngineUnavailable(f"{where} refused the question ({code}): {words or 'no reason given'}.", mend=ANOTHER)

    def _missing(self) -> EngineError:
        try:
            names = [m.name for m in models(self._url) if m.name != self._model]
        except EngineUnavailable:
            names = []
        return missing(self._url, self._model, names)


async def _without_key(request: httpx.Request) -> None:
    request.headers.pop("authorization", None)


async def _closed(client: ollama.AsyncClient) -> None:
    await client.close()  # type: ignore[no-untyped-call]


def _wire(message: Message) -> dict[str, str]:
    return {"role": message.role, "content": message.content}


def _of_the_client(error: Exception) -> bool:
    """Whether the client stumbled over what it read: JSON of another kind than it takes for granted."""
    frames = (frame for frame, _ in traceback.walk_tb(error.__traceback__))
    return any(frame.f_globals.get("__name__", "").startswith("ollama.") for frame in frames)
