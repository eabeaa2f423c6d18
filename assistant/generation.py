"""Words from a model: the one protocol that every engine keeps.

An engine gets messages and gives pieces of text. It raises an EngineError (see ``errors``) for whatever a person
can mend, and stops within 0.2 s of ``stop`` being set.
"""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from assistant.answer import Engine

SIGNS = re.compile(r" (?=\d)|[^\S ]|[^\w\s]|[\d_]")


@dataclass(frozen=True)
class Message:
    """One turn for a model. role: "system", "user" or "assistant"."""

    role: str
    content: str


@dataclass(frozen=True)
class Request:
    """What a model is asked.

    grammar: a GBNF grammar the words must follow, or ""; engines that know none ignore it.
    max_tokens: the most that is written; an answer that reaches it ends with ``finish="length"``.
    """

    messages: Sequence[Message]
    max_tokens: int = 200
    temperature: float = 0.0
    seed: int = 7
    stop: Sequence[str] = field(default_factory=tuple)
    grammar: str = ""


@dataclass(frozen=True)
class Piece:
    """A piece of the stream. finish: "" while it goes on, then "stop", "length" or "cancelled".

    note: what the reader should see while no words come ("loading NAME"); such a piece has no text.
    """

    text: str
    finish: str = ""
    prompt_tokens: int = 0
    tokens: int = 0
    note: str = ""


class Generator(Protocol):
    """An engine with a model."""

    @property
    def engine(self) -> Engine:
        """Who answers."""

    @property
    def window(self) -> int:
        """How many tokens prompt and answer may have together."""

    def count(self, text: str) -> int:
        """How many tokens a text has, or a careful estimate."""

    def stream(self, request: Request, stop: threading.Event) -> Iterator[Piece]:
        """The words as they come; the last piece has ``finish`` set."""

    def preload(self) -> None:
        """Make the model ready, so that the first question does not wait for it."""

    def close(self) -> None:
        """Give its memory back."""


def careful_count(text: str) -> int:
    """Tokens, rather too many than too few: letters by three bytes, signs, digits and spaces before them singly."""
    letters, signs = SIGNS.subn("", text)
    return math.ceil(len(letters.encode()) / 3) + signs
