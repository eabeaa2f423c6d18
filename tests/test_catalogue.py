"""The data files hold together: every id exists, every mark finds its claim, every name leads where people mean."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from errors import SourceError
from knowledge import catalogue
from knowledge.documents import KINDS, Dispute, Source
from knowledge.openness import FAILED, NO, PART, PASSED, UNKNOWN, WOULD_PASS, YES
from knowledge.routing import Router

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus"
needs_corpus = pytest.mark.skipif(not CORPUS.is_dir(), reason="the folder of source texts is not here")
SOURCES, LICENCES, CLAIMS, MODELS = catalogue.sources(), catalogue.licences(), catalogue.disputes(), catalogue.models()
BY_ID = {model.id: model for model in MODELS}


def everything() -> dict[str, Source]:
    texts = {licence.key: licence.source for licence in LICENCES.values()}
    documents = [catalogue.model_document(model)[0] for model in MODELS]
    return SOURCES | texts | {source.id: source for source in documents}


def dangling(references: Iterable[str]) -> list[str]:
    return [r for r in references if r not in everything() and not re.match(r"https?://\S+$", r)]


def test_the_lists_are_whole() -> None:
    assert (len(SOURCES), len(LICENCES), len(CLAIMS)) == (18, 101, 44)
    assert sum(licence.core for licence in LICENCES.values()) == 70
    assert len(MODELS) >= 40
    assert len(everything()) == len(SOURCES) + len(LICENCES) + len(MODELS), "an id stands in two lists"


def test_every_source_can_be_routed_to_and_ranked() -> None:
    for source in everything().values():
        assert source.kind in KINDS and source.rank in range(1, 6), source.id
        assert source.names and source.title and source.publisher, source.id
        assert source.url or source.kind == "model", source.id


def test_references_name_what_exists() -> None:
    assert {c.id: dangling(c.references) for c in CLAIMS if dangling(c.references)} == {}
    assert {m.id: dangling(m.references) for m in MODELS if dangling(m.references)} == {}
    assert {c.id: c.source_id for c in CLAIMS if c.source_id not in SOURCES} == {}
    assert {m.id: m.licence_id for m in MODELS if m.licence_id and m.licence_id not in everything()} == {}
    assert all(c.references and c.topics for c in CLAIMS)


def test_a_correction_names_its_subject() -> None:
    hanging = re.compile(r"(?:^|\. )(?:It|They|This|These|He|She|That) ")
    texts = {c.id: c.correction for c in CLAIMS} | {m.id: " ".join(m.summary.split()) for m in MODELS}
    assert [id_ for id_, text in texts.items() if hanging.search(text)] == []


@needs_corpus
@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_marks_find_the_claim_and_little_else(claim: Dispute) -> None:
    file = catalogue.listed()[claim.source_id].file
    lines = (CORPUS / file).read_text(encoding="utf-8").splitlines()
    sentences = [s for line in lines for s in re.split(r"(?<=[.!?”])\s+", line)]
    found = [s for s in sentences if all(mark.lower() in s.lower() for mark in claim.marks)]
    assert 1 <= len(found) <= 2, found


@needs_corpus
def test_a_stand_in_folder_is_read_by_the_same_loader() -> None:
    theirs, ours = catalogue.listed(CORPUS / "sources.toml"), catalogue.listed()
    assert set(theirs) == set(ours)
    assert {id_: entry.sha256 for id_, entry in theirs.items()} == {id_: entry.sha256 for id_, entry in ours.items()}


ROUTES = [
    ("May a shop use Llama 3.1?", {"llama-3.1-license-2024", "model-llama-3.1"}, {"model-llama-3", "model-llama-2"}),
    ("What does the Llama 2 licence forbid?", {"llama-2-license-2023"}, {"llama-3-license", "llama-3.1-license-2024"}),
    ("What does the Llama 2 license forbid?", {"llama-2-license-2023"}, {"llama-3-license", "llama-3.1-license-2024"}),
    ("Is Llama 3 open source?", {"llama-3-license", "model-llama-3"}, {"llama-3.1-license-2024", "model-llama-2"}),
    ("Does the Llama licence allow it?", {"llama-2-license-2023", "llama-3-license", "llama-4-cla-2025"}, set()),
    ("Llama 4 Community License, section 2", {"llama-4-cla-2025"}, {"llama-4-license-2025"}),
    ("the Llama 4 use policy in Europe", {"llama-4-license-2025", "llama-4-use-policy"}, {"llama-4-cla-2025"}),
    ("What do the Gemma terms say?", {"gemma-tou-2024-04-01", "gemma-tou-2025-03-24"}, {"model-gemma-4"}),
    ("Is Gemma 4 open source?", {"model-gemma-4"}, {"gemma-tou-2025-03-24", "model-gemma-3"}),
    ("What is CreativeML?", {"stable-diffusion-2022-08-22"}, {"bigscience-rail-1.0"}),
    ("Is OpenRAIL open source?", {"bigscience-open-rail-m", "bigcode-open-rail-m-v1"}, set()),
    ("the BigScience RAIL licence of BLOOM", {"bigscience-rail-1.0", "model-bloom"}, {"bigscience-open-rail-m"}),
    ("Must I publish under GPLv3?", {"gpl-3.0"}, {"gpl-2.0", "lgpl-3.0", "agpl-3.0"}),
    ("GPL 3 or GPL-2.0?", {"gpl-3.0", "gpl-2.0"}, {"lgpl-3.0"}),
    ("Affero and networks", {"agpl-3.0"}, {"gpl-3.0"}),
    ("Apache 2 and patents", {"apache-2.0"}, set()),
    ("Is the Business Source License open source?", {"bsl-1.1"}, {"boost-1.0"}),
    ("What does the AI Act exempt?", {"eu-ai-act-open-source"}, {"eu-gpai-guidelines-open-source"}),
    ("What does the OSAID ask of data?", {"osaid-1.0"}, {"osd-1.9"}),
    ("the criteria of the OSD", {"osd-1.9"}, {"osaid-1.0"}),
    ("classes of the Model Openness Framework", {"mof-classes"}, {"osaid-1.0"}),
    ("What does Brandeploy offer?", {"brandeploy-open-source-ai"}, {"p2pfoundation-open-source-ai"}),
    ("What is open source AI?", set(), {"p2pfoundation-open-source-ai", "brandeploy-open-source-ai"}),
    ("Who is the CEO of Mistral AI?", set(), {"model-mistral-7b", "model-mistral-large-3"}),
    ("is falcon open source?", {"model-falcon-40b"}, {"falcon-2-11b-1.0"}),
    ("Is Qwen2.5 open?", {"model-qwen2.5"}, {"model-qwen3"}),
    ("may users opt out of training?", set(), {"model-opt"}),
]


@pytest.mark.parametrize(("question", "wanted", "unwanted"), ROUTES, ids=[route[0] for route in ROUTES])
def test_a_name_leads_where_people_mean(question: str, wanted: set[str], unwanted: set[str]) -> None:
    named = {id_ for name in Router(everything().values()).named(question) for id_ in name.sources}
    assert wanted <= named
    assert not unwanted & named


#: What the OSI's FAQ published, with our ids.
PUBLISHED = {
    PASSED: {"pythia", "olmo", "amber", "crystalcoder", "t5"},
    WOULD_PASS: {"bloom", "starcoder2", "falcon-40b", "falcon-180b"},
    FAILED: {"llama-2", "grok-1", "phi-2", "mixtral"},
}


def test_the_osi_results_are_as_published() -> None:
    assert {result: {m.id for m in MODELS if m.osaid == result} for result in PUBLISHED} == PUBLISHED


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.id)
def test_the_openness_table_agrees_with_the_osi(model: catalogue.Model) -> None:
    rows = {row.element: row for row in catalogue.openness(model)}
    verdicts = {element: row.verdict for element, row in rows.items()}
    assert all(row.references and not dangling(row.references) for row in rows.values())
    assert all(row.published and row.asks for row in rows.values())
    if model.osaid == PASSED:
        assert set(verdicts.values()) == {YES}
    if model.osaid == FAILED:
        assert verdicts["The OSI's result"] == NO
        assert NO in (verdicts["Data information"], verdicts["Code"], verdicts["Licence terms"])
    assert (verdicts["Licence terms"] == YES) == model.osi_licence


@pytest.mark.parametrize(
    ("model", "verdicts"),
    [  # data, code, parameters, terms, use, study, modify, share
        ("olmo", (YES, YES, YES, YES, YES, YES, YES, YES)),
        ("bloom", (PART, YES, PART, NO, NO, PART, PART, PART)),
        ("llama-3.1", (NO, NO, PART, NO, NO, PART, PART, PART)),
        ("llama-1", (PART, NO, PART, NO, NO, PART, PART, NO)),
        ("mixtral", (NO, NO, YES, YES, YES, PART, PART, YES)),
        ("opt", (PART, UNKNOWN, PART, NO, NO, PART, PART, NO)),  # its code is known from hearsay only
        ("kimi-k2", (NO, NO, PART, NO, PART, PART, PART, PART)),
    ],
)
def test_the_openness_table(model: str, verdicts: tuple[str, ...]) -> None:
    assert tuple(row.verdict for row in catalogue.openness(BY_ID[model]))[:8] == verdicts


def test_a_model_document_answers_by_itself() -> None:
    source, text = catalogue.model_document(BY_ID["llama-2"])
    assert (source.id, source.kind, source.rank) == ("model-llama-2", "model", 3)
    headings = [line.removeprefix("## ") for line in text.splitlines() if line.startswith("## ")]
    published = "What is published of Llama 2: weights, data, code"
    assert headings == ["Is Llama 2 open source?", published, "Licence of Llama 2"]
    assert all("Llama 2" in paragraph for paragraph in text.strip().split("\n\n")[1:])
    assert "Meta calls Llama 2 open source." in text and "OSI" in text  # both positions


CLAIM = """
[[claim]]
id = "a"
source = "s"
status = "wrong"
claim = "c"
correction = "d"
references = []
marks = ["m"]
topics = []
"""
BROKEN = [
    (catalogue.disputes, CLAIM + CLAIM, "claim a: id stands twice"),
    (catalogue.disputes, CLAIM.replace('"wrong"', '"untrue"'), "claim a: status must be one of"),
    (catalogue.disputes, CLAIM.replace("topics", "subjects"), "claim a: topics is missing"),
    (catalogue.disputes, CLAIM + "colour = 1\n", "claim a: colour is not a field"),
    (catalogue.disputes, CLAIM.replace('["m"]', "[]"), "claim a: marks is empty"),
    (catalogue.disputes, CLAIM.replace('["m"]', "[1]"), "claim a: marks must be a list of texts"),
    (catalogue.sources, '[[source]]\nid = "a"\ntitle = "b"\nkind = "poem"\n', "source a: kind must be one of"),
    (catalogue.sources, '[[source]]\nid = "a"\ntitle = 3\nkind = "wiki"\n', "source a: title must be text, not 3"),
    (catalogue.sources, '[[source]]\ntitle = "b"\nkind = "wiki"\n', "source number 1: id is missing"),
    (catalogue.sources, "[source]\n", r"source must be written as \[\[source\]\]"),
    (catalogue.licences, '[[licence]]\nkey = "a"\n', "licence a: name is missing"),
    (catalogue.models, '[[model]]\nid = "a"\n', "model a: name is missing"),
    (catalogue.models, "= 1", "is not TOML"),
]


@pytest.mark.parametrize(("load", "text", "message"), BROKEN, ids=[row[2] for row in BROKEN])
def test_bad_data_is_refused_with_its_place(
    load: Callable[[Path], object], text: str, message: str, tmp_path: Path
) -> None:
    path = tmp_path / "data.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SourceError, match=message):
        load(path)
    with pytest.raises(SourceError, match="cannot be read"):
        load(tmp_path / "missing.toml")
