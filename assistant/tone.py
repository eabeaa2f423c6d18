"""Whether a "Yes." or "No." in front of a sentence is borne out by what follows it.

Small models like to begin with Yes. A tone is kept only where the sentence speaks of what was asked (it has most of the
question's words, the rare ones counting most) and says so in the same direction.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.claims import NEGATION
from knowledge.lexical import Lexicon

TONE = re.compile(r"^\s*(yes|no)\s*[,.:;!–—-]\s*(?=\S)", re.IGNORECASE)
LIMITS = re.compile(r"\b(?:only|limited|restrict\w*|instead|rather than|must|condition\w*|differ\w*)\b", re.IGNORECASE)
LEAST_COVER = {"yes": 0.9, "no": 0.6}  # a "no" has to deny something besides


def borne_out(sentence: str, question: str, context: Sequence[str], lexicon: Lexicon) -> str:
    """The sentence, without its Yes or No where that does not follow. context: titles and clauses of what it cites."""
    match = TONE.match(sentence)
    if match is None:
        return sentence
    tone, rest = match.group(1).lower(), sentence[match.end() :]
    spoken_of = lexicon.coverage(question, [rest, *context]) >= LEAST_COVER[tone]
    if spoken_of and _same_direction(tone == "yes", rest, question):
        return sentence
    return rest[:1].upper() + rest[1:]


def _same_direction(yes: bool, rest: str, question: str) -> bool:
    denies = bool(NEGATION.search(rest))
    if yes:
        return not denies or bool(NEGATION.search(question))
    return denies or bool(LIMITS.search(rest))
