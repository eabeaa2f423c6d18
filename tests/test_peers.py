"""A peer's pipeline behind an OpenAI-compatible port; the pipelines stand in, so that no peer is installed."""

from __future__ import annotations

import json
import re
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import HTTPServer
from pathlib import Path

import pytest

from assistant.generation import Message
from errors import SourceError, UserError
from evaluation import peers, run
from evaluation.observed import Piece
from evaluation.questions import Gold, Question
from tests.fakes import ScriptedGenerator

LAMPS = Question(
    "licence-001", "How many lamps?", "licence", True, "dev",
    key_facts=("700",), gold=(Gold("lamp-licence", marks=("700",)),),
)  # fmt: skip
FOUND = (Piece("torch-licence", text="Torches are free."), Piece("lamp-licence", text="More than 700 lamps."))


@dataclass
class Told:
    """Says the same to every question, or fails; remembers what it was asked."""

    replied: peers.Replied = field(default_factory=lambda: peers.Replied("It is 700.", FOUND))
    error: UserError | None = None
    asked: list[str] = field(default_factory=list)

    def __call__(self, question: str) -> peers.Replied:
        self.asked.append(question)
        if self.error:
            raise self.error
        return self.replied


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def url(told: Told) -> Iterator[str]:
    serving: HTTPServer = peers.server(told, "peer")
    thread = threading.Thread(target=serving.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{serving.server_port}/v1"
    serving.shutdown()
    serving.server_close()
    thread.join()


def test_a_peer_is_measured_by_its_words_and_its_passages(told: Told, url: str) -> None:
    done = run.carry_out([LAMPS], run.Compatible(url, "peer"))
    assert (done.outcomes[0].right, done.outcomes[0].ranks, done.outcomes[0].depth) == (True, (2,), 2)
    found = done.measured
    assert (found["hit@1"].value, found["hit@5"].value, found["facts_found@5"].value) == (0.0, 1.0, 1.0)
    assert done.about["engine"] == "openai:peer" and told.asked == ["How many lamps?"]


def test_passages_are_read_as_they_were_sent(url: str) -> None:
    assert run.Compatible(url, "peer").ask(LAMPS).passages == FOUND


def test_a_system_without_passages_has_no_retrieval_figures(told: Told, url: str) -> None:
    told.replied = peers.Replied("It is 700.")
    assert not set(run.carry_out([LAMPS], run.Compatible(url, "peer")).measured) & {"hit@1", "hit@5", "facts_found@5"}


def test_only_the_last_question_is_asked(told: Told, url: str) -> None:
    history = (("user", "Tell me of lamps."), ("assistant", "They shine."))
    run.Compatible(url, "peer").ask(Question("f", "And torches?", "followup", True, "dev", history=history))
    assert told.asked == ["And torches?"]


def test_what_a_person_can_mend_is_an_answer_that_failed(told: Told, url: str) -> None:
    told.error = UserError("The prompt is too long.")
    done = run.carry_out([LAMPS], run.Compatible(url, "peer"))
    assert (done.outcomes[0].status, done.outcomes[0].right) == ("failed", False)


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/models", b"{}", 404),
        ("/chat/completions", b"{", 400),
        ("/chat/completions", b"[]", 400),
        ("/chat/completions", b'{"messages": []}', 400),
        ("/chat/completions", json.dumps({"messages": [{"role": "system", "content": "Hi"}]}).encode(), 400),
    ],
)
def test_what_is_no_question_is_refused(told: Told, url: str, path: str, body: bytes, status: int) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(urllib.request.Request(url + path, body), timeout=5)
    with refused.value as reply:
        assert (reply.code, told.asked) == (status, [])
        assert json.load(reply)["error"]["message"]


def test_our_own_words_are_left_out(tmp_path: Path) -> None:
    for name in ("mit.txt", "mit.sha256", "note-history.txt", "model-llama-3.txt", "plainsource.txt", "bsd-new.txt"):
        (tmp_path / name).write_text("words", "utf-8")
    assert [path.name for path in peers.texts_in(tmp_path)] == ["bsd-new.txt", "mit.txt"]


def test_no_texts_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SourceError, match="no text of a source"):
        peers.texts_in(tmp_path)
    assert peers.main(["langchain", "--texts", str(tmp_path)]) == 1
    assert "python -m ingest" in capsys.readouterr().err


def test_the_model_writes_greedily_and_at_most_300_tokens() -> None:
    generator = ScriptedGenerator(words="Seven hundred lamps.", notes=("loading",))
    asked = [Message("user", "How many lamps?")]
    assert peers.writing(generator)(asked) == "Seven hundred lamps."
    assert (generator.requests[0].messages, generator.requests[0].max_tokens) == (asked, 300)
    assert generator.requests[0].temperature == 0


@pytest.mark.parametrize(
    ("peer", "library"), [("langchain", "langchain_classic"), ("llama-index", "llama_index")], ids=peers.PEERS
)
def test_a_missing_package_says_what_mends_it(monkeypatch: pytest.MonkeyPatch, peer: str, library: str) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == library]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(UserError, match=f"cannot be loaded: .*{library}") as missing:
        peers.PEERS[peer](peers.Parts([], Path(), lambda messages: "", 4096))
    assert peers.REQUIREMENTS in missing.value.mend


def test_every_package_of_a_peer_is_pinned() -> None:
    here = Path(peers.__file__).parent
    lines = (here / "peers-requirements.txt").read_text("utf-8").splitlines()
    pins = [line.split("==") for line in lines if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[\d.]+", version) for _, version in pins)
    names = re.findall(r"^ +from ((?:langchain|llama)[\w.]*) import", Path(peers.__file__).read_text("utf-8"), re.M)
    imported = {re.sub(r"[._]", "-", name) for name in names}
    assert all(any(name.startswith(pinned) for pinned, _ in pins) for name in imported)
    assert all(any(name.startswith(pinned) for name in imported) for pinned, _ in pins)
