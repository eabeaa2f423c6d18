"""The gate's inputs: numbers that tell whether the passages found hold an answer to a question."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from assistant import asked_for
from assistant.claims import names
from assistant.learnt import Learnt
from assistant.orders import is_order
from knowledge.documents import Chunk, Evidence, Passage, Source
from knowledge.lexical import Lexicon, stems
from knowledge.routing import Router

NUMBER = re.compile(r"\d+(?:[.,]\d+)*")  # digits only: "one" is more often a word than a number
COMPOUND = re.compile(r"-[a-z]{4,}$")
SIGNALS = (
    "score", "nearest", "asked", "passage", "first", "rarest", "unknown", "names", "numbers", "named",
    "kind", "top", "head", "said", "amount", "amounts", "task", "asks_passage", "asks_first", "asks_head",
)  # fmt: skip
BARE = ("both",)  # weighed too where it is not known what the best passage answers
NAMED = ("asked_named", "top_named", "kind_named")
LEARNT = ("vain", "field", *NAMED)  # weighed too where it is
KNOWN = "known"  # not weighed: whether it is, and what was learnt of such passages holds for this embedding model
TOP = 2  # passages, of which one should answer
Rows = NDArray[np.float32]


class Index(Protocol):
    """What the signals are read from; see knowledge.search.Searcher."""

    lexicon: Lexicon
    router: Router

    def called(self, source: Source) -> str:
        """The names of a source, and of the models whose licence it is."""

    def vectors(self, texts: Sequence[str]) -> Rows:
        """Unit vectors of texts, shape (texts, dimension)."""

    def questions(self, texts: Sequence[str]) -> Rows:
        """Unit vectors of questions, shape (texts, dimension)."""

    def asked(self, passage: Passage) -> Rows:
        """Those that the index holds of what the passage is known to answer, shape (questions, dimension)."""


def signals(
    question: str,
    passages: Sequence[Passage],
    evidence: Sequence[Evidence],
    index: Index,
    original: str = "",
    learnt: Learnt | None = None,
) -> dict[str, float]:
    """The gate's inputs, each about 0 to 1; all zero where nothing was found.

    question: in English words; original: as it was asked, where that is another language. learnt: what was learnt of
    the embedding model, if anything.
    """
    if not passages or not evidence:
        return dict.fromkeys((*SIGNALS, *BARE, *LEARNT, KNOWN), 0.0)
    known = learnt is not None and len(passages[0].chunk.asked) > 1
    texts = [f"{p.chunk.source.title} {p.chunk.clause} {p.chunk.text}" for p in passages[:4]]
    whole = " ".join(_all_of(passage.chunk, index) for passage in passages[:4]).lower()
    lexicon = index.lexicon
    written = {_bare(number) for number in NUMBER.findall(whole)}
    asked = set(stems(question))
    held = {token for text in texts for token in stems(text)}
    missing = sorted((lexicon.weight(token) for token in asked - held), reverse=True)
    asking = asked_for.asking(question)
    figures = {_bare(number) for number in NUMBER.findall(asking)}
    held_by = [_all_of(passage.chunk, index) for passage in passages]
    covered, asking_covered = ([lexicon.coverage(text, [held]) for held in held_by] for text in (question, asking))
    return {
        KNOWN: float(known),
        "score": passages[0].score / 2,
        "nearest": max(item.score for passage in passages for item in passage.evidence),
        "passage": max(covered),
        "first": covered[0],
        "asks_passage": max(asking_covered),
        "asks_first": asking_covered[0],
        "asks_head": asked_for.share(asked_for.head(asking), whole),
        "rarest": min(1.0, (missing[0] if missing else 0.0) / 9),
        "unknown": sum(not lexicon.knows(token) for token in asked) / max(1, len(asked)),
        "names": _names(question, asking, whole),
        "numbers": sum(number in written for number in figures) / len(figures) if figures else 1.0,
        "named": 1.0 if passages[0].signals.get("named", 0.0) > 0 else 0.0,
        "task": float(asked_for.is_task(original or question) or is_order(original or question)),
        **_relation(original or question, question, passages, index, learnt if known else None),
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


def _relation(
    question: str,
    english: str,
    passages: Sequence[Passage],
    index: Index,
    learnt: Learnt | None,
) -> dict[str, float]:
    """Whether what is asked is what a passage is known to answer, whatever the things are called in both."""
    known = [passage for passage in passages if passage.known]
    if not known:
        return dict.fromkeys(("asked", "kind", "top", *BARE, *LEARNT), 0.0)
    asking, parts = asked_for.asking(english), asked_for.parts(english)
    itself = index.questions(list(dict.fromkeys([english, question, asking, *parts])))
    near = [(index.asked(passage) @ itself.T).max(axis=1).tolist() for passage in known]
    # its heading says what a passage is about, which is less than a question that it answers
    answered = [list(zip(p.chunk.asked, n, strict=True))[len(n) > 1 :] for p, n in zip(known, near, strict=True)]
    kinds = set(map(asked_for.kind, [question, *parts]))
    asked = np.array([max(cosine for _, cosine in one) for one in answered])
    of_kind = np.array(
        [max([c for text, c in one if "" in kinds or asked_for.kind(text) in kinds], default=0.0) for one in answered]
    )
    # what is known to be asked of another thing than the one that is named is not what is asked
    wanted = _names_of(asking)
    named = np.array([_share_of(wanted, _all_of(passage.chunk, index).lower()) for passage in known])
    wordings = list(dict.fromkeys(map(asked_for.relation, (english, question))))
    return {
        **_best("", asked, of_kind),
        **(_best("_named", asked * named, of_kind * named) if learnt else dict.fromkeys(NAMED, 0.0)),
        "vain": max(learnt.in_vain(one) for one in index.vectors(wordings)) if learnt else 0.0,
        "field": learnt.in_field(index.vectors([english])[0]) if learnt else 0.0,
        "both": 0.0 if learnt else _both(wordings, known, asked, index),
    }


def _best(ending: str, asked: Rows, of_kind: Rows) -> dict[str, float]:
    """Of the cosines of each passage, best passage first: the highest, that of the first ones, that of a kind."""
    found = {"asked": asked.max(), "top": asked[:TOP].max(), "kind": of_kind.max()}
    return {f"{name}{ending}": float(value) for name, value in found.items()}


def _both(wordings: Sequence[str], known: Sequence[Passage], asked: Rows, index: Index) -> float:
    """How like what is asked, with and without its names, is to the nearest question of one of the passages, 0 to 1.

    It costs ten embeddings, and beside what is known to be asked it tells nothing more.
    """
    made = index.vectors([*wordings, *(asked_for.relation(passage.known) for passage in known)])
    own, relations = np.split(made, [len(wordings)])
    return float(np.minimum((relations @ own.T).max(axis=1), asked).max())


def _asked_for(question: str, whole: str, said: Sequence[str]) -> dict[str, float]:
    """Whether the passages, and the best sentences, say anything of the kind of thing that is asked for."""
    head = asked_for.head(question)
    return {
        "head": asked_for.share(head, whole),
        "said": max(asked_for.share(head, text) for text in said),
        "amount": float(asked_for.asks_amount(question)),
        "amounts": float(asked_for.has_amount(question, said)),
    }


def _names(question: str, asking: str, text: str) -> float:
    """The share of the names in what asks that stand in a text; where it names nothing, whether one of the story's."""
    asked, told = _names_of(asking), _names_of(question)
    return _share_of(asked, text) if asked else float(not told or any(_stands(name, text) for name in told))


def _names_of(text: str) -> list[str]:
    """The names in a text; "DeepSeek R 1" is what a glossary makes of one, and a single letter is none."""
    return sorted(name for name in names(text) if len(name) > 1)


def _share_of(wanted: Sequence[str], text: str) -> float:
    """How many of these names stand in a text, 0 to 1; 1 where there are none."""
    return sum(_stands(name, text) for name in wanted) / len(wanted) if wanted else 1.0


def _stands(name: str, text: str) -> bool:
    """Whether a name stands in a text as a word: "mit" does not in "permit"; "mit" of "mit-licensed" is enough.

    "cdla-permissive-1.0" may be written "cdla permissive 1.0".
    """
    words = map(re.escape, re.split(r"[-_ ]", COMPOUND.sub("", name)))
    return bool(re.search(rf"(?<!\w){r'[-_ ]?'.join(words)}(?!\w)", text))


def _all_of(chunk: Chunk, index: Index) -> str:
    """A passage with its address, the names of its source, and the questions that it is known to answer."""
    return " ".join([index.called(chunk.source), chunk.clause, chunk.text, *chunk.asked])


def _bare(number: str) -> str:
    """ "1,000" as "1000", and "2.0" as "2"."""
    return number.replace(",", "").removesuffix(".0")
