"""llama.cpp inside this process: answers where no server is installed. The only home of xllamacpp.

One loaded model serves all requests: several slots, decoded together, with the prompt cache on. llama.cpp also opens a
port on loopback; it is closed to everyone else by a random key, and used here to count tokens.

Prompts are sent as tokens, not as text. Text between the turn marks is read as plain text, so that a question or a
passage that contains ``<|im_end|>`` cannot pass for another speaker. The chat template inside a GGUF file is a program
in a language of its own, and is never run.
"""

from __future__ import annotations

import http.client
import json
import os
import secrets
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from assistant.answer import Engine
from assistant.generation import Message, Piece, Request
from assistant.streaming import Relay, interrupted, too_long
from errors import EngineError, EngineUnavailable, WeightsError

SLOTS = 2
BATCH = 128  # prompt tokens between two looks at Stop: 1 to 2 s of a 1.5B model on 2 cores
CACHE_MIB = 256  # llama.cpp's own default keeps up to 8 GiB of old prompts
START, END = "<|im_start|>", "<|im_end|>"


def cores() -> int:
    """Cores that this process may use; a container often has fewer than the machine."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def threads_for(load: float, machine: int) -> int:
    """All cores on a quiet machine, one fewer on a busy one.

    llama.cpp's threads wait for each other at every layer, so one that has to wait for a core holds up all. Measured on
    2 cores with two other programs at work: 60 tokens took 40 s with 2 threads and 7 s with 1.
    """
    return max(1, machine - 1) if load > 0.75 * machine else machine


class EmbeddedGenerator:
    """A GGUF file. It is loaded at ``preload`` or at the first use, not before.

    threads: 0 means as many as the machine has free when the model is loaded.
    window: tokens that one prompt and its answer may have together.
    """

    def __init__(
        self, path: Path, *, name: str, licence: str, threads: int = 0, window: int = 4096, reason: str = ""
    ) -> None:
        self._path, self._name = path, name
        self._threads = threads
        self._window = window
        self._engine = Engine("embedded", name, licence, reason)
        self._key = secrets.token_urlsafe(32)
        self._lock = threading.Lock()
        self._server: Any = None
        self._marks: tuple[int, int] | None = None
        self._running = 0
        self._idle = threading.Condition()

    @property
    def engine(self) -> Engine:
        return self._engine

    @property
    def window(self) -> int:
        return self._window

    def count(self, text: str) -> int:
        """By the model's own tokenizer."""
        return len(self._tokens(text))

    def preload(self) -> None:
        self._loaded()

    def close(self) -> None:
        """Wait for running requests to notice, then free the model."""
        with self._idle:
            self._idle.wait_for(lambda: not self._running, timeout=30)
        with self._lock:
            self._server = None

    def stream(self, request: Request, stop: threading.Event) -> Iterator[Piece]:
        server = self._loaded()
        prompt = self._prompt(request)
        if isinstance(prompt, list) and len(prompt) + request.max_tokens > self._window:
            raise too_long(self._name, len(prompt), request.max_tokens, self._window)
        relay = Relay()
        with self._idle:
            busy = self._running >= SLOTS
            self._running += 1
        threading.Thread(target=self._run, args=(server, prompt, request, relay), daemon=True).start()
        note = "waiting for other answers to be finished" if busy else f"{self._name} is reading the passages"
        yield from relay.pieces(stop, cancel=bool, note=note)

    def _run(self, server: Any, prompt: list[int] | list[Message], request: Request, relay: Relay) -> None:
        """One request in its own thread; llama.cpp calls back for each piece and is told there to stop."""
        reading = _Reading(relay, self._name, self._window)
        body: dict[str, Any] = {
            "max_tokens": request.max_tokens,
            "temperature": request.temperature,
            "seed": request.seed,
            "stop": list(request.stop),
            "stream": True,
            "stream_options": {"include_usage": True},
            "return_progress": True,
            "cache_prompt": True,
        }
        if request.grammar:
            body["grammar"] = request.grammar
        try:
            if self._marks:
                server.handle_completions({**body, "prompt": prompt}, reading)
            else:
                turns = [{"role": m.role, "content": m.content} for m in request.messages]
                server.handle_chat_completions({**body, "messages": turns}, reading)
            reading.end()
        except Exception as error:  # noqa: BLE001 - it is raised where the words are read
            relay.fail(error)
        finally:
            with self._idle:
                self._running -= 1
                self._idle.notify_all()

    def _prompt(self, request: Request) -> list[int] | list[Message]:
        """The turns as ChatML tokens; the turns themselves for a model that was not made with ChatML."""
        if self._marks is None:
            return list(request.messages)
        start, end = self._marks
        tokens: list[int] = []
        for message in request.messages:
            tokens += [start, *self._tokens(f"{message.role}\n{message.content}"), end, *self._tokens("\n")]
        return [*tokens, start, *self._tokens("assistant\n")]

    def _loaded(self) -> Any:
        with self._lock:
            if self._server is None:
                self._server = self._load()
                marks = [self._tokenize(self._server, mark, special=True) for mark in (START, END)]
                self._marks = (marks[0][0], marks[1][0]) if all(len(m) == 1 for m in marks) else None
            return self._server

    def _load(self) -> Any:
        check_file(self._path)
        try:
            import xllamacpp
        except ImportError as error:
            raise EngineUnavailable(
                f"The embedded engine (xllamacpp) cannot be loaded: {error}.", mend="python3 run.py"
            ) from None
        params = xllamacpp.CommonParams()
        params.model.path = str(self._path)
        params.n_parallel = SLOTS
        params.n_ctx = self._window * SLOTS  # llama.cpp divides it by the slots
        params.n_batch = BATCH
        params.cache_ram_mib = CACHE_MIB
        threads = self._threads or threads_for(os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0, cores())
        for cpu in (params.cpuparams, params.cpuparams_batch):
            cpu.n_threads = threads
            cpu.poll = 0  # waiting threads sleep: spinning ones take the cores from the page and the embedder
        params.use_jinja = False
        params.offline = True
        params.verbosity = -1
        params.api_keys = [self._key]
        params.hostnames = ["127.0.0.1"]
        params.endpoint_slots = params.endpoint_props = params.ui = False
        params.cors_origins = "http://127.0.0.1"
        params.cors_credentials = False
        try:
            return xllamacpp.Server(params)
        except RuntimeError:
            raise EngineUnavailable(
                f"llama.cpp cannot load {self._path}: the file is damaged, of an unknown kind, or too big for the "
                "free memory.",
                mend="python -m assistant models",
            ) from None

    def _tokens(self, text: str) -> list[int]:
        return self._tokenize(self._loaded(), text)

    def _tokenize(self, server: Any, text: str, *, special: bool = False) -> list[int]:
        """Over the port on loopback (about 1 ms): the binding has no tokenizer of its own."""
        address = urlsplit(server.listening_address)
        connection = http.client.HTTPConnection(address.hostname or "127.0.0.1", address.port, timeout=30)
        try:
            body = json.dumps({"content": text, "parse_special": special, "add_special": False})
            connection.request("POST", "/tokenize", body.encode(), {"Authorization": f"Bearer {self._key}"})
            return [int(token) for token in json.load(connection.getresponse())["tokens"]]
        finally:
            connection.close()


class _Reading:
    """llama.cpp's callback. It returns True to stop."""

    def __init__(self, relay: Relay, name: str, window: int) -> None:
        self._relay, self._name, self._window = relay, name, window
        self._ended = False

    def __call__(self, event: dict[str, Any]) -> bool:
        if "error" in event:
            self._ended = True
            self._relay.fail(self._error(event["error"]))
            return True
        choice = (event.get("choices") or [{}])[0]
        text = choice.get("text") or (choice.get("delta") or {}).get("content") or ""
        if finish := choice.get("finish_reason"):
            self._ended = True
            usage = event.get("usage") or {}
            self._relay.put(Piece(text, finish, usage.get("prompt_tokens", 0), usage.get("completion_tokens", 0)))
        elif text:
            self._relay.put(Piece(text))
        return self._relay.cancelled.is_set()

    def end(self) -> None:
        """The call has returned; without a last piece the words broke off."""
        if not self._ended and not self._relay.cancelled.is_set():
            self._relay.fail(interrupted(f"{self._name} stopped before its answer was finished"))

    def _error(self, error: dict[str, Any]) -> EngineError:
        if error.get("type") == "exceed_context_size_error":
            return too_long(self._name, int(error.get("n_prompt_tokens", 0)), 0, self._window)
        return EngineUnavailable(f"{self._name} refused the request: {error.get('message', error)}.")


def check_file(path: Path) -> None:
    """Four bytes tell a GGUF file from a page that a proxy sent in its place."""
    try:
        with path.open("rb") as file:
            magic = file.read(4)
    except OSError:
        raise WeightsError(f"There is no model file at {path}.", mend="python -m assistant models") from None
    if magic != b"GGUF":
        raise WeightsError(f"{path} is not a GGUF model file.", mend="python -m assistant models")
