"""A question that asks several things, as questions that ask one: of each thing that it names, each thing that it asks.

"GPLv2 or GPLv3: which one forgives a mistake?" is looked up as "GPLv2: forgives a mistake?" and the same of GPLv3. No
passage need speak of both, and words such as "which one" or "differ" stand in none (docs/decisions/search.md).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant import asked_for, claims
from knowledge.lexical import stems
from knowledge.routing import Router
from knowledge.things import Thing, things, without

MOST = 4
ENOUGH = 3  # stems of what is asked, to be understood without its story
ITEM = re.compile(r"\((?:[a-d]|[1-4])\)")
FRAME = re.compile(
    r"\b(?:which (?:one )?of (?:them|these|those|the two|both)|which (?:one|ones|of)"
    r"|(?:the )?(?:practical |main |real |one )?(?:differences?|thing)|differ(?:s|ent|ence|ences|ently)?"
    r"|compar(?:e|es|ed|ing|ison)(?: (?:with|to))?|contrast(?:ed)?|versus|vs\.?"
    r"|(?:in|of|under) (?:both|each)(?: (?:case|one|of them))?|(?:both|either|neither|each)(?: of them)?|between"
    r"|rather than|unlike|against|(?:the|any) other|alike|the same|respectively|than"
    r"|(?:how )?(?:did|does|do|has|have|is|was|are|were) the (?:stance|rules?|position|terms?) on"
    r"|(?:how )?did \w+ change (?:its|their) mind|(?:how|what)(?: (?:did|does|has|have|is))? changed?|change[ds]?"
    r"|(?:really |(?:that )?(?:has|had) )?(?:new|added|dropped)|more|less|wider|narrower|stricter|laxer|softer|harder"
    r"|lower|higher|two (?:questions|things) (?:on|about)|(?:the )?two)\b",
    re.IGNORECASE,
)
ENDS = r"and|or|of|on|in|under|with|for|to|from|the|a|an|by|is|are|was|were|does|do|did|what|which"
LEADING = re.compile(rf"^(?:(?:{ENDS}|as)\b|\W)+", re.IGNORECASE)
TRAILING = re.compile(rf"(?:\b(?:{ENDS}|that)\b|[^\w)?])+(\?)?$", re.IGNORECASE)


def decomposed(question: str, router: Router) -> tuple[str, ...]:
    """The questions that are asked in one, at most four, each with the thing that it is about; () for a single one.

    question: in English words.
    """
    named, asks, story = things(question, router), asked_for.parts(question), asked_for.story(question)
    if len(named) < 2 and len(asks) < 2:
        return ()
    found = tuple(dict.fromkeys(one for ask in asks for one in _of_each(ask, named, story)))[:MOST]
    return found if len(found) > 1 else ()


def _of_each(ask: str, named: Sequence[Thing], story: str) -> list[str]:
    """What is asked, once of each thing that it names, or of all where it names none."""
    own = [thing for thing in named if thing.is_in(ask)]
    if len(own or named) < 2:
        is_told = own or not named or claims.names(ask)
        return [ask if is_told else f"{named[0].said}: {ask}"]
    core = _core(ask, named)
    if story and len(stems(core)) < ENOUGH:  # "O-UDA or C-UDA?" asks what the story tells
        core = _core(f"{story} {ask}", named)
    return [f"{thing.said}: {core}" for thing in own or named] if stems(core) else []


def _core(ask: str, named: Sequence[Thing]) -> str:
    """What is asked, without the things and without the words that set them against each other."""
    core = " ".join(FRAME.sub(" ", ITEM.sub(" ", without(ask, named))).split())
    return TRAILING.sub(r"\1", LEADING.sub("", core))
