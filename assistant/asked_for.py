"""What a question asks for, apart from what it asks about: "how many tokens", "which court", "what … costs".

A passage about the right thing that says nothing of what is asked for is no answer. The gate weighs these signals
(numbers in docs/decisions/search.md).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.claims import numbers
from knowledge.lexical import stems

NAME = re.compile(r"\b(?:[A-Z][\w.&+-]*|\d[\w.]*)(?:[ -]+[A-Z0-9][\w.&+-]*)*(?:['’]s)?")
OPENING = frozenset(
    "who what which when where why how is are was were does do did can could may must should would will has have had if"
    " under in on at by for with according i we our my a an the your to from".split()
)
HEAD = re.compile(
    r"\b(?:which|what|how (?:many|much)|whose)\s+((?:[a-z-]+\s+){0,3}?[a-z-]+)\s+"
    r"(?:does|do|did|is|are|was|were|can|could|may|must|should|would|will|has|have|had|of|in|for|to|on|by|that)\b",
    re.IGNORECASE,
)
QUANTITY = re.compile(
    r"\b(?:how (?:many|much|long|big|large|old|often|fast|expensive|soon)"
    r"|what (?:number|share|percentage|price|fee|cost|size|amount)"
    r"|prices?|costs?|fees?|count|revenue|salary|budget)\b",
    re.IGNORECASE,
)

KINDS = {
    "amount": QUANTITY,
    "time": re.compile(r"\b(?:when|(?:what|which) (?:date|year|day|month)|(?:since|until) when)\b", re.IGNORECASE),
    "who": re.compile(
        r"\b(?:whom?|whose|which (?:company|firm|organi[sz]ation|person|maker|author|court|country))\b", re.IGNORECASE
    ),
    "where": re.compile(r"\bwhere\b", re.IGNORECASE),
    "why": re.compile(r"\b(?:why|how come|reason)\b", re.IGNORECASE),
    "yes or no": re.compile(
        r"(?:^|[,;:.?!] )\s*(?:(?:and|so|but|then) )?"
        r"(?:is|are|was|were|do|does|did|may|can|could|must|should|would|will|has|have|had|am|any|allowed)\b",
        re.IGNORECASE,
    ),
    "how": re.compile(r"\bhow\b", re.IGNORECASE),
    "what": re.compile(r"\b(?:what|which)\b", re.IGNORECASE),
}


def kind(question: str) -> str:
    """What is asked for: an amount, a time, a person, a place, a reason, yes or no, a way or a thing; "" if unclear."""
    return next((name for name, pattern in KINDS.items() if pattern.search(question)), "")


def relation(question: str) -> str:
    """The question with "it" for each name and number, so that two questions on different things can be alike."""
    return NAME.sub(_it, question)


def _it(match: re.Match[str]) -> str:
    first, _, rest = match.group().partition(" ")
    if match.start() > 0 or first.lower() not in OPENING:
        return "it"
    return f"{first} it" if rest else first


def head(question: str) -> frozenset[str]:
    """The stems of the thing that is asked for by name: "parameter" of "How many parameters does …"; often none."""
    found = HEAD.search(question)
    return frozenset(stems(found.group(1))) if found else frozenset()


def asks_amount(question: str) -> bool:
    """Whether a number would be the answer."""
    return bool(QUANTITY.search(question))


def share(wanted: frozenset[str], text: str) -> float:
    """How much of ``wanted`` stands in a text, 0 to 1; 1 where nothing is wanted."""
    return len(wanted & set(stems(text))) / len(wanted) if wanted else 1.0


def has_amount(question: str, texts: Sequence[str]) -> bool:
    """Whether one of the texts has a number, and with it something of what is counted; true if no number is asked."""
    if not asks_amount(question):
        return True
    wanted = head(question)
    return any(numbers(text) and (not wanted or wanted & set(stems(text))) for text in texts)
