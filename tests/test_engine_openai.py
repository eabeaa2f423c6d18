"""An OpenAI-compatible server: its faults, and what a person reads. A whole one is in the contract suite."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

import errors
from assistant.engine_openai import OpenAIGenerator
from assistant.generation import Message, Request

WORD = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
REQUEST = Request([Message("user", "one two three four five six seven eight nine ten")], max_tokens=20)


def event(text: str = "", finish: str | None = None, prompt: int = 0) -> str:
    usage = {"usage": {"prompt_tokens": prompt, "completion_tokens": 2, "total_tokens": prompt + 2}} if prompt else {}
    choices = [{"index": 0, "delta": {"content": text}, "finish_reason": finish}]
    return f"data: {json.dumps({**WORD, 'choices': choices, **usage})}\n\n"


WHOLE = event("<think>hm</think>Yes") + event(".") + event("", "stop", 15) + "data: [DONE]\n\n"
CASES = [
    (200, WHOLE, None, "Yes."),
    (200, event("Yes"), errors.EngineInterrupted, "before its end"),
    (200, event("Yes") + "data: {half\n\n", errors.EngineInterrupted, "broke off"),
    (200, event("Yes", "stop", 3), errors.PromptTooLong, "read only 3 tokens of a prompt of 10 words"),
    (401, '{"error": {"message": "no"}}', errors.EngineUnavailable, "refuses our key"),
    (404, '{"error": {"message": "no"}}', errors.EngineUnavailable, "does not have the model 'm'"),
    (400, '{"error": {"message": "maximum context length"}}', errors.PromptTooLong, "does not fit"),
    (503, "busy", errors.EngineUnavailable, "busy or out of order"),
]


@pytest.fixture
def answer() -> Iterator[dict[str, object]]:
    state: dict[str, object] = {}

    class Serve(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(int(str(state["status"])))
            self.send_header("Content-Type", "text/event-stream" if state["status"] == 200 else "application/json")
            self.end_headers()
            self.wfile.write(str(state["body"]).encode())

    with ThreadingHTTPServer(("127.0.0.1", 0), Serve) as server:
        state["url"] = f"http://127.0.0.1:{server.server_address[1]}/v1"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield state
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(("status", "body", "error", "words"), CASES)
def test_answers_and_faults(
    answer: dict[str, object], status: int, body: str, error: type[errors.EngineError] | None, words: str
) -> None:
    answer |= {"status": status, "body": body}
    generator = OpenAIGenerator(str(answer["url"]), "m")
    try:
        if error is None:
            pieces = list(generator.stream(REQUEST, threading.Event()))
            assert ("".join(piece.text for piece in pieces), pieces[-1].finish) == (words, "stop")
        else:
            with pytest.raises(error, match=words):
                list(generator.stream(REQUEST, threading.Event()))
    finally:
        generator.close()


def test_nobody_listens_and_no_address() -> None:
    generator = OpenAIGenerator("http://127.0.0.1:1/v1", "m")
    with pytest.raises(errors.EngineUnavailable, match="No server answers at http://127"):
        list(generator.stream(REQUEST, threading.Event()))
    generator.close()
    with pytest.raises(errors.SettingsError, match="is not an address"):
        OpenAIGenerator("gpu.example.org", "m")
