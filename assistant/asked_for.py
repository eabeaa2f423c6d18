"""What a question asks for, apart from what it asks about: "how many tokens", "which court", "what … costs".

A passage about the right thing that says nothing of what is asked for is no answer. The gate weighs these signals
(numbers in docs/decisions/declining.md).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.claims import numbers
from knowledge.lexical import stems

NAME = re.compile(r"\b(?!I\b)(?:[A-Z][\w.&+-]*|\d[\w.]*)(?:[ -]+(?!I\b)[A-Z0-9][\w.&+-]*)*(?:['’]s)?")
OPENING = frozenset(
    "who what which when where why how is are was were does do did can could may must should would will has have had if"
    " under in on at by for with according we our my a an the your to from"
    " qui que quoi quand où comment pourquoi combien quel quelle quels quelles est puis dois peut doit faut sous dans"
    " en à de selon le la les un une mon notre nous".split()
)
HEAD = re.compile(
    r"\b(?:which|what|how (?:many|much)|whose)\s+((?:[a-z-]+\s+){0,3}?[a-z-]+)\s+"
    r"(?:does|do|did|is|are|was|were|can|could|may|must|should|would|will|has|have|had|of|in|for|to|on|by|that)\b",
    re.IGNORECASE,
)
QUANTITY = re.compile(
    r"\b(?:how (?:many|much|long|short|big|small|large|little|few|high|low|old|often|fast|expensive|soon)"
    r"|(?:what|which) (?:number|share|percentage|price|fee|cost|size|amount|sum|fine)"
    r"|(?:prices?|costs?|fees?|revenue|turnover|salary|salaries|budget|headcount) (?:of|for|is|are|does|did|at)"
    r"|(?:what|how) (?:does|do|did|would|will) .{2,60} (?:cost|charge|earn|pay)"
    r"|(?:monthly|yearly|annual) (?:price|fee|cost|rate))\b"
    r"|\b(?:prices?|costs?|fees?|revenue|headcount) ?\?",
    re.IGNORECASE,
)

OPENS_YES_OR_NO = r"(?:is|are|was|were|do|does|did|may|can|could|must|should|would|will|has|have|had|am|any|allowed)\b"
FRENCH_INVERSION = r"(?:est-ce|puis-je|dois-je|peut-on|doit-on|faut-il|ai-je|a-t-on)\b"
KINDS = (
    ("yes or no", re.compile(rf"^\W*(?:(?:and|so|but|then) )?{OPENS_YES_OR_NO}", re.IGNORECASE)),
    ("amount", re.compile(QUANTITY.pattern + r"|\bcombien\b", re.IGNORECASE)),
    (
        "time",
        re.compile(
            r"\b(?:since|until|by|from) when\b"
            r"|\bwhen (?:exactly|do|does|did|is|are|was|were|will|would|can|may|must|should|has|have)\b"
            r"|\b(?:what|which) (?:date|year|day|month)\b"
            r"|(?:^\W*|[,;:.?!] |\bdepuis )quand\b|\bquand (?:est-ce|a-t|ont|sera|doit|peut)\b"
            r"|\bquelles? (?:date|année)s?\b|\bquel (?:mois|jour|an)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "who",
        re.compile(
            r"\b(?:whom?|whose|which (?:company|firm|organi[sz]ation|person|maker|author|court|country)|qui)\b",
            re.IGNORECASE,
        ),
    ),
    ("where", re.compile(r"\b(?:where|où)\b", re.IGNORECASE)),
    ("why", re.compile(r"\b(?:why|how come|reason|pourquoi)\b", re.IGNORECASE)),
    ("yes or no", re.compile(rf"[,;:.?!] (?:(?:and|so|but|then) )?{OPENS_YES_OR_NO}", re.IGNORECASE)),
    ("how", re.compile(r"\b(?:how|comment)\b", re.IGNORECASE)),
    ("what", re.compile(r"\b(?:what|which|quel(?:le)?s?|quoi|lesquel(?:le)?s)\b|^\W*qu(?:e\b|['’])", re.IGNORECASE)),
    (
        "yes or no",
        re.compile(rf"\b{FRENCH_INVERSION}|\w-(?:t-)?(?:il|elle|ils|elles|nous|vous)\b", re.IGNORECASE),
    ),
)
SENTENCE = re.compile(r"(?<=[.?!])\s+")
ASKING = r"who|what|which|whose|when|where|why|how|qui|quel(?:le)?|quand|où|comment|pourquoi|combien"
ASKS = re.compile(rf"\?|^\W*(?:{OPENS_YES_OR_NO}|(?:{ASKING}|que)\b)", re.IGNORECASE)
AND = re.compile(
    r"(?:(?<=[?])\s+|,?\s+(?:and|or|but|et|ou|mais)\s+)(?:(?:and|but|so|et|mais)\s+)?"
    r"(?=(?:(?:by|before|in|under|for|to|at|of|with|from) (?:what|which|whom|whose|how)"
    r"|is|are|was|were|do|does|did|may|can|could|must|should|would|will"
    rf"|{ASKING}|puis-je|dois-je|peut-on|faut-il)\b)",
    re.IGNORECASE,
)
TASK = re.compile(
    r"^\W*(?:(?:please|hey|hello|hi|ok|okay|now),? )*(?:(?:can|could|would|will) you (?:please )?"
    r"|help me (?:to )?|i (?:want|need|would like) you to )?"
    r"(?:write|compose|draw|paint|sing|translate|calculate|compute|solve|prove|generate|debug|cook|invent|roast|rewrite"
    r"|(?:draft|book|order|buy|play|code|program|create|design|plan|remind|call|send|convert)"
    r" (?:an?|the|me|my|us|our|this)"
    r"|écri(?:s|vez)|rédige[rz]?|tradui(?:s|sez)|réserve[rz]?|dessine[rz]?|calcule[rz]?|invente[rz]?)\b",
    re.IGNORECASE,
)


def is_task(question: str) -> bool:
    """Whether something is to be made or done ("Write a poem"), rather than told."""
    return bool(TASK.search(question))


def asking(question: str) -> str:
    """The sentences that ask, without those that only tell a story: its towns and numbers need not be found."""
    sentences = [sentence for sentence in SENTENCE.split(question) if ASKS.search(sentence)]
    return " ".join(sentences) or question


def story(question: str) -> str:
    """The sentences that only tell a story; nothing where ``asking`` is the whole question."""
    return " ".join(sentence for sentence in SENTENCE.split(question) if sentence not in asking(question))


def parts(question: str) -> tuple[str, ...]:
    """The questions that are asked in one: "May I sell it, and whose law applies?" is two."""
    return tuple(part for part in AND.split(asking(question)) if len(part.split()) > 2) or (question,)


def kind(question: str) -> str:
    """What is asked for: an amount, a time, a person, a place, a reason, yes or no, a way or a thing; "" if unclear."""
    return next((name for name, pattern in KINDS if pattern.search(question)), "")


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
