"""How open the assistant is itself: a bill of materials in sentences, made at ingest and found like every other text.

A program that judges how open others are must say what it is made of. Nothing here is a claim about quality; each
sentence is a fact on a part: its licence, and what is published of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from knowledge import catalogue
from knowledge.credit import credit_due
from knowledge.documents import RANKS, Source
from knowledge.openness import CODE, DATA, WEIGHTS

ID = "plainsource"
#: The family of the language model that is taken where no other is named; its file is in assistant/weights.py.
MODEL = "qwen2.5-coder"
SIZE = "Qwen2.5-Coder-1.5B-Instruct"
#: The libraries that we import, by licence (SPDX); a test holds them against what is installed.
LIBRARIES = {
    "Apache-2.0": ("sentence-transformers", "chromadb", "gradio", "openai"),
    "MIT": (
        *("bm25s", "PyStemmer", "fastapi", "pydantic", "markdown-it-py", "nh3", "beautifulsoup4", "charset-normalizer"),
        *("ollama", "xllamacpp"),
    ),
    "BSD-3-Clause": ("torch", "numpy", "scipy", "starlette", "uvicorn", "jinja2", "markupsafe", "pypdf", "httpx"),
}
KINDS = {
    "licence": "licence texts",
    "law": "extracts of law",
    "policy": "use policies",
    "definition": "definitions",
    "dataset": "data sets",
    "article": "articles",
    "wiki": "wiki pages",
    "model": "fact sheets on models",
    "note": "notes in our own words",
}


@dataclass(frozen=True)
class Embedding:
    """What is published of an embedding model, in a sentence."""

    licence: str
    training: str


EMBEDDERS = {
    "all-MiniLM-L6-v2": Embedding(
        "Apache-2.0",
        "Its model card lists the public data sets of its training, about 1.17 billion pairs of sentences, and its"
        " training script lies beside the weights.",
    )
}


def document(made_by: Mapping[str, str], sources: Sequence[Source]) -> tuple[Source, str]:
    """The document, as Markdown. made_by: the index's manifest, with the embedder; sources: what is indexed."""
    source = Source(
        id=ID,
        title="How open Plainsource is itself",
        kind="note",
        author="Plainsource",
        publisher="Plainsource",
        licence="as Plainsource",
        rank=RANKS["note"],
        names=("Plainsource",),
        shareable=True,
    )
    sheet = f"model-{MODEL}"
    parts = (
        ("Who are you? What is Plainsource?", _who(), sheet),
        ("How open are you? Is Plainsource open source?", _open(), f"osaid-1.0, {sheet}"),
        ("What is your licence? The licence of Plainsource", _licence(), "apache-2.0"),
        ("What model are you? Which language model do you use?", _model(), f"{sheet}, apache-2.0"),
        ("Which data were you trained on?", _training(made_by), f"{sheet}, osaid-1.0"),
        ("Which embedding model do you use for search?", _embedder(made_by), "apache-2.0"),
        ("Where do your answers come from? Which sources do you know?", _corpus(sources), "osaid-1.0"),
        ("Which software libraries are you built on?", _libraries(), "apache-2.0"),
        ("Do you run locally, and who sees my questions?", _locally(), sheet),
    )
    text = "\n\n".join(f"## {heading}\n{body}\nSources: {rests}" for heading, body, rests in parts)
    return source, f"# {source.title}\n\n{text}\n"


def _facts() -> catalogue.Model:
    return next(model for model in catalogue.models() if model.id == MODEL)


def _who() -> str:
    return (
        "Plainsource is an assistant: a computer program that answers questions about licences, definitions, law and "
        "models of artificial intelligence. "
        "Plainsource is no person, and each sentence that it writes is checked against a passage which it shows."
    )


def _open() -> str:
    model = _facts()
    return (
        "Plainsource, this assistant, is open as a program and open-weight as a model. "
        f"The program's code is under Apache-2.0, and so are the weights of its default model, {SIZE}. "
        f"The training data and the training code of {model.name} are not published. "
        "By the Open Source AI Definition, Plainsource with its default model is therefore not Open Source AI: "
        "data information and training code are missing. "
        "With a model such as OLMo in its place, which publishes all three elements, that gap would close."
    )


def _licence() -> str:
    return (
        "Plainsource's own code and its notes are under the Apache License 2.0, which the OSI has approved. "
        "The texts that Plainsource quotes keep their owners' licences; none of them is part of its repository. "
        "ATTRIBUTION.md names the author, licence and address of every source."
    )


def _model() -> str:
    model = _facts()
    said = (WEIGHTS[model.weights], DATA[model.data][1], CODE[model.training_code][1])
    return (
        f"Plainsource's default language model is {SIZE}, made by {model.developer}, under {model.licence_name}. "
        + " ".join(sentence.format(name=model.name) for sentence in said)
        + " The owner of a Plainsource may choose another model, from Ollama or a file. "
        "The model that wrote an answer is named under that answer and in its engine field; where no model runs, "
        "Plainsource quotes its sources and writes nothing itself."
    )


def _training(made_by: Mapping[str, str]) -> str:
    name, known = _known(made_by)
    more = f" {known.training.replace('Its', f'For {name}, the', 1)}" if known else ""
    return (
        "Plainsource was not trained: it searches a corpus and writes with a model that others trained. "
        f"The training data of its default language model, {SIZE}, are not published; "
        "Alibaba's report describes them in outline as public code, web text, mathematics and generated code. "
        f"The embedding model that searches for Plainsource is {name}.{more} "
        "Questions of readers train nothing."
    )


def _known(made_by: Mapping[str, str]) -> tuple[str, Embedding | None]:
    name = made_by.get("embedder", "")
    return name or "a model without a name", EMBEDDERS.get(name)


def _embedder(made_by: Mapping[str, str]) -> str:
    name, known = _known(made_by)
    licence = f"under {known.licence}" if known else "whose licence Plainsource does not know"
    return (
        f"Plainsource searches with the embedding model {name}, {licence}. "
        f"The SHA-256 digest of its weights is {made_by.get('embedder_digest', 'not known')}. "
        + (f"{known.training.replace('Its', f'The {name}', 1)} " if known else "")
        + "Beside it stands a search by words, BM25, which is no model."
    )


def _corpus(sources: Sequence[Source]) -> str:
    count = Counter(source.kind for source in sources)
    parts = [f"{count[kind]} {words}" for kind, words in KINDS.items() if count[kind]]
    licences = catalogue.licences()
    credited = sum(bool(credit_due(source)) for source in sources if source.id not in licences)
    return (
        f"Plainsource answers from {len(sources)} texts: {', '.join(parts)}. "
        "The licence texts are read from the ScanCode licence data, which are under CC-BY-4.0. "
        f"Of the other texts, {credited or 'none'} came under a Creative Commons licence that asks for credit; "
        "it is given beside each citation. "
        "A claim of a source that was checked and found wrong is marked as disputed. "
        "Plainsource knows nothing beyond these texts, and says so where they hold no answer."
    )


def _libraries() -> str:
    named = (f"{', '.join(names)} ({licence})" for licence, names in LIBRARIES.items())
    return (
        f"Plainsource is a Python program that stands on these libraries: {'; '.join(named)}. "
        "Each of these licences is approved by the OSI. "
        "Language models run in llama.cpp (MIT), through xllamacpp or Ollama."
    )


def _locally() -> str:
    return (
        "Plainsource runs on the machine of whoever set it up: search, index and default model need no network. "
        "A question leaves that machine only if its owner names a model that runs elsewhere; the page then says so. "
        "Plainsource keeps questions that it could not answer, on the same machine, for the owner of the corpus."
    )
