"""Questions that a passage answers, in other words than its own: ``knowledge/asked/*.toml`` and one set for all models.

People ask with none of the words of a clause ("Do I owe them credit?"). Each question gets a vector of its own beside
the passage's, so that a question is met by a question (docs/decisions/search.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from knowledge.catalogue import HERE, entries
from knowledge.documents import Asked, Chunk
from knowledge.openness import Model

FOLDER = HERE / "asked"
PASSAGE: Mapping[str, type] = {"source": str, "clause": str, "questions": list}
PASSAGE_MORE: Mapping[str, type] = {"marks": list}
#: What people ask about any model, by the beginning of the heading in its fact sheet (``openness.model_document``).
OF_MODELS = {
    "Is {name} open source?": (
        "Does {name} deserve to be called open source AI, or is it only open-weight?",
        "Is {name} truly open?",
        "How open is {name} from {developer}?",
        "{name} est-il vraiment open source ?",
    ),
    "What is published of {name}": (
        "Who made {name} and when did it come out?",
        "Can anybody download {name}?",
        "Is the training data of {name} public? What was it trained on?",
        "Did {developer} publish the training code of {name}?",
        "Did the OSI check {name}, and did it pass?",
        "Les données d'entraînement de {name} sont-elles publiées ?",
    ),
    "Licence of {name}": (
        "Under which licence is {name} released?",
        "May my company use {name} commercially?",
        "Is the licence of {name} approved by the OSI?",
        "What does the licence of {name} restrict or forbid?",
        "Sous quelle licence {name} est-il publié ?",
    ),
}


def asked(folder: Path = FOLDER, models: Iterable[Model] = ()) -> dict[str, tuple[Asked, ...]]:
    """Source id to its questions. Raises SourceError with the file, the entry and the field that are wrong."""
    found: dict[str, tuple[Asked, ...]] = {}
    for path in sorted(folder.glob("*.toml")):
        for entry in entries(path, "passage", PASSAGE, PASSAGE_MORE):
            one = Asked(entry["clause"], entry["questions"], entry.get("marks", ()))
            found[entry["source"]] = (*found.get(entry["source"], ()), one)
    for model in models:
        found[f"model-{model.id}"] = (*_of_model(model), *found.get(f"model-{model.id}", ()))
    return found


def questions_of(chunk: Chunk, all_asked: Iterable[Asked]) -> tuple[str, ...]:
    """The questions that belong to a chunk: its clause holds theirs, and its text their marks."""
    clause, text = _plain(chunk.clause), _plain(chunk.text)
    own = [
        one.questions
        for one in all_asked
        if _plain(one.clause) in clause and all(_plain(mark) in text for mark in one.marks)
    ]
    return tuple(dict.fromkeys(question for questions in own for question in questions))


def _of_model(model: Model) -> tuple[Asked, ...]:
    words = {"name": model.name, "developer": model.developer}
    return tuple(
        Asked(heading.format(**words), tuple(question.format(**words) for question in questions))
        for heading, questions in OF_MODELS.items()
    )


def _plain(text: str) -> str:
    return " ".join(text.lower().replace("’", "'").split())
