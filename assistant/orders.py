"""Orders to the assistant that stand in a question: they are left out, and what is asked besides is answered.

Nothing depends on finding them: a model's words are checked against the sources whatever it was told. But the order's
words would be searched for too, and the question beside them be declined.
"""

from __future__ import annotations

import re

SENTENCE = re.compile(r"(?<=[.!?\n])\s+")
ORDER = re.compile(
    r"^\W*(?:(?:system|admin|developer|important|note)\b[\w ]*:\s*)?(?:(?:please|now|and|first|then|also),? )*"
    r"(?:(?:ignore|disregard|forget|override|bypass)\b.{0,40}\b(?:instructions?|rules|prompt|guidelines|corpus|sources"
    r"|above|before|everything)\b"
    r"|(?:from now on|henceforth)\b|you are (?:now|no longer)\b|(?:pretend|act as|role-?play)\b"
    r"|(?:print|reveal|show|repeat|output|display) (?:me )?(?:your|the) (?:\w+ )?(?:prompt|instructions)\b"
    r"|(?:say|answer|reply|respond|output|print) (?:only|just|nothing but|exactly|with the words?)\b"
    r"|(?:ignore[rz]?|oublie[rz]?)\b.{0,40}\b(?:instructions|règles|consignes|sources)\b|désormais\b"
    r"|(?:réponds|répondez|dis|dites) (?:seulement|uniquement|juste)\b)",
    re.IGNORECASE,
)


def is_order(question: str) -> bool:
    """Whether every sentence of it orders the assistant about, and nothing is asked besides."""
    return "?" not in question and all(ORDER.match(part) for part in SENTENCE.split(question))


def without_orders(question: str) -> str:
    """The question without sentences that order the assistant about; as it is where nothing else stands in it."""
    kept = [part for part in SENTENCE.split(question) if not ORDER.match(part)]
    left = " ".join(kept).strip()
    return left if any(char.isalpha() for char in left) else question
