"""What the assistant says about itself: true of what is installed and of the weights we know, and found when asked."""

from __future__ import annotations

import importlib.metadata
import re
import tomllib
from pathlib import Path

import pytest

from assistant import weights
from knowledge import catalogue, itself
from knowledge.addressed import is_addressed, third_person
from knowledge.documents import Source
from knowledge.embedding import DEFAULT_SHA256
from knowledge.model_names import find
from tests.fakes import HARBOUR, document, searcher_over

MADE_BY = {"embedder": "all-MiniLM-L6-v2", "embedder_digest": DEFAULT_SHA256}
SOURCES = [
    Source("osaid-1.0", "The Definition", "definition", licence="CC-BY-4.0"),
    *(catalogue.licences()[key].source for key in ("mit", "apache-2.0")),
]
SOURCE, TEXT = itself.document(MADE_BY, SOURCES)


def test_it_names_its_parts_with_their_licences() -> None:
    for fact in (
        "Qwen2.5-Coder-1.5B-Instruct", "Alibaba Cloud", "all-MiniLM-L6-v2, under Apache-2.0", DEFAULT_SHA256,
        "answers from 3 texts: 2 licence texts, 1 definitions", "Of the other texts, 1 came under a Creative Commons",
        "not Open Source AI", "training data of Qwen2.5-Coder are not published",
    ):  # fmt: skip
        assert fact in TEXT
    assert itself.document(MADE_BY, SOURCES) == (SOURCE, TEXT)  # or every ingest would change the index


def test_an_embedder_of_ones_own_is_not_vouched_for() -> None:
    text = itself.document({"embedder": "mine", "embedder_digest": "ab"}, SOURCES)[1]
    assert "embedding model mine, whose licence Plainsource does not know" in text
    assert "MiniLM" not in text


def test_what_it_rests_on_exists() -> None:
    known = {*catalogue.sources(), *catalogue.licences(), *(f"model-{model.id}" for model in catalogue.models())}
    rests = {id_ for line in re.findall(r"^Sources: (.*)$", TEXT, re.MULTILINE) for id_ in line.split(", ")}
    assert rests <= known


@pytest.mark.parametrize("entry", weights.CATALOGUE, ids=lambda entry: entry.name)
def test_each_model_file_has_a_fact_sheet_with_the_same_licence(entry: weights.Weights) -> None:
    (model,) = find(catalogue.models(), entry.name).models
    assert model.licence_name == entry.licence
    assert model.osi_licence


def test_the_default_model_is_the_one_that_it_speaks_of() -> None:
    (model,) = find(catalogue.models(), weights.DEFAULT).models
    assert model.id == itself.MODEL
    assert itself.SIZE.lower() == weights.DEFAULT


def test_the_libraries_are_those_of_the_project_under_those_licences() -> None:
    project = tomllib.loads(Path(__file__).resolve().parent.with_name("pyproject.toml").read_text("utf-8"))["project"]
    wanted = {re.match(r"[\w.-]+", line)[0] for line in project["dependencies"]}  # type: ignore[index]
    assert {name for names in itself.LIBRARIES.values() for name in names} == wanted
    for licence, names in itself.LIBRARIES.items():
        for name in names:
            told = importlib.metadata.metadata(name)
            said = str([told.get_all(field) for field in ("License-Expression", "License", "Classifier")])
            assert licence.split("-")[0] in said, name


ABOUT = (
    "How open are you?",
    "What model are you?",
    "Which model do you use?",
    "What is your licence?",
    "what is your license",
    "which data were you trained on",
    "What were you trained on? Are you trained on the articles?",
    "Who are you?",
    "Are you open source?",
    "Is your model open source?",
    "Under which licence are you published?",
    "Do you run locally?",
    "Is Plainsource open source AI?",
    "Who made you?",
    "Which embedding model do you use?",
    "What is your training data?",
    "À quel point êtes-vous ouvert ?",
    "Êtes-vous open source ?",
    "Es-tu libre ?",
    "Quel modèle es-tu ?",
    "Quel modèle utilisez-vous ?",
    "Quelle est ta licence ?",
    "Quelle est votre licence ?",
    "Qui es-tu ?",
    "Sur quelles données avez-vous été entraîné ?",
    "Sur quelles données as-tu été entraîné ?",
)
NOT_ABOUT = (
    "Can you sell open source software?",
    "Must you publish your code under the GPL?",
    "Are you allowed to sell it?",
    "What are you allowed to do with open weights?",
    "Which licence do you need for a model?",
    "Are you free to share it?",
    "What data must you list?",
    "Which data do you have to publish?",
    "How open is Llama?",
    "Does your licence forbid it?",
    "Pouvez-vous vendre un modèle ouvert ?",
    "Devez-vous publier votre code ?",
    "Quelle licence faut-il ?",
    "If your model is fine-tuned, may you rename it?",
    "What happens to your rights when you sue?",
)


@pytest.mark.parametrize("question", ABOUT)
def test_a_question_about_the_assistant_is_known(question: str) -> None:
    assert is_addressed(question)


@pytest.mark.parametrize("question", NOT_ABOUT)
def test_you_may_mean_anybody(question: str) -> None:
    assert not is_addressed(question)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("What model are you?", "What model is Plainsource?"),
        ("What is your licence?", "What is Plainsource's licence?"),
        ("Which model do you use?", "Which model does Plainsource use?"),
        ("what you were trained on", "what Plainsource was trained on"),
    ],
)
def test_it_is_searched_for_in_the_third_person(question: str, said: str) -> None:
    assert third_person(question) == said


def test_such_a_question_is_answered_from_its_own_document_alone() -> None:
    searcher = searcher_over([*HARBOUR, document(TEXT, SOURCE, "model")])
    found = searcher.search("Which data were you trained on?")
    assert {passage.chunk.source.id for passage in found} == {itself.ID}
    assert "trained on" in found[0].chunk.clause
    assert searcher.english("What is your licence?") == "What is Plainsource's licence?"
    assert searcher.search("How open are you, Harbour Licence 2.1?")[0].chunk.source.id != itself.ID
    assert searcher_over(HARBOUR).search("What model are you?")[0].chunk.source.id != itself.ID  # an index without it
