"""Our own sentences in other languages: notes and corrections, written beside the English ones.

``translations/<language>/<note>.md`` has the sections of ``notes/<note>.md`` in the same order, a sentence a line;
``patterns.toml`` the sentences of models' fact sheets, which differ in names only. A small model that translates turned
"claims no rights" into "claims the rights" (docs/decisions/languages.md), so the words stand here, and a sentence that
has none is said in English. Licences and other sources are always quoted as they were written.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

from errors import SourceError
from knowledge.documents import Chunk, Dispute

FOLDER = Path(__file__).with_name("translations")
CORRECTIONS, PATTERNS = "corrections.toml", "patterns.toml"
NUMBER = re.compile(r"\d+")
Sections = list[list[str]]


class Translations:
    """English sentences of ours in other languages."""

    def __init__(self, chunks: Iterable[Chunk] = (), disputes: Iterable[Dispute] = (), folder: Path = FOLDER) -> None:
        """chunks: of the index, of which the notes' count. Raises SourceError for a file that cannot be read."""
        english = sections_of(chunks)
        self._said: dict[str, dict[str, str]] = {}
        for path in sorted(folder.glob("*/*.md")):
            known = self._said.setdefault(path.parent.name, {})
            known.update(_paired(english.get(f"note-{path.stem}", []), read(path)))
        corrections = {dispute.id: _plain(dispute.correction) for dispute in disputes}
        for path in sorted(folder.glob(f"*/{CORRECTIONS}")):
            known = self._said.setdefault(path.parent.name, {})
            known.update({corrections[id_]: words for id_, words in _toml(path).items() if id_ in corrections})
        self._patterns = {
            path.parent.name: [(_pattern(one), two) for one, two in _toml(path).items()]
            for path in sorted(folder.glob(f"*/{PATTERNS}"))
        }

    def said(self, sentence: str, language: str) -> str:
        """A sentence in a language ("fr"); the sentence itself where there are no words for it."""
        plain = _plain(sentence)
        if words := self._said.get(language, {}).get(plain):
            return words
        for pattern, words in self._patterns.get(language, ()):
            if match := pattern.fullmatch(plain):
                return words.format(**match.groupdict())
        return sentence


def sections_of(chunks: Iterable[Chunk]) -> dict[str, Sections]:
    """Source id to the sentences of each of its sections, for our notes."""
    ours = sorted((c for c in chunks if c.source.kind == "note"), key=lambda c: (c.source.id, c.start))
    found: dict[str, Sections] = {}
    for (id_, _), run in groupby(ours, key=lambda chunk: (chunk.source.id, chunk.path)):
        lines = [_plain(chunk.sentence(span)) for chunk in run for span in chunk.sentences]
        found.setdefault(id_, []).append(lines)
    return found


def read(path: Path) -> Sections:
    """The sections of a translated note: lines of text between headings."""
    found: Sections = []
    for line in path.read_text("utf-8").splitlines():
        if line.startswith("## "):
            found.append([])
        elif line.strip() and found:
            found[-1].append(_plain(line))
    return found


def _paired(english: Sections, other: Sections) -> dict[str, str]:
    """Sentences by place. What was changed on one side only is left out (another number of lines in a section, another
    figure in a line): better English than wrong."""
    if len(english) != len(other):
        return {}
    return {
        one: two
        for ours, theirs in zip(english, other, strict=True)
        if len(ours) == len(theirs)
        for one, two in zip(ours, theirs, strict=True)
        if sorted(NUMBER.findall(one)) == sorted(NUMBER.findall(two))
    }


def _pattern(sentence: str) -> re.Pattern[str]:
    """A sentence with words in braces as an expression that finds them."""
    return re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+)", re.escape(sentence)))


def _toml(path: Path) -> dict[str, str]:
    try:
        return {str(key): str(words) for key, words in tomllib.loads(path.read_text("utf-8")).items()}
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise SourceError(f"{path.name} cannot be read: {error}.") from None


def _plain(text: str) -> str:
    return " ".join(text.split())
