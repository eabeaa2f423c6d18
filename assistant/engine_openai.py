"""A server that speaks the OpenAI protocol: vLLM, llama-server, LM Studio. The only home of openai.

For those who outgrow one machine. The protocol cannot ask for a context window, so the server's own is given in
``window``, and the prompt is budgeted to it. A server that cuts a prompt in silence is caught by its own count.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from assistant.answer import Engine
from assistant.generation import Piece, Request, careful_count
from assistant.ollama_server import is_loopback
from assistant.streaming import Loop, Relay, dropped, interrupted, too_long
from assistant.thinking import Plain
from errors import EngineError, EngineUnavailable, SettingsError

if TYPE_CHECKING:
    import openai

CONNECT, READ = 2.0, 300.0


class OpenAIGenerator:
    """One model of one server. Nothing is asked of it before ``preload`` or ``stream``."""

    def __init__(
        self, base_url: str, model: str, *, api_key: str = "", licence: str = "", reason: str = "", window: int = 4096
    ) -> None:
        parts = urlsplit(base_url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise SettingsError(
                f"PLAINSOURCE_OPENAI_BASE_URL is not an address: {base_url!r}.",
                mend="export PLAINSOURCE_OPENAI_BASE_URL=http://127.0.0.1:8000/v1",
            )
        self._url, self._model, self._window = base_url.rstrip("/"), model, window
        self._host = f"{parts.scheme}://{parts.hostname}" + (f":{parts.port}" if parts.port else "")
        self._key = api_key or "none"  # the client refuses an empty one; servers without keys ignore it
        self._engine = Engine("openai", model, licence, reason)
        self._loop = Loop(f"openai {model}")
        self._client: openai.AsyncOpenAI | None = None
        self._lock = threading.Lock()

    @property
    def engine(self) -> Engine:
        return self._engine

    @property
    def window(self) -> int:
        return self._window

    def count(self, text: str) -> int:
        """A careful estimate: the protocol has no way to ask."""
        return careful_count(text)

    def preload(self) -> None:
        """Such servers keep their model loaded; whether it is there is seen now and not at the first question."""
        self._loop.submit(self._look()).result(timeout=READ)

    def close(self) -> None:
        with self._lock:
            client, self._client = self._client, None
        if client:
            self._loop.submit(client.close()).result(timeout=10)
        self._loop.close()

    def stream(self, request: Request, stop: threading.Event) -> Iterator[Piece]:
        prompt = sum(self.count(m.content) + 8 for m in request.messages)
        if prompt + request.max_tokens > self._window:
            raise too_long(self._model, prompt, request.max_tokens, self._window)
        relay = Relay()
        work = self._loop.submit(self._write(request, relay))
        yield from relay.pieces(stop, cancel=work.cancel, note=f"waiting for {self._model}")

    async def _write(self, request: Request, relay: Relay) -> None:
        plain, started, finish, usage = Plain(), False, "", (0, 0)
        try:
            async for event in await self._ask(request):
                started = True
                if event.usage:
                    usage = (event.usage.prompt_tokens, event.usage.completion_tokens)
                for choice in event.choices[:1]:
                    finish = choice.finish_reason or finish
                    if text := plain.text(choice.delta.content or ""):
                        relay.put(Piece(text))
            if not finish:
                relay.fail(interrupted(f"The server at {self._host} ended the answer of {self._model} before its end"))
                return
            if error := dropped(f"The server at {self._host}", self._model, request, usage[0]):
                raise error
            relay.put(Piece(plain.rest(), "length" if finish == "length" else "stop", *usage))
        except Exception as error:  # noqa: BLE001 - it is raised where the words are read
            relay.fail(self._told(error, started))

    async def _ask(self, request: Request) -> Any:
        return await self._ready().chat.completions.create(  # type: ignore[call-overload]
            model=self._model,
            messages=[{"role": m.role, "content": m.content} for m in request.messages],
            max_tokens=request.max_tokens,
            temperature=request.temperature,
            seed=request.seed,
            stop=list(request.stop) or None,
            stream=True,
            stream_options={"include_usage": True},
        )

    async def _look(self) -> None:
        try:
            await self._ready().models.list()
        except Exception as error:  # noqa: BLE001 - a bug passes through _told unchanged
            raise self._told(error, started=False) from None

    def _ready(self) -> openai.AsyncOpenAI:
        import openai

        with self._lock:
            if self._client is None:
                self._client = openai.AsyncOpenAI(
                    base_url=self._url,
                    api_key=self._key,
                    max_retries=0,
                    http_client=openai.DefaultAsyncHttpxClient(
                        timeout=openai.Timeout(READ, connect=CONNECT),
                        trust_env=not is_loopback(self._url),
                        follow_redirects=False,
                    ),
                )
            return self._client

    def _told(self, error: Exception, started: bool) -> BaseException:
        """The error as a sentence for a person; a bug stays what it is."""
        import openai

        where = f"The server at {self._host}"
        match error:
            case EngineError():
                return error
            case _ if started and (_of_the_wire(error) or isinstance(error, (openai.OpenAIError, ValueError))):
                return interrupted(f"{where} broke off the answer of {self._model}")
            case openai.APITimeoutError():
                return EngineUnavailable(f"{where} did not answer in time.", mend="ask again, or look at the server")
            case openai.APIConnectionError():
                return EngineUnavailable(
                    f"No server answers at {self._host}.", mend="start it, or set PLAINSOURCE_OPENAI_BASE_URL"
                )
            case openai.AuthenticationError() | openai.PermissionDeniedError():
                return EngineUnavailable(f"{where} refuses our key.", mend="export PLAINSOURCE_OPENAI_API_KEY=…")
            case openai.NotFoundError():
                return EngineUnavailable(
                    f"{where} does not have the model {self._model!r}.", mend="export PLAINSOURCE_OPENAI_MODEL=…"
                )
            case openai.RateLimitError() | openai.InternalServerError():
                return EngineUnavailable(f"{where} is busy or out of order.", mend="ask again in a moment")
            case openai.BadRequestError() if "context" in str(error):
                return too_long(self._model, 0, 0, self._window)
            case openai.APIError() | ValueError():
                return EngineUnavailable(
                    f"{where} does not speak the OpenAI protocol as expected.", mend="set PLAINSOURCE_OPENAI_BASE_URL"
                )
        return error


def _of_the_wire(error: Exception) -> bool:
    """By name: the client's versions bring different HTTP libraries, and pass their errors on while streaming."""
    return type(error).__module__.split(".")[0] in {"httpx", "httpx2", "httpcore", "httpcore2"}
