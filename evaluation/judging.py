"""Whether an answer is right, as pure functions of a question and what was observed.

The judge is lexical and shares no code with the assistant's own check, so that it cannot agree with it by construction.
It is a proxy: figures that are published are also read by hand (``--answers FILE`` keeps the words for that).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from assistant.answer import DECLINED, NOT_CONFIRMED
from evaluation.observed import Observed, Piece, Shown
from evaluation.questions import Gold, Question
from knowledge.language import Glossary

TOP = 5
RETOLD = ("note-", "model-", "disputes:")  # our own words, which tell again what a source says
COVER = 0.6  # of a sentence's content words must stand in what it cites
NO = re.compile(
    r"\b(?:no|not|never|none|neither|nor|nobody|nothing|without|cannot|\w+n't|prohibit\w*|forbid\w*|exclu\w*|disqualif\w*|withh\w+"
    r"|wrong|ne|n'\w+|pas|aucun\w*|jamais|ni|sans|interdi\w*|non(?=[\s]*[,.;:!]|$))(?!\w)",
)
NUMBER = re.compile(r"\d+(?:\.\d+)?")
NAME = re.compile(r"(?<![.!?“\"»:]\s)(?<!^)\b[A-Z][\w+-]*[A-Za-z0-9]\b")
WORD = re.compile(r"[^\W\d_]{4,}")
COMMON_WORDS = """
    about above after also and any are been before being between both but can does each from have here into its
    itself made make may more most must only other over said says shall should some such than that the their them
    then there these they this those through under until upon very was were what when where which while whose will
    with within would your yours source sources according dans pour avec cette sont une des les que qui pas sur par
    plus
"""
COMMON = frozenset(COMMON_WORDS.split())


@dataclass(frozen=True)
class Outcome:
    """How one question went; small enough to be kept, and without the words of sources.

    ranks: where gold passages stood, 1 first.
    facts: which key facts the answer says; facts_found: which are in the first passages.
    wanted, got: how many sources a question of several parts needs, and how many were among the first passages.
    pairs, pairs_held: sentence and citation together, and those that hold.
    shown, shown_held, shown_bare: sentences, those whose citations hold them, those not confirmed or citing nothing.
    None: the measure means nothing here.
    """

    id: str
    category: str
    language: str
    answerable: bool
    status: str
    depth: int = 0
    ranks: tuple[int, ...] = ()
    wanted: int = 0
    got: int = 0
    facts: tuple[bool, ...] = ()
    facts_found: tuple[bool, ...] = ()
    pairs: int = 0
    pairs_held: int = 0
    shown: int = 0
    shown_held: int = 0
    shown_bare: int = 0
    verdicts: dict[str, int] = field(default_factory=dict)
    cited_gold: bool | None = None
    conflict: bool | None = None
    language_kept: bool | None = None
    obeyed: bool | None = None
    score: float = 0.0
    timings: dict[str, int] = field(default_factory=dict)
    standalone: str = ""
    opening: str = ""
    cites: tuple[tuple[str, int, int], ...] = ()

    @property
    def declined(self) -> bool:
        return self.status == DECLINED

    @property
    def right(self) -> bool:
        """All key facts said; for a question without an answer, that it was declined."""
        return (bool(self.facts) and all(self.facts) and not self.declined) if self.answerable else self.declined


def judge(question: Question, seen: Observed) -> Outcome:
    """How a question went."""
    answered = seen.status != DECLINED
    shown = seen.sentences if answered else ()
    held = [holds(sentence, sentence.cites) for sentence in shown]
    pairs = [holds(sentence, [piece]) for sentence in shown for piece in sentence.cites]
    ranks = tuple(n for n, piece in enumerate(seen.passages, 1) if question.gold and is_gold(piece, question))
    cites = tuple(dict.fromkeys((p.source, p.start, p.end) for s in shown for p in s.cites))
    wanted = {gold.source for gold in question.gold if not gold.source.startswith(RETOLD)}
    wanted = wanted if question.category == "multi" else set()
    return Outcome(
        id=question.id,
        category=question.category,
        language=question.language,
        answerable=question.answerable,
        status=seen.status,
        depth=len(seen.passages),
        ranks=ranks,
        wanted=len(wanted),
        got=sum(
            any(
                answers(piece, gold, question)
                for gold in question.gold
                if gold.source == source
                for piece in seen.passages[:TOP]
            )
            for source in wanted
        ),
        facts=tuple(says(seen.text, fact) for fact in question.key_facts) if answered or question.key_facts else (),
        facts_found=tuple(says("\n".join(p.text for p in seen.passages[:TOP]), fact) for fact in question.key_facts),
        pairs=len(pairs),
        pairs_held=sum(pairs),
        shown=len(shown),
        shown_held=sum(held),
        shown_bare=sum(sentence.verdict == NOT_CONFIRMED or not sentence.cites for sentence in shown),
        verdicts={v: sum(s.verdict == v for s in shown) for v in sorted({s.verdict for s in shown if s.verdict})},
        cited_gold=_cited_gold(question, shown),
        conflict=_conflict(question, shown),
        language_kept=_language_kept(question, seen),
        obeyed=any(plain(w) in plain(seen.text) for w in question.forbidden) if question.forbidden else None,
        score=round(seen.passages[0].score, 4) if seen.passages else 0.0,
        timings=dict(seen.timings),
        standalone=seen.standalone if question.history else "",
        opening=opening(seen.text or seen.notice),
        cites=cites,
    )


def is_gold(piece: Piece, question: Question) -> bool:
    """Whether a passage answers the question: a gold place, or a note that rests on one and says what is wanted."""
    return any(answers(piece, gold, question) for gold in question.gold)


def answers(piece: Piece, gold: Gold, question: Question) -> bool:
    """Whether a passage is this gold place, directly or as a note that rests on it."""
    if _same(piece.source, gold.source):
        return _inside(piece, gold)
    rests = any(_same(source, gold.source) for source in piece.rests_on)
    if not rests:
        return False
    said = sum(says(piece.text, fact) for fact in question.key_facts)
    return gold.source.startswith("disputes:") or 2 * said >= max(1, len(question.key_facts))


def _same(source: str, wanted: str) -> bool:
    return source.startswith(wanted[:-1]) if wanted.endswith("*") else source == wanted


def _inside(piece: Piece, gold: Gold) -> bool:
    if gold.clause and plain(gold.clause) not in plain(piece.clause):
        return False
    if gold.start is not None and gold.end is not None and not (piece.start < gold.end and gold.start < piece.end):
        return False
    text = plain(f"{piece.clause} {piece.text}")
    return all(plain(mark) in text for mark in gold.marks)


def plain(text: str) -> str:
    """A text for comparing: lower case, straight quotes, hyphens as spaces, 1,000,000 as 1000000, no Markdown stars."""
    text = unicodedata.normalize("NFKC", text).lower().replace("’", "'").replace("‘", "'")
    text = re.sub(r"[*_`]+", "", text)
    text = re.sub(r"(?<=\d)[,' ](?=\d{3}\b)", "", text)
    text = re.sub(r"[\u2010-\u2015-]+", " ", text)
    return re.sub(r"\s+", " ", text).strip()


def says(text: str, fact: str) -> bool:
    """Whether a text says a key fact, in one of its wordings.

    Words match at their beginning, short ones and numbers whole; "no" is any word that denies or forbids.
    """
    words = plain(text)
    return any(
        NO.search(words) is not None if wording == "no" else _stands(plain(wording), words)
        for wording in fact.split("|")
    )


def _stands(wording: str, words: str) -> bool:
    before = r"(?<!\w)" if wording[:1].isalnum() else ""
    after = r"(?!\w)" if len(wording) <= 3 or wording[-1:].isdigit() else ""
    return re.search(before + re.escape(wording) + after, words) is not None


def holds(sentence: Shown, pieces: Sequence[Piece]) -> bool:
    """Whether the pieces, read together, hold a sentence: its numbers, its names, most of its content words.

    Words are not compared across languages, so there only numbers and names count.
    """
    if not pieces:
        return False
    evidence = plain("\n".join(f"{p.source} {p.clause} {p.text}" for p in pieces))
    if sentence.quoted and plain(sentence.text).strip("“”«»\"'. …") in evidence:
        return True
    spelled = plain(sentence.text)
    if not set(NUMBER.findall(spelled)) <= set(NUMBER.findall(evidence)):
        return False
    if not all(plain(name) in evidence for name in NAME.findall(sentence.text)):
        return False
    words = content(spelled)
    if not words or _language(sentence.text) != _language(evidence[:600]):
        return True
    return len(words & content(evidence)) >= COVER * len(words)


def content(text: str) -> set[str]:
    """The content words of a plain text, cut to their first six letters."""
    return {word[:6] for word in WORD.findall(text) if word not in COMMON}


def opening(text: str, most: int = 7) -> str:
    """A few words to know an answer by; short enough that it copies nothing."""
    words = text.split()
    return " ".join(words[:most]) + (" …" if len(words) > most else "")


def _cited_gold(question: Question, shown: Iterable[Shown]) -> bool | None:
    cited = [piece for sentence in shown for piece in sentence.cites]
    return any(is_gold(piece, question) for piece in cited) if question.gold and cited else None


def _conflict(question: Question, shown: Iterable[Shown]) -> bool | None:
    """For a question about a disputed claim: whether the dispute stands beside a citation, or a note on it is cited."""
    wanted = {gold.source for gold in question.gold if gold.source.startswith("disputes:")}
    if question.category != "conflict" or not wanted:
        return None
    return any(p.dispute or wanted & set(p.rests_on) for sentence in shown for p in sentence.cites)


def _language_kept(question: Question, seen: Observed) -> bool | None:
    """Whether the words that are not a source's are in the question's language; None where all words are a source's."""
    own = " ".join([s.text for s in seen.sentences if not s.quoted] or ([seen.notice] if seen.notice else []))
    return _language(own) == question.language if len(own.split()) >= 4 else None


@lru_cache(maxsize=1)
def _glossary() -> Glossary:
    return Glossary.read()


def _language(text: str) -> str:
    return _glossary().language(text)
