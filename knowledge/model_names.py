"""A model by the name that a person gives it, versions apart: "llama3.1 8b" is Llama 3.1, "Llama 5" is none.

Names are compared as tokens, letters and numbers apart, as the router does ("Llama-3.1" and "llama 3.1" are one).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from knowledge.openness import Model
from knowledge.routing import TOKEN

NEAR = 8
#: What follows a number that is a size ("8B", "270M", "8x7B"), a quantity of context ("128k") or a bit width.
SIZE = re.compile(r"b|m|t|k|x|bit|bits")
#: What follows a name and is neither a version nor a size.
VERSION_WORDS = ("v", "version")


@dataclass(frozen=True)
class Found:
    """The models that bear the name, most often one; where there is none, the names that are nearest to it."""

    models: tuple[Model, ...]
    near: tuple[str, ...] = ()


def find(models: Sequence[Model], asked: str) -> Found:
    """The models that ``asked`` names. A version, a size or a variant may follow a name; another version may not."""
    words = TOKEN.findall(asked.lower())
    best: dict[str, Model] = {}
    longest = 0
    for model in models:
        for name in {model.id, model.name, *model.names}:
            length = _fit(TOKEN.findall(name.lower()), words)
            if length > longest:
                best, longest = {}, length
            if length and length == longest:
                best[model.id] = model
    if not best and words:
        best = {m.id: m for m in models if TOKEN.findall(m.name.lower())[: len(words)] == words}
    return Found(tuple(best.values()), () if best else _near(models, asked))


def _fit(name: Sequence[str], words: Sequence[str]) -> int:
    """How many tokens of ``words`` the name takes; 0 where it does not stand there, or another version does."""
    for start in range(len(words) - len(name) + 1):
        if list(words[start : start + len(name)]) == list(name):
            rest = list(words[start + len(name) :])
            return 0 if _other_version(name, rest) else len(name)
    return 0


def _other_version(name: Sequence[str], rest: Sequence[str]) -> bool:
    """Whether what follows a name says another version: "3" after "Falcon", "v 4" after "DeepSeek", not "8 b"."""
    versioned = any(token[0].isdigit() for token in name)
    if rest[:1] and rest[0] in VERSION_WORDS and not versioned:
        rest = rest[1:]
    return bool(rest) and rest[0][0].isdigit() and not (len(rest) > 1 and SIZE.fullmatch(rest[1]))


def _near(models: Sequence[Model], asked: str) -> tuple[str, ...]:
    """Names of models that share a word with what was asked, else those that are spelled alike."""
    words = {token for token in TOKEN.findall(asked.lower()) if not token[0].isdigit() and len(token) > 2}
    alike = [m.name for m in models if words & {token for name in m.names for token in TOKEN.findall(name.lower())}]
    if alike:
        return tuple(alike[:NEAR])
    spelled = {name.lower(): m.name for m in models for name in (m.name, *m.names)}
    return tuple(dict.fromkeys(spelled[match] for match in get_close_matches(asked.lower(), spelled, NEAR, 0.6)))
