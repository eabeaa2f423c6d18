"""From a source file to a citation on the screen: once with fakes, once with everything real."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant import weights
from assistant.answer import ANSWERED, QUOTED, Answer
from assistant.choice import choose
from assistant.gate import Gate
from assistant.opening import open_searcher
from assistant.render import as_markdown
from assistant.reply import Assistant
from errors import WeightsError
from ingest.chunk import VERSION
from ingest.fetch import Data, Order
from ingest.pipeline import Report, ingest
from ingest.wheel import Wheel
from knowledge.embedding import Embedder, made_by
from knowledge.language import Glossary
from knowledge.search import Searcher
from knowledge.store import Store, chroma_version
from knowledge.texts import read_text
from settings import Settings
from tests.fakes import ScriptedGenerator, WordEmbedder

ROOT = Path(__file__).resolve().parent.parent
SMALL = "smollm2-135m-instruct"
FILES = {
    "sources.toml": """[[source]]
id = "sea-licence-1.2"
file = "licence.txt"
title = "Sea Model Licence 1.2"
kind = "licence"
published = "2025"
url = "https://example.org/sea"
[[source]]
id = "weights-explained"
file = "weights.md"
title = "Weights explained"
kind = "article"
published = "2025"
""",
    "licence.txt": """SEA MODEL LICENCE

1. Permitted use. You may run the Sea Model for any purpose, and you may share it with your neighbours.

2. Commercial limit. A company with more than 900 thousand users must ask the licensor for a separate licence.

3. Notice. Each copy of the Sea Model must carry a copy of this licence text.
""",
    "weights.md": """# Weights explained

## What open weights leave out

A model with open weights is published without its training data. Readers can run such a model on their own machines.

## Who builds them

Laboratories in several countries publish open weights under licences of their own making.
""",
}
ASKED = {
    "Must a company with more than 900 thousand users ask for a separate licence?": "sea-licence-1.2",
    "What does each copy of the Sea Model have to carry?": "sea-licence-1.2",
    "Are models with open weights published without their training data?": "weights-explained",
}


def fill(folder: Path) -> Path:
    folder.mkdir(parents=True)
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def only_the_folder(home: Path) -> Data:
    """No notes, models, licences or addresses: the folder is the whole world."""
    return Data(home / "no-notes", {}, {}, Wheel("none", "0", "", "", "{key}"), ())


def manifest(embedder: WordEmbedder | Embedder) -> dict[str, str]:
    return {**made_by(embedder.name, embedder.digest), "chunker": VERSION, "chroma": chroma_version()}


def brought_in(home: Path, folder: Path, embedder: WordEmbedder | Embedder) -> Report:
    report = ingest(only_the_folder(home), home, Order(folder, None), Store(home), manifest(embedder), lambda: embedder)
    assert sorted(report.added) == ["sea-licence-1.2", "weights-explained"], report.missing
    return report


def sound(answer: Answer, home: Path) -> None:
    """Every sentence that is shown is cited, and each citation points at the very words."""
    assert answer.status in {ANSWERED, QUOTED}
    assert answer.sentences
    assert all(sentence.citations for sentence in answer.sentences)
    assert {n for s in answer.sentences for n in s.citations} == {c.number for c in answer.citations}
    for citation in answer.citations:
        text = read_text(home, citation.passage.chunk.source.id)
        assert citation.quote == text[citation.start : citation.end]


def test_from_a_file_to_a_citation_on_screen_with_fakes(tmp_path: Path) -> None:
    home, embedder = tmp_path / "home", WordEmbedder()
    brought_in(home, fill(tmp_path / "folder"), embedder)
    searcher = Searcher(Store(home).rows(), embedder, Glossary({}))  # type: ignore[arg-type]
    said = "A company with more than 900 thousand users must ask the licensor for a separate licence."
    fitted = '{"weights": {}, "bias": 5, "least": 0.5, "sure": 0.6}'  # the real one knows a real embedder's numbers
    (tmp_path / "gate.json").write_text(fitted, "utf-8")
    gate = Gate(tmp_path / "gate.json")
    answer = Assistant(searcher, ScriptedGenerator(f"Yes. {said} [3]"), gate=gate).answer(next(iter(ASKED)))
    sound(answer, home)
    shown = as_markdown(answer)
    assert shown.startswith(f"Yes. {said} [1]\n")
    assert "[1] Sea Model Licence 1.2, SEA MODEL LICENCE › 2. Commercial limit\n" in shown
    assert f"“{said}”" in shown
    assert "https://example.org/sea" in shown


def test_nothing_is_embedded_twice(tmp_path: Path) -> None:
    home, folder, embedder = tmp_path / "home", fill(tmp_path / "folder"), WordEmbedder()
    brought_in(home, folder, embedder)
    seen = len(embedder.seen)
    (folder / "weights.md").write_text(
        "# Weights explained\n\nOnly one short sentence is left of it.\n", encoding="utf-8"
    )
    report = ingest(only_the_folder(home), home, Order(folder, None), Store(home), manifest(embedder), lambda: embedder)
    assert (report.changed, report.unchanged) == (("weights-explained",), ("sea-licence-1.2",))
    assert len(embedder.seen) - seen == 3  # one heading, as a text and as a question, and one sentence
    assert {chunk.text for chunk in Store(home).chunks("weights-explained")} == {
        "Only one short sentence is left of it."
    }


@pytest.fixture(scope="module")
def real_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that the real embedder and the real Chroma filled."""
    root = tmp_path_factory.mktemp("journey")
    try:
        weights.find(SMALL, root / "home")
        embedder = Embedder(memory=root / "home" / "digests.json")
    except WeightsError as error:
        pytest.skip(error.message)
    brought_in(root / "home", fill(root / "folder"), embedder)
    return root / "home"


@pytest.fixture(scope="module")
def real(real_home: Path) -> Iterator[Assistant]:
    searcher, corpus = open_searcher(Settings(home=real_home))
    chosen = choose(SMALL, home=real_home, threads=1)
    assistant = Assistant(searcher, chosen.generator, corpus=corpus)
    yield assistant
    assistant.close()


@pytest.mark.model
@pytest.mark.slow
@pytest.mark.parametrize(("question", "id_"), ASKED.items())
def test_from_a_file_to_a_citation_with_everything_real(
    real: Assistant, real_home: Path, question: str, id_: str
) -> None:
    answer = real.answer(question)
    sound(answer, real_home)
    assert (answer.engine.kind, answer.engine.model) == ("embedded", SMALL)
    assert answer.passages[0].chunk.source.id == id_
    assert id_ in {citation.passage.chunk.source.id for citation in answer.citations}


@pytest.mark.model
@pytest.mark.slow
def test_a_batch_on_the_command_line(real_home: Path, tmp_path: Path) -> None:
    lines = [{"id": f"q{n}", "question": question} for n, question in enumerate(ASKED)]
    path = tmp_path / "questions.jsonl"
    path.write_text(
        "\n".join(map(json.dumps, [*lines, {"id": "far", "question": "How tall is Mount Fuji?"}])), encoding="utf-8"
    )
    done = subprocess.run(
        [sys.executable, "-m", "assistant", "--batch", str(path), "--model", "none", "--home", str(real_home)],
        cwd=ROOT,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(a["id"], a["status"]) for a in answers] == [
        ("q0", "quoted"),
        ("q1", "quoted"),
        ("q2", "quoted"),
        ("far", "declined"),
    ]
    for answer, id_ in zip(answers, ASKED.values(), strict=False):
        assert answer["passages"][0]["source_id"] == id_
        assert answer["engine"] == {"kind": "none", "model": ""}
        for citation in answer["citations"]:
            text = read_text(real_home, citation["source_id"])
            assert citation["quote"] == text[citation["start"] : citation["end"]]
