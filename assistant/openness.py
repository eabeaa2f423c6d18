"""python -m assistant openness MODEL [--json]: the definition's elements against what is published of a model.

The table is made from knowledge/models.toml and is the one on the page. It needs no index and no language model.
"""

from __future__ import annotations

import argparse
import json
import shutil
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from errors import SettingsError
from knowledge.catalogue import models
from knowledge.model_names import Found, find
from knowledge.openness import Model, OpennessRow, openness
from knowledge.references import Reference, resolved, resolver

HEADS = ("Element", "The definition asks", "Published", "Verdict", "Sources")
ELEMENT, VERDICT, SOURCES = 11, 7, 12  # characters of the narrow columns; the two wide ones share the rest of the line
NARROWEST, WIDEST = 80, 140


def main(arguments: Sequence[str], settings: Any) -> int:
    """Prints one table for each model of that name; the caller prints a UserError."""
    parser = argparse.ArgumentParser(prog="python -m assistant openness", description="How open a model is.")
    parser.add_argument("model", nargs="*", help="a model by the name that people use: OLMo, Llama 3.1, falcon")
    parser.add_argument("--json", action="store_true", help="print one line of JSON a model")
    options = parser.parse_args(arguments)
    known = resolver()
    for model in _found(" ".join(options.model)).models:
        print(json.dumps(as_json(model, known), ensure_ascii=False) if options.json else as_text(model, known))
    return 0


def _found(asked: str) -> Found:
    """Raises SettingsError with near names for a model that is not in models.toml."""
    every = models()
    if not asked.strip():
        raise SettingsError(
            f"Which model? There are {len(every)}: {', '.join(model.name for model in every)}.",
            mend="python -m assistant openness OLMo",
        )
    found = find(every, asked)
    if not found.models:
        near = f" Near it are: {', '.join(found.near)}." if found.near else ""
        raise SettingsError(
            f"There are no facts on a model {asked!r}.{near}",
            mend=f'python -m assistant openness "{found.near[0] if found.near else "OLMo"}"',
        )
    return found


def as_json(model: Model, known: Mapping[str, Reference]) -> dict[str, Any]:
    """The table with its references resolved, ready for ``json.dumps``."""
    return {
        "model": model.name,
        "id": model.id,
        "developer": model.developer,
        "released": model.released,
        "licence": model.licence_name,
        "osi_approved": model.osi_licence,
        "osi_result": model.osaid or None,
        "summary": " ".join(model.summary.split()),
        "elements": [
            {
                "element": row.element,
                "asks": row.asks,
                "published": row.published,
                "verdict": row.verdict,
                "citations": [vars(resolved(reference, known)) for reference in row.references],
            }
            for row in openness(model)
        ],
    }


def as_text(model: Model, known: Mapping[str, Reference], width: int = 0) -> str:
    """The table in lines of ``width`` characters (the terminal's), with numbered sources under it."""
    width = min(WIDEST, max(NARROWEST, width or shutil.get_terminal_size().columns))
    rows = openness(model)
    numbers = {r: n for n, r in enumerate(dict.fromkeys(r for row in rows for r in row.references), 1)}
    parts = [
        f"{model.name} ({model.developer}, {model.released}; {model.licence_name})",
        textwrap.fill(" ".join(model.summary.split()), width),
        "\n".join(_table((HEADS, *(_cells(row, numbers) for row in rows)), width)),
        "\n".join(_note(number, resolved(reference, known)) for reference, number in numbers.items()),
    ]
    return "\n\n".join(parts) + "\n"


def _cells(row: OpennessRow, numbers: Mapping[str, int]) -> tuple[str, ...]:
    marks = "".join(f"[{numbers[reference]}]" for reference in row.references)
    return row.element, row.asks, row.published, row.verdict, marks


def _table(rows: Iterable[Sequence[str]], width: int) -> Iterable[str]:
    """Lines of columns, each cell wrapped in its own; a rule under each row."""
    room = width - ELEMENT - VERDICT - SOURCES - 2 * (len(HEADS) - 1)
    widths = (ELEMENT, room * 4 // 9, room - room * 4 // 9, VERDICT, SOURCES)
    for row in rows:
        wrapped = [textwrap.wrap(cell, column) for cell, column in zip(row, widths, strict=True)]
        for line in zip_longest(*wrapped, fillvalue=""):
            yield "  ".join(f"{piece:{column}}" for piece, column in zip(line, widths, strict=True)).rstrip()
        yield "  ".join("-" * column for column in widths)


def _note(number: int, reference: Reference) -> str:
    title = "" if reference.title == reference.url else reference.title
    return f"[{number}] " + ", ".join(part for part in (title, reference.url) if part)
