"""The words sent to the model: Markdown files with named holes, and their loader.

A file is a series of turns, each under a heading that is a role ("# system", "# user", "# assistant"); ``$name`` is a
hole.
"""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path
from string import Template

FOLDER = Path(__file__).parent
TURN = re.compile(r"^# (system|user|assistant)\s*$", re.MULTILINE)


def turns(name: str, **holes: str) -> list[tuple[str, str]]:
    """The turns of ``name.md`` as (role, words), every hole filled.

    Raises ValueError if a hole is left empty or a value has no hole: both are mistakes in this repository.
    """
    text = (FOLDER / f"{name}.md").read_text("utf-8")
    wanted = set(Template(text).get_identifiers())
    if wanted != set(holes):
        raise ValueError(f"prompts/{name}.md has the holes {sorted(wanted)}, but was given {sorted(holes)}")
    parts = TURN.split(text)[1:]
    return [
        (role, Template(words.strip()).substitute(holes)) for role, words in zip(parts[::2], parts[1::2], strict=True)
    ]


def digest(name: str) -> str:
    """The sha256 of a prompt file, for answers that are to be replayed."""
    return sha256((FOLDER / f"{name}.md").read_bytes()).hexdigest()
