"""The openness table on the command line: the names people use, versions apart, each cell with its citation."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from assistant.openness import as_text, main
from errors import SettingsError
from knowledge.catalogue import models
from knowledge.model_names import find
from knowledge.references import resolved, resolver

MODELS = models()
NAMED = [
    ("OLMo", {"OLMo"}),
    ("olmo-2 13b", {"OLMo"}),
    ("EleutherAI/pythia-12b", {"Pythia"}),
    ("falcon", {"Falcon 40B", "Falcon 180B"}),
    ("Falcon 180B", {"Falcon 180B"}),
    ("Llama 3", {"Llama 3"}),
    ("Llama-3-8B", {"Llama 3"}),
    ("meta-llama/Llama-3.1-8B-Instruct", {"Llama 3.1"}),
    ("llama3.2:3b", {"Llama 3.2"}),
    ("mistral", {"Mistral 7B", "Mistral Large 3"}),
    ("Mistral-7B-Instruct-v0.2", {"Mistral 7B"}),
    ("Mixtral 8x7B", {"Mixtral"}),
    ("phi", {"Phi-2", "Phi-4"}),
    ("Grok 1", {"Grok-1"}),
    ("gemma 2 9b", {"Gemma 3"}),  # one entry for Gemma 1 to 3, whose terms are the same
    ("Gemma 4", {"Gemma 4"}),
    ("qwen2.5-coder-1.5b-instruct", {"Qwen2.5-Coder"}),
    ("flan-t5-xl", {"T5"}),
    ("StarCoder", {"StarCoder2"}),
    ("Llama 5", set()),
    ("Falcon 3", set()),
    ("Phi-3", set()),
    ("Grok 3", set()),
    ("DeepSeek V4", set()),
    ("Qwen 3.6", set()),
    ("Claude", set()),
    ("", set()),
]


@pytest.mark.parametrize(("asked", "wanted"), NAMED, ids=[asked for asked, _ in NAMED])
def test_a_model_is_found_by_the_names_people_use_and_versions_stay_apart(asked: str, wanted: set[str]) -> None:
    assert {model.name for model in find(MODELS, asked).models} == wanted


@pytest.mark.parametrize(("asked", "near"), [("Llama 5", "Llama 4"), ("pithia", "Pythia"), ("Phi-3", "Phi-2")])
def test_an_unknown_model_is_a_sentence_with_near_names(asked: str, near: str) -> None:
    with pytest.raises(SettingsError) as error:
        main([asked], SimpleNamespace())
    assert asked in error.value.message and near in error.value.message
    assert "openness" in error.value.mend


def test_no_name_lists_all() -> None:
    with pytest.raises(SettingsError, match="OLMo"):
        main([], SimpleNamespace())


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.id)
def test_every_model_is_found_by_its_own_name_and_each_cell_is_cited(
    model: object, capsys: pytest.CaptureFixture[str]
) -> None:
    name = model.name  # type: ignore[attr-defined]
    assert main([name, "--json"], SimpleNamespace()) == 0
    tables = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    table = next(table for table in tables if table["model"] == name)
    assert [row["element"] for row in table["elements"]][:3] == ["Data information", "Code", "Parameters"]
    for row in table["elements"]:
        assert row["asks"] and row["published"] and row["verdict"] in {"yes", "part", "no", "unknown"}
        assert row["citations"][0]["id"] == "osaid-1.0"
        assert all(cited["title"] and cited["url"].startswith("http") for cited in row["citations"])


@pytest.mark.parametrize("width", [20, 80, 100, 400])
def test_the_table_fits_its_width_and_numbers_its_sources(width: int) -> None:
    olmo = next(model for model in MODELS if model.id == "olmo")
    text = as_text(olmo, resolver(), width)
    table = text.split("\n\n")[2]
    assert max(map(len, table.splitlines())) <= max(80, min(width, 140))
    assert "[1] The Open Source AI Definition, version 1.0, https://" in text
    assert "Data" in table and "Verdict" in table and "[1]" in table


def test_a_reference_that_is_no_source_stays_what_it_is() -> None:
    assert resolved("https://x.example/a", {}).url == "https://x.example/a"
    assert (resolved("disputes:a", {}).title, resolved("disputes:a", {}).url) == ("disputes:a", "")
