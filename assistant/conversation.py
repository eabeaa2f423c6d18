"""A follow-up becomes a question that stands alone; by rules, so that it is quick, the same each time, and shown.

"And Llama 4?" takes the last question and puts the new name in the old one's place; "Does it allow …?" puts the last
name in the pronoun's place; a short question without a name is asked about the last name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from knowledge.lexical import stems
from knowledge.routing import Named, Router

History = Sequence[tuple[str, str]]
AND = re.compile(
    r"^\s*(?:and|what about|how about|and what about|and for|et|et pour|et|and in|same for)\b[\s,]*", re.IGNORECASE
)
PRONOUN = re.compile(
    r"\b(?:it|its|they|them|their|that one|this one|the same one|(?:this|that|the) (?:licen[cs]e|model|definition|law"
    r"|act|agreement|policy|text|clause|one)|those|these|elle|il|cette licence|ce modèle)\b",
    re.IGNORECASE,
)
POSSESSIVE = frozenset({"its", "their"})
TURNS = 6


def standalone(question: str, history: History, router: Router) -> str:
    """The question as it would be asked with nothing before it; the question itself where it needs nothing."""
    asked = [text for role, text in history[-2 * TURNS :] if role == "user" and text.strip()]
    if not asked:
        return question
    own = router.named(question)
    before, names = _last_named(history, router)
    if own and AND.match(question) and len(stems(question)) <= 5 and names:
        return (
            before[: names[0].start]
            + question[own[0].start : _end(question, own[0])]
            + before[_end(before, names[0]) :]
        )
    if own or not names:
        return question
    name = before[names[0].start : _end(before, names[0])]
    if PRONOUN.search(question):
        return PRONOUN.sub(lambda match: _stands_for(match.group(), name), question, count=1)
    if AND.match(question) or len(stems(question)) <= 3:
        return f"{question.rstrip(' ?')} ({name})?"
    return question


def _last_named(history: History, router: Router) -> tuple[str, list[Named]]:
    """The latest turn of the user that names something, else the latest of the assistant, with its names."""
    for wanted in ("user", "assistant"):
        for role, text in reversed(history[-2 * TURNS :]):
            if role == wanted and (names := router.named(text)):
                return text, names
    return "", []


def _end(text: str, named: Named) -> int:
    """Where a name ends in the text: after as many letters and digits as it has."""
    left = len(named.name.replace(" ", ""))
    for place in range(named.start, len(text)):
        left -= text[place].isalnum() or text[place] == "." and "." in named.name
        if left <= 0:
            return place + 1
    return len(text)


def _stands_for(pronoun: str, name: str) -> str:
    return f"{name}'s" if pronoun.lower() in POSSESSIVE else name
