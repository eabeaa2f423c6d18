"""The gate's inputs: numbers that tell whether the passages found hold an answer to a question."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from assistant import asked_for
from assistant.claims import names
from knowledge.documents import Chunk, Evidence, Passage
from knowledge.lexical import Lexicon, stems

NUMBER = re.compile(r"\d+(?:[.,]\d+)*")  # digits only: "one" is more often a word than a number
SIGNALS = (
    "score", "nearest", "asked", "passage", "first", "rarest", "unknown", "names", "numbers", "named",
    "relation", "same", "both", "kind", "head", "said", "amount", "amounts", "task",
)  # fmt: skip
KNOWN = "known"  # not weighed: whether it is known what the best passage answers
Vectors = Callable[[Sequence[str]], NDArray[np.float32]]


def signals(
    question: str,
    passages: Sequence[Passage],
    evidence: Sequence[Evidence],
    lexicon: Lexicon,
    vectors: Vectors,
    original: str = "",
) -> dict[str, float]:
    """The gate's inputs, each about 0 to 1; all zero where nothing was found.

    question: in English words; original: as it was asked, where that is another language. vectors: texts to unit
    vectors, shape (texts, dimension).
    """
    if not passages or not evidence:
        return dict.fromkeys((*SIGNALS, KNOWN), 0.0)
    texts = [f"{p.chunk.source.title} {p.chunk.clause} {p.chunk.text}" for p in passages[:4]]
    whole = " ".join(_all_of(passage.chunk) for passage in passages[:4]).lower()
    written = {_bare(number) for number in NUMBER.findall(whole)}
    asked = set(stems(question))
    held = {token for text in texts for token in stems(text)}
    missing = sorted((lexicon.weight(token) for token in asked - held), reverse=True)
    proper = [name for name in names(question) if len(name) > 1]  # "DeepSeek R 1" is what a glossary makes of a name
    figures = {_bare(number) for number in NUMBER.findall(question)}
    alone = [lexicon.coverage(question, [_all_of(passage.chunk)]) for passage in passages]
    return {
        KNOWN: float(len(passages[0].chunk.asked) > 1),
        "score": passages[0].score / 2,
        "nearest": max(item.score for passage in passages for item in passage.evidence),
        "asked": max(passage.signals.get("asked", 0.0) for passage in passages),
        "passage": max(alone),
        "first": alone[0],
        "rarest": min(1.0, (missing[0] if missing else 0.0) / 9),
        "unknown": sum(not lexicon.knows(token) for token in asked) / max(1, len(asked)),
        "names": sum(_stands(name, whole) for name in proper) / len(proper) if proper else 1.0,
        "numbers": sum(number in written for number in figures) / len(figures) if figures else 1.0,
        "named": 1.0 if passages[0].signals.get("named", 0.0) > 0 else 0.0,
        "task": float(asked_for.is_task(original or question)),
        **_relation(original or question, question, passages, vectors),
        **_asked_for(question, whole, [item.text for item in evidence[:6]]),
    }


def unasked(passages: Sequence[Passage]) -> list[Passage]:
    """The passages as if nobody had written down what they answer, best first: roughly those of a user's document.

    The passage's own cosine takes the place of that of the nearest question, and its heading is what it answers. That
    the search found them by our questions cannot be undone here.
    """
    bare = [
        replace(
            passage,
            chunk=replace(passage.chunk, asked=passage.chunk.asked[:1]),
            known="".join(passage.chunk.asked[:1]),
            score=passage.score - passage.signals.get("asked", 0.0) + passage.signals.get("dense", 0.0),
            signals={**passage.signals, "asked": passage.signals.get("dense", 0.0)},
        )
        for passage in passages
    ]
    return sorted(bare, key=lambda passage: -passage.score)


def _relation(question: str, english: str, passages: Sequence[Passage], vectors: Vectors) -> dict[str, float]:
    """Whether what is asked is what a passage is known to answer, whatever the things are called in both."""
    known = sorted((p for p in passages if p.known), key=lambda p: -p.signals.get("asked", 0.0))
    if not known:
        return dict.fromkeys(("relation", "same", "both", "kind"), 0.0)
    asked = np.array([passage.signals.get("asked", 0.0) for passage in known])
    wordings = list(dict.fromkeys(map(asked_for.relation, (question, english))))
    made = vectors([*wordings, *(asked_for.relation(passage.known) for passage in known)])
    alike = (made[len(wordings) :] @ made[: len(wordings)].T).max(axis=1)
    kind = asked_for.kind(question)
    of_kind = [cosine for cosine, p in zip(asked.tolist(), known, strict=True) if asked_for.kind(p.known) == kind]
    return {
        "relation": float(alike.max()),
        "same": float(alike[0]),
        "both": float(np.minimum(alike, asked).max()),
        "kind": max(of_kind, default=0.0),
    }


def _asked_for(question: str, whole: str, said: Sequence[str]) -> dict[str, float]:
    """Whether the passages, and the best sentences, say anything of the kind of thing that is asked for."""
    head = asked_for.head(question)
    return {
        "head": asked_for.share(head, whole),
        "said": max(asked_for.share(head, text) for text in said),
        "amount": float(asked_for.asks_amount(question)),
        "amounts": float(asked_for.has_amount(question, said)),
    }


def _stands(name: str, text: str) -> bool:
    """Whether a name stands in a text as a word: "mit" does not in "permit"."""
    return bool(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text))


def _all_of(chunk: Chunk) -> str:
    """A passage with its address, the names of its source, and the questions that it is known to answer."""
    source = chunk.source
    return " ".join([source.title, *source.names, source.publisher, chunk.clause, chunk.text, *chunk.asked])


def _bare(number: str) -> str:
    """ "1,000" as "1000", and "2.0" as "2"."""
    return number.replace(",", "").removesuffix(".0")
