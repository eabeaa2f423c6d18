"""What a sentence claims, in parts that can be looked up in another sentence: numbers, names, negation, duty, words."""

from __future__ import annotations

import re
from dataclasses import dataclass

from knowledge.lexical import STOP, stem, words

NUMBER_WORDS = {
    "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
    "ten": "10", "eleven": "11", "twelve": "12", "thirty": "30", "sixty": "60", "ninety": "90", "hundred": "100",
    "first": "1", "second": "2", "third": "3", "fourth": "4",
}  # fmt: skip
NUMBER = re.compile(r"(?<![\w.])v?\d+(?:[.,]\d+)*")
NAME = re.compile(r"\b[A-Z][\w&+-]*(?:\.\d+)*")
NEGATION = re.compile(
    r"\b(?:not|no|never|nor|neither|none|nothing|nobody|cannot|without|n't|forbid\w*|forbade|prohibit\w*|exclud\w*"
    r"|ban(?:s|ned)?|fail\w*|refus\w*|withh\w+|lack\w*|denied|deny|outside|exempt\w*|except\w*|unless"
    r"|disqualif\w*|wrong|false|invented|unable)\b|n['’]t\b",
    re.IGNORECASE,
)
DUTY = re.compile(
    r"\b(?:must|shall|required?s?|requires|requirement|oblig\w*|need(?:s|ed)? to|ha(?:s|ve) to|duty|duties|mandatory"
    r"|agree\w*|condition\w*)\b",
    re.IGNORECASE,
)
LEAVE = re.compile(
    r"\b(?:may|can|could|allow\w*|(?<!\ba )permit\w*|grant\w*|free to|freely|right to|licen[sc]ed|optional\w*"
    r"|without restriction)\b",
    re.IGNORECASE,
)
HEDGE = re.compile(
    r"\b(?:probably|likely|might|reportedly|allegedly|perhaps|seems?|apparently|disputed"
    r"|by (?:some|most) accounts|unconfirmed)\b",
    re.IGNORECASE,
)
EXCEPTION = re.compile(
    r"\b(?:unless|except(?: (?:for|that|if|when|where))?|other than|with the exception of)\b", re.IGNORECASE
)
LIMIT = re.compile(
    r"\b(?:specifically|necessarily|automatically|reasonabl[ey]|prudent(?:ly)?|best efforts?|endeavou?rs?"
    r"|tr(?:y|ies) to|intends? to|aims? to|encourage[sd]?|should)\b",
    re.IGNORECASE,
)
CONDITION = re.compile(
    r"(?:\b(?:if|when|whenever|once|in case|provided that|as long as)|(?:^|[,;:] )where)\b([^,;:]*)", re.IGNORECASE
)
LEAST_CONDITION = 3  # words
CONTRAST = re.compile(r"\b(?:while|whereas|but|unlike|instead of)\b|;", re.IGNORECASE)
POINTER = re.compile(
    r"^(?:it|they|this|these|that)\b|\b(?:this|that|these) (?:licen[cs]es?|agreement|policy|definition|terms|model)\b",
    re.IGNORECASE,
)
NUMERAL = re.compile(r"\b(?:class|annex|section|part|title|chapter|level|phase|type|group|book)\W+$", re.IGNORECASE)
COMMON_CAPITALS = frozenset("yes no the a an it in on if for to and but or this that these those all any".split())


@dataclass(frozen=True)
class Claim:
    """The parts of a sentence. content: stems that say something; stems of its numbers and names included; exception:
    those of what it excepts ("unless …"), None if it excepts nothing; limits: words that say that a thing is not wholly
    so ("not specifically", "reasonable"); conditions: the stems of each ("if …")."""

    text: str
    numbers: frozenset[str]
    names: frozenset[str]
    content: frozenset[str]
    negative: bool
    duty: bool
    leave: bool
    hedged: bool
    exception: frozenset[str] | None = None
    limits: frozenset[str] = frozenset()
    conditions: tuple[frozenset[str], ...] = ()


def claim(text: str) -> Claim:
    """The parts of one sentence. A leading Yes or No is the answer's tone, not a claim, and is left out."""
    bare = re.sub(r"^\s*(?:yes|no)\s*[,.:;!–—-]\s*", "", text, flags=re.IGNORECASE)
    return Claim(
        text=bare,
        numbers=numbers(bare),
        names=names(bare),
        content=_content(bare),
        negative=bool(NEGATION.search(bare)),
        duty=bool(DUTY.search(bare)),
        leave=bool(LEAVE.search(bare)),
        hedged=bool(HEDGE.search(bare)),
        exception=_content(bare[cut.end() :]) if (cut := EXCEPTION.search(bare)) else None,
        limits=frozenset(stem(found.split()[0].lower()) for found in LIMIT.findall(bare)),
        conditions=tuple(_content(found) for found in CONDITION.findall(bare)),
    )


def is_told_as_fact(condition: frozenset[str], content: frozenset[str]) -> bool:
    """Whether a sentence, of this content and without a condition, says at least half of what is one elsewhere."""
    return len(condition) >= LEAST_CONDITION and len(condition & content) >= 0.5 * len(condition)


def is_of_the_other(asked: Claim, told: str) -> bool:
    """Whether a sentence says of one thing what a source says of another that it sets against it ("A does, while B …"):
    a name or number of the sentence stands only beside what the sentence does not say."""
    sides = [claim(side) for side in CONTRAST.split(told) if len(side.split()) > 2]
    if len(sides) < 2 or CONTRAST.search(asked.text):
        return False
    marks = asked.names | asked.numbers
    best = max(sides, key=lambda side: len((side.content & asked.content) - marks))
    others = frozenset().union(*(side.names | side.numbers for side in sides if side is not best))
    return any(mark in others - best.numbers and mark not in best.text.lower() for mark in marks)


def points_elsewhere(text: str, told: str) -> bool:
    """Whether a sentence speaks of "it" or "this licence", and its source does not."""
    return bool(POINTER.search(text)) and not POINTER.search(told)


def _content(text: str) -> frozenset[str]:
    return frozenset(stem(word) for word in words(text) if word not in STOP and len(word) > 1)


def numbers(text: str) -> frozenset[str]:
    """The numbers of a text as digits: "700 million" gives "700", "twelve" gives "12", "1,000" gives "1000"."""
    digits = {re.sub(r"[,v]", "", match) for match in NUMBER.findall(text)}
    return frozenset(digits | {NUMBER_WORDS[word] for word in words(text) if word in NUMBER_WORDS})


def names(text: str) -> frozenset[str]:
    """The proper names of a text, in lower case: words with a capital that do not only begin a sentence.

    A word that begins a sentence may be a name as well: only the other texts can tell (``Checker``).
    """
    found = set()
    for match in NAME.finditer(text):
        word = match.group()
        begins = not text[: match.start()].strip() or text[: match.start()].rstrip()[-1] in '.!?:“"('
        if word == "I" and not NUMERAL.search(text[: match.start()]):
            continue  # somebody speaks; "Class I" is a name
        if word.lower() in COMMON_CAPITALS or (begins and word[1:].islower() and not word[-1].isdigit()):
            continue
        found.add(word.lower())
    return frozenset(found)
