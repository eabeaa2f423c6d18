"""Every fault of Ollama's wire, played by the double, and the sentence that a person reads."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

import errors
from assistant.engine_ollama import OllamaGenerator
from assistant.generation import Message, Piece, Request, careful_count
from assistant.ollama_server import address, context_length, forbidden, is_loopback, models, version
from assistant.thinking import Plain
from tests.ollama_double import Double, script, tag

QUESTION = Request([Message("system", "Answer shortly."), Message("user", "What does Apache-2.0 grant?")], 50)


def ask(double: Double, request: Request = QUESTION, model: str = "granite4:3b") -> list[Piece]:
    generator = OllamaGenerator(double.host, model)
    try:
        return list(generator.stream(request, threading.Event()))
    finally:
        generator.close()


def text(pieces: list[Piece]) -> str:
    return "".join(piece.text for piece in pieces)


REFUSALS = [
    ("html", errors.EngineUnavailable, "does not speak Ollama's API", "OLLAMA_HOST"),
    ("json", errors.EngineUnavailable, "does not speak Ollama's API", "OLLAMA_HOST"),
    ("bytes", errors.EngineUnavailable, "does not speak Ollama's API", "OLLAMA_HOST"),
    ("busy", errors.EngineUnavailable, "is busy", "ask again"),
    ("memory", errors.EngineUnavailable, "requires more system memory", "smaller model"),
    ("forbidden", errors.EngineUnavailable, "refuses", "ollama signin"),
    ("dies_first", errors.EngineInterrupted, "before the first word", "ask again"),
    ("dies", errors.EngineInterrupted, "broke off", "ask again"),
    ("error_line", errors.EngineInterrupted, "CUDA error", "ask again"),
    ("no_done", errors.EngineInterrupted, "before its end", "ask again"),
    ("half_line", errors.EngineInterrupted, "broke off", "ask again"),
]


@pytest.mark.parametrize(("fault", "kind", "words", "mend"), REFUSALS, ids=[row[0] for row in REFUSALS])
def test_fault_becomes_a_sentence_with_its_mending(
    fault: str, kind: type[errors.EngineError], words: str, mend: str
) -> None:
    with Double(fault=fault) as double, pytest.raises(kind) as caught:
        ask(double)
    assert words in caught.value.message
    assert mend in caught.value.mend
    assert "\n" not in caught.value.message


@pytest.mark.parametrize("fault", ["dies", "error_line", "half_line", "no_done"])
def test_words_before_the_break_are_kept(fault: str) -> None:
    got: list[Piece] = []
    with Double(fault=fault) as double:
        generator = OllamaGenerator(double.host, "granite4:3b")
        with pytest.raises(errors.EngineInterrupted):
            got.extend(generator.stream(QUESTION, threading.Event()))
        generator.close()
    assert text(got).startswith("Apache-2.0 grants ")


@contextmanager
def fixed(status: int, body: object, *, ollama: bool = True) -> Iterator[str]:
    """A server that says one thing to every chat; to the rest Ollama's version, or the same. Gives its address."""

    class Wire(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            self.say(200, {"version": "0.33.1"}) if ollama else self.say(status, body)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.say(status, body)

        def say(self, code: int, words: object) -> None:
            self.send_response(code)
            self.end_headers()
            self.wfile.write((words if isinstance(words, str) else json.dumps(words)).encode())

    with ThreadingHTTPServer(("127.0.0.1", 0), Wire) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield f"127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


NOT_FOUND = {"error": {"message": "File Not Found", "type": "not_found_error", "code": 404}}
END = {"model": "m", "message": {"role": "assistant", "content": ""}, "done": True}


@pytest.mark.parametrize(
    ("status", "body", "ollama", "kind", "words", "mend"),
    [
        (404, NOT_FOUND, False, errors.EngineUnavailable, "does not speak Ollama's API", "OLLAMA_HOST"),
        (404, NOT_FOUND, True, errors.EngineUnavailable, "(404): File Not Found.", "another model"),
        (200, NOT_FOUND, False, errors.EngineUnavailable, "does not speak Ollama's API", "OLLAMA_HOST"),
        (200, [1, 2], False, errors.EngineUnavailable, "does not speak Ollama's API", "OLLAMA_HOST"),
        (404, [1, 2], False, errors.EngineUnavailable, "does not speak Ollama's API", "OLLAMA_HOST"),
        (200, {"error": "model is broken"}, True, errors.EngineInterrupted, "broke off: model is broken.", "ask again"),
        (405, "<h1>405 Not Allowed</h1>", True, errors.EngineUnavailable, "(405): 405 Not Allowed.", "another model"),
        (418, "", True, errors.EngineUnavailable, "(418): no reason given.", "another model"),
        (429, {"error": "usage limit"}, True, errors.EngineUnavailable, "for now: usage limit.", "wait, or choose"),
        (403, {"error": "needs a subscription"}, True, errors.EngineUnavailable, "(403): needs a subs", "signin"),
        (403, "", True, errors.EngineUnavailable, "answer us (403).", "another model"),
        (200, {**END, "done_reason": "unload"}, True, errors.EngineInterrupted, "unloaded m", "ask again"),
        (200, {**END, "done_reason": "stop"}, True, errors.EngineUnavailable, "m wrote no word", "another model"),
        (200, {**END, "done_reason": "length"}, True, errors.EngineUnavailable, "in 50 tokens", "not think aloud"),
    ],
)
def test_odd_answer_becomes_a_sentence(
    status: int, body: object, ollama: bool, kind: type[errors.EngineError], words: str, mend: str
) -> None:
    with fixed(status, body, ollama=ollama) as host:
        generator = OllamaGenerator(host, "m")
        with pytest.raises(kind) as caught:
            list(generator.stream(QUESTION, threading.Event()))
        generator.close()
    assert words in caught.value.message and mend in caught.value.mend


def test_bug_in_telling_an_error_reaches_the_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever reads must not wait for ever for words that cannot come."""

    async def bug(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(OllamaGenerator, "_told", bug)
    with Double(fault="busy") as double, pytest.raises(ZeroDivisionError):
        ask(double)


def test_silence_in_the_middle_is_an_interruption(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.engine_ollama.READ", 0.3)
    got: list[Piece] = []
    with Double(between=1.0) as double:
        generator = OllamaGenerator(double.host, "granite4:3b")
        with pytest.raises(errors.EngineInterrupted, match="was silent"):
            got.extend(generator.stream(QUESTION, threading.Event()))
        generator.close()
    assert text(got) == "Apache-2.0 "


@pytest.mark.parametrize(
    ("host", "mend"), [("127.0.0.1:1", "ollama signin"), ("gpu.example.org", "export OLLAMA_API_KEY")]
)
def test_refusal_names_what_helps_there(host: str, mend: str) -> None:
    """Our key never goes to a server on this machine, so a key would not help with that one."""
    assert mend in forbidden(address(host), 401, "unauthorized").mend


def test_probe_tells_a_refusal_from_another_program() -> None:
    said = r"refuses to answer us \(401\): unauthorized\."
    with (
        fixed(401, {"error": "unauthorized"}, ollama=False) as host,
        pytest.raises(errors.EngineUnavailable, match=said),
    ):
        models(host)


def test_nobody_listens() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    generator = OllamaGenerator(f"127.0.0.1:{port}", "granite4:3b")
    for act in (generator.preload, lambda: list(generator.stream(QUESTION, threading.Event()))):
        with pytest.raises(errors.EngineUnavailable, match=f"No Ollama answers at http://127.0.0.1:{port}"):
            act()
    generator.close()


def test_host_that_accepts_and_says_nothing_does_not_hold_up_the_probe() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        began = time.monotonic()
        with pytest.raises(errors.EngineUnavailable):
            version(f"127.0.0.1:{silent.getsockname()[1]}", timeout=0.3)
        assert time.monotonic() - began < 2


def test_missing_model_names_the_pull_and_what_is_there() -> None:
    with Double(tags=[tag("phi4-mini:3.8b")]) as double, pytest.raises(errors.EngineUnavailable) as caught:
        ask(double)
    assert "phi4-mini:3.8b" in caught.value.message
    assert caught.value.mend == "ollama pull granite4:3b"


@pytest.mark.parametrize(
    ("info", "tokens"), [({"granite.context_length": 2048, "x": "y"}, 2048), ([], 0), (None, 0), ({"a.b": 1}, 0)]
)
def test_context_that_a_model_was_made_for(info: object, tokens: int) -> None:
    with fixed(200, {"model_info": info}) as host:
        assert context_length(host, "m") == tokens


def test_every_request_sets_what_ollama_leaves_open() -> None:
    with Double() as double:
        pieces = ask(double)
        (body,) = double.chats()
    assert text(pieces) == "Apache-2.0 grants a patent licence."
    assert pieces[-1].finish == "stop" and pieces[-1].prompt_tokens == 6
    assert body["think"] is False and body["keep_alive"] == "30m"
    assert body["options"] == {"num_ctx": 4096, "num_predict": 50, "temperature": 0.0, "seed": 7, "stop": []}


def test_preload_loads_with_the_window_of_the_answers() -> None:
    with Double() as double:
        generator = OllamaGenerator(double.host, "granite4:3b", window=2048)
        generator.preload()
        assert double.loaded == {"granite4:3b": 2048}
        list(generator.stream(QUESTION, threading.Event()))
        assert double.loaded == {"granite4:3b": 2048}
        generator.close()


def test_answer_that_reaches_its_length_says_so() -> None:
    with Double() as double:
        pieces = ask(double, Request([Message("user", "Hello")], max_tokens=2))
    assert (text(pieces), pieces[-1].finish, pieces[-1].tokens) == ("Apache-2.0 grants ", "length", 2)


def test_prompt_over_the_window_is_never_sent() -> None:
    with Double() as double:
        with pytest.raises(errors.PromptTooLong, match="where 4096 fit"):
            ask(double, Request([Message("user", "word " * 4000)]))
        assert double.chats() == []


def test_prompt_that_the_server_cut_is_an_error_and_no_answer() -> None:
    with Double(fault="cuts") as double, pytest.raises(errors.PromptTooLong, match="read only 32 tokens"):
        ask(double, Request([Message("user", "word " * 200)]))


def test_server_that_does_not_know_think_is_asked_without() -> None:
    with Double(fault="no_think") as double:
        assert text(ask(double)) == "Apache-2.0 grants a patent licence."
        assert ["think" in body and body["think"] is False for body in double.chats()] == [True, False]


@pytest.mark.parametrize(
    ("pieces", "shown"),
    [
        (["<think>", "hm, 42", "</think>", "\n\nYes."], "Yes."),
        (["<thi", "nk>a</th", "ink>\n", "No", "."], "No."),
        (["a < b ", "and <b>"], "a < b and <b>"),
        (["<think>never ends"], ""),
        (["ends with <th"], "ends with <th"),
    ],
)
def test_thoughts_are_not_shown(pieces: list[str], shown: str) -> None:
    plain = Plain()
    assert "".join(plain.text(piece) for piece in pieces) + plain.rest() == shown
    with Double(brain=script(*pieces)) as double:
        if shown:
            assert text(ask(double)) == shown
        else:
            with pytest.raises(errors.EngineUnavailable, match="wrote no word of an answer"):
                ask(double)


@pytest.mark.parametrize(("first", "between"), [(30.0, 0.0), (0.0, 0.1)], ids=["before a word", "while writing"])
def test_stop_is_obeyed_and_the_server_is_let_go(first: float, between: float) -> None:
    with Double(brain=script(*["word "] * 500), first_token=first, between=between) as double:
        generator, stop = OllamaGenerator(double.host, "granite4:3b"), threading.Event()
        generator.preload()
        set_at: list[float] = []

        def press() -> None:
            set_at.append(time.monotonic())
            stop.set()

        timer = threading.Timer(0.4, press)
        timer.start()
        pieces = list(generator.stream(Request(QUESTION.messages, max_tokens=500), stop))
        waited = time.monotonic() - set_at[0]
        timer.join()
        assert pieces[-1].finish == "cancelled" and waited < 0.3  # 0.2 promised, and a busy machine
        until = time.monotonic() + 5
        while not double.left and time.monotonic() < until:
            time.sleep(0.02)
        assert double.left
        double.first_token = double.between = 0.0
        again = list(generator.stream(Request(QUESTION.messages, max_tokens=3), threading.Event()))
        assert again[-1].finish == "length"
        generator.close()


def test_reader_who_walks_away_lets_the_server_go() -> None:
    with Double(brain=script(*["word "] * 500), between=0.05) as double:
        generator = OllamaGenerator(double.host, "granite4:3b")
        pieces = generator.stream(Request(QUESTION.messages, max_tokens=500), threading.Event())
        assert next(pieces).text == "word "
        assert isinstance(pieces, Iterator)
        pieces.close()  # type: ignore[attr-defined]
        until = time.monotonic() + 5
        while not double.left and time.monotonic() < until:
            time.sleep(0.02)
        assert double.left
        generator.close()


def test_long_wait_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.streaming.PATIENCE", 0.1)
    with Double(first_token=0.8) as double:
        generator = OllamaGenerator(double.host, "granite4:3b")
        answers: list[list[Piece]] = []

        def reader() -> None:
            answers.append(list(generator.stream(QUESTION, threading.Event())))

        readers = [threading.Thread(target=reader) for _ in range(2)]
        for one in readers:
            one.start()
            time.sleep(0.1)
        for one in readers:
            one.join()
        generator.close()
    notes = sorted({piece.note for pieces in answers for piece in pieces if piece.note})
    assert notes == ["loading granite4:3b", "waiting for another answer to be finished"]
    assert [text(pieces) for pieces in answers] == ["Apache-2.0 grants a patent licence."] * 2


def test_loopback_gets_neither_proxy_nor_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("OLLAMA_API_KEY", "a secret")
    with Double() as double:
        assert text(ask(double)).startswith("Apache-2.0")
        models(double.host)
        assert not [headers for _, headers, _ in double.asked if "authorization" in headers]


@pytest.mark.parametrize(
    ("host", "url", "here"),
    [
        ("", "http://127.0.0.1:11434", True),
        ("0.0.0.0", "http://127.0.0.1:11434", True),
        ("0.0.0.0:1234", "http://127.0.0.1:1234", True),
        ("http://0.0.0.0:1234/", "http://127.0.0.1:1234", True),
        ("[::]:11434", "http://[::1]:11434", True),
        ("::1", "http://[::1]:11434", True),
        (":5000", "http://127.0.0.1:5000", True),
        ("localhost", "http://localhost:11434", True),
        ("gpu.example.org", "http://gpu.example.org:11434", False),
        ("https://gpu.example.org/ollama/", "https://gpu.example.org:443/ollama", False),
        ("127.0.0.1.example.org", "http://127.0.0.1.example.org:11434", False),
    ],
)
def test_host_as_people_write_it(host: str, url: str, here: bool) -> None:
    assert (address(host), is_loopback(url)) == (url, here)


@pytest.mark.parametrize("host", ["http://user:secret@host", "ftp://host", "host:port", "two words", "a..b", "x" * 64])
def test_host_that_is_none(host: str) -> None:
    with pytest.raises(errors.SettingsError) as caught:
        address(host)
    assert "secret" not in str(caught.value)


def test_cloud_models_are_told_by_what_the_client_drops() -> None:
    tags = [
        tag("granite4:3b"), tag("gpt-oss:120b-cloud", remote_host="https://ollama.com:443"),
        tag("renamed:latest", remote_model="gpt-oss:120b"), tag("kimi:cloud"),
    ]  # fmt: skip
    with Double(tags=tags) as double:
        found = {m.name: m.remote for m in models(double.host)}
    assert found == {
        "granite4:3b": "", "gpt-oss:120b-cloud": "https://ollama.com:443",
        "renamed:latest": "a cloud service", "kimi:cloud": "a cloud service",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("words", "least"), [("1 2 3 4 5", 9), ("a licence for the weights", 6), ("{}[]();", 7), ("数据信息", 4), ("", 0)]
)
def test_careful_count_is_rather_too_high(words: str, least: int) -> None:
    assert careful_count(words) >= least
