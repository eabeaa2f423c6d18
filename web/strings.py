"""The words of the interface, in English and French, out of ``strings.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

LANGUAGES = ("en", "fr")
Words = Mapping[str, str]


@cache
def _read() -> dict[str, dict[str, str | list[str]]]:
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


def words(language: str) -> Words:
    """The words of a language; English where there are none."""
    found = _read().get(language) or _read()["en"]
    return {name: said for name, said in found.items() if isinstance(said, str)}


def examples(language: str) -> list[str]:
    """Questions that show what the corpus is good at."""
    return list((_read().get(language) or _read()["en"])["examples"])
