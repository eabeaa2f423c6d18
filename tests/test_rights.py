"""The repository holds no text that others wrote: nowhere eight words in a row from a source.

Runs where the folder of source texts is; figures, names and titles of works are facts and may stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from knowledge import catalogue

ROOT = Path(__file__).resolve().parents[1]
CORPUS = ROOT.parent / "shared" / "corpus"
ROW = 8
#: Ours to begin with: facts in own words, written for this project.
OURS = {"models-facts.md"}
CHECKED = ("knowledge", "prompts", "evaluation", "docs")
KINDS = {".toml", ".md", ".jsonl", ".txt"}
#: Titles of works, which may be cited as they are.
TITLES = tuple(source.title for source in catalogue.sources().values())
ADDRESS = re.compile(r"https?://\S+|[\w.-]+\.(?:com|org|net|eu|io|ai)/\S+")
WORD = re.compile(r"[^\W_]+")


def words(text: str) -> list[str]:
    """Lower-case words without addresses; titles of works become one word."""
    text = ADDRESS.sub(" ", text)
    for number, title in enumerate(TITLES):
        text = re.sub(re.escape(title), f" title{number} ", text, flags=re.IGNORECASE)
    return WORD.findall(text.lower())


def rows(text: str) -> Iterator[tuple[str, ...]]:
    found = words(text)
    return (tuple(found[i : i + ROW]) for i in range(len(found) - ROW + 1))


def repository_files() -> list[Path]:
    files = [path for folder in CHECKED for path in (ROOT / folder).rglob("*") if path.suffix in KINDS]
    return sorted([*files, *ROOT.glob("*.md")])


@pytest.fixture(scope="module")
def theirs() -> dict[tuple[str, ...], str]:
    """Each row of words in a source text → the file where it stands."""
    if not CORPUS.is_dir():
        pytest.skip("the folder of source texts is not here")
    files = [path for path in sorted(CORPUS.iterdir()) if path.suffix in {".md", ".txt"} and path.name not in OURS]
    return {row: path.name for path in files for row in rows(path.read_text(encoding="utf-8"))}


def copied(text: str, theirs: dict[tuple[str, ...], str]) -> list[str]:
    return [f"{theirs[row]}: {' '.join(row)}" for row in rows(text) if row in theirs]


@pytest.mark.parametrize("path", repository_files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_text_of_others(path: Path, theirs: dict[tuple[str, ...], str]) -> None:
    assert copied(path.read_text(encoding="utf-8"), theirs) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("one two three four five six seven eight", True),
        ("One, two: three\nfour five (six) seven - eight!", True),  # case, marks and lines do not hide it
        ("one two three four five six seven", False),  # seven words
        ("one two three four https://example.org/x five six seven eight", True),  # nor does an address
    ],
)
def test_the_measure_itself(text: str, found: bool) -> None:
    theirs = dict.fromkeys(rows("Zero one two three four five six seven eight nine"), "a.md")
    assert bool(copied(text, theirs)) is found
