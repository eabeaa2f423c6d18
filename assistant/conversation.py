"""A follow-up becomes a question that stands alone; by rules, so that it is quick, the same each time, and shown.

"And Llama 4?" takes the last question and puts the new name in the old one's place; "Does it allow …?" puts the last
name in the pronoun's place; any other question that leans on the last one is asked together with it.
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
MOST_CARRIED = 200


def standalone(question: str, history: History, router: Router) -> str:
    """The question as it would be asked with nothing before it; the question itself where it needs nothing."""
    asked = [text for role, text in history[-2 * TURNS :] if role == "user" and text.strip()]
    if not asked:
        return question
    own = router.named(question)
    before = next((text for text in reversed(asked) if router.named(text)), asked[-1])
    names = router.named(before)
    bare = AND.sub("", question).strip()
    if own:
        is_swap = AND.match(question) and len(stems(question)) <= 5 and names
        return _swapped(before, names[0], question, own[0]) if is_swap else question
    if not _leans(question):
        return question
    if not names and PRONOUN.search(bare):
        before, names = _told(history, router) or (before, names)
    if names and PRONOUN.search(bare):
        name = before[names[0].start : _end(before, names[0])]
        return PRONOUN.sub(lambda match: _stands_for(match.group(), name), _capital(bare), count=1)
    return f"{_first_sentence(before)} {_capital(bare)}"


def _told(history: History, router: Router) -> tuple[str, list[Named]] | None:
    """The assistant's latest turn that names one thing, where the user named none."""
    for role, text in reversed(history[-2 * TURNS :]):
        if role == "assistant" and len(names := router.named(text)) == 1:
            return text, names
    return None


def _leans(question: str) -> bool:
    """Whether a question without a name leans on what was said before."""
    return bool(AND.match(question) or PRONOUN.search(question)) or len(stems(question)) <= 3


def _swapped(before: str, old: Named, question: str, new: Named) -> str:
    """The last question, about the new name."""
    return before[: old.start] + question[new.start : _end(question, new)] + before[_end(before, old) :]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _first_sentence(text: str) -> str:
    """The question that was asked, without a tail that is long."""
    return text if len(text) <= MOST_CARRIED else text[:MOST_CARRIED].rsplit(" ", 1)[0] + " …"


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
