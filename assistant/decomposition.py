"""A question that asks several things, as questions that ask one: of each thing that it names, each thing that it asks.

"GPLv2 or GPLv3: which one forgives a mistake?" is looked up as "GPLv2: forgives a mistake?" and the same of GPLv3. No
passage need speak of both, and words such as "which one" or "differ" stand in none (docs/decisions/decomposition.md).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain, zip_longest

from assistant import asked_for, claims
from assistant.conversation import PRONOUN
from knowledge.lexical import stems
from knowledge.routing import Router
from knowledge.things import Thing, things, without

MOST = 4
ENOUGH = 3  # stems of what is asked, to be understood without its story
ITEM = re.compile(r"\((?:[a-d]|[1-4])\)")
#: What asks of two things together, or denies it of both, is not asked of each.
TOGETHER = re.compile(
    r"\b(?:compatib\w*|incompatib\w*|combin\w+|mix(?:ed|ing)?|together|relicens\w*|link(?:ed|ing)?|neither|nor)\b",
    re.IGNORECASE,
)
FRAME = re.compile(
    r"\b(?:which (?:one )?of (?:them|these|those|the two|both)|which (?:one|ones|of)"
    r"|(?:the )?(?:practical |main |real |one )?(?:differences?|thing)|differ(?:s|ent|ence|ences|ently)?"
    r"|compar(?:e|es|ed|ing|ison)(?: (?:with|to))?|contrast(?:ed)?|versus|vs\.?"
    r"|(?:in|of|under) (?:both|each)(?: (?:case|one|of them))?|(?:both|either|each)(?: of them)?|between"
    r"|rather(?: than)?|unlike|against|(?:the|any) other|alike|the same|respectively|than"
    r"|(?:how )?(?:did|does|do|has|have|is|was|are|were) the (?:stance|rules?|position|terms?) on"
    r"|(?:how )?did \w+ change (?:its|their) mind|(?:how|what)(?: (?:did|does|has|have|is))? change[ds]?"
    r"|changed?(?= ?\?)|(?:really |(?:that )?(?:has|had) )?(?:new|added|dropped)|more|less|wider|narrower|stricter"
    r"|laxer|softer|harder|lower|higher|two (?:questions|things) (?:on|about)|(?:the )?two)\b",
    re.IGNORECASE,
)
ENDS = frozenset(
    "and or of on in under with for to from the a an by is are was were does do did what which as that".split()
)


def decomposed(question: str, router: Router) -> tuple[str, ...]:
    """The questions that are asked in one, at most four, each with the thing that it is about; () for a single one.

    question: in English words.
    """
    named, asks, story = things(question, router), asked_for.parts(question), asked_for.story(question)
    leans = not named and any(PRONOUN.search(ask) for ask in asks[1:])  # "… and why does it matter?"
    if leans or len(named) < 2 and len(asks) < 2:
        return ()
    each = [_of_each(ask, named, story) for ask in asks[:MOST]]
    found = dict.fromkeys(one for one in chain.from_iterable(zip_longest(*each)) if one)
    return tuple(found)[:MOST] if len(found) > 1 else ()


def _of_each(ask: str, named: Sequence[Thing], story: str) -> list[str]:
    """What is asked, once of each thing that it names, or of all where it names none."""
    own = [thing for thing in named if thing.is_in(ask)]
    others = [thing for thing in named if thing not in own]
    if len(own or named) < 2:
        leans = others and (PRONOUN.search(ask) or not (own or claims.names(ask)))
        return [f"{others[0].said}: {ask}" if leans else ask]
    if TOGETHER.search(ask):
        return []
    core = _core(ask, named)
    if story and len(stems(core)) < ENOUGH:  # "O-UDA or C-UDA?" asks what the story tells
        core = _core(f"{story} {ask}", named)
    return [f"{thing.said}: {core}" for thing in own or named] if stems(core) else []


def _core(ask: str, named: Sequence[Thing]) -> str:
    """What is asked, without the things and without the words that set them against each other."""
    words = FRAME.sub(" ", ITEM.sub(" ", without(ask, named))).split()
    while words and _is_loose(words[0]):
        del words[0]
    ends = "?" if words and words[-1].endswith("?") else ""
    while words and _is_loose(words[-1]):
        del words[-1]
    return " ".join(words).rstrip(" ,;:.–—-?") + ends


def _is_loose(word: str) -> bool:
    """Whether a word says nothing at the end of a question, or is only a mark."""
    bare = re.sub(r"[^\w)]+$", "", word).lower()
    return not re.search(r"\w", bare) or bare in ENDS
