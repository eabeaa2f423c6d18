"""Builds a document's normalised text line by line, so that a heading's place is known when it is written.

Normalised: NFC, line ends as \\n, no control, zero-width, tag or direction-override characters (they hide words from
the reader that a model would read), no trailing spaces, at most two blank lines in a row.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from hashlib import sha256

from knowledge.documents import Document, Heading, Source, Support

LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# Zero-width, direction and tag characters, by code point; written as escapes because nobody could see them here.
HIDDEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)
WIDE_SPACES = re.compile("[\xa0\u2000-\u200a\u202f\u205f\u3000]")


def clean(text: str) -> str:
    """Text without what cannot be seen; one space for every kind of space."""
    text = HIDDEN.sub("", LINE_ENDS.sub("\n", text))
    return unicodedata.normalize("NFC", WIDE_SPACES.sub(" ", text))


@dataclass
class Writing:
    """A text that grows. The only mutable value of ingest; ``document`` freezes it."""

    parts: list[str] = field(default_factory=list)
    length: int = 0
    blanks: int = 2  # nothing is written yet, so leading blank lines are already spent
    headings: list[Heading] = field(default_factory=list)
    supports: list[Support] = field(default_factory=list)
    since: int = 0  # where the text begins that the next support covers

    def line(self, text: str, indent: str = "") -> None:
        """One or more lines; a blank one at most twice in a row."""
        for row in clean(text).split("\n"):
            row = (indent + row).expandtabs(4).rstrip()
            if not row:
                self.blank(most=2)
                continue
            self._write(row + "\n")
            self.blanks = 0

    def blank(self, most: int = 1) -> None:
        """A blank line, unless ``most`` of them stand here already."""
        if self.blanks < most:
            self._write("\n")
            self.blanks += 1

    def heading(self, level: int, title: str) -> None:
        """A heading on a line of its own, with its place recorded."""
        title = " ".join(clean(title).split())
        if not title:
            return
        self.blank()
        start = self.length
        self.line(title)
        self.headings.append(Heading(start, start + len(title), level, title))
        self.blank()
        self.since = self.length

    def support(self, sources: tuple[str, ...]) -> None:
        """Says what the text since the last heading or support rests on."""
        text = "".join(self.parts)[self.since :]
        start = self.since + len(text) - len(text.lstrip())
        end = self.since + len(text.rstrip())
        if sources and end > start:
            self.supports.append(Support(start, end, sources))
        self.since = self.length

    def document(self, source: Source) -> Document:
        """The frozen document. Its text ends in one line end; it is empty when nothing was written."""
        text = "".join(self.parts).rstrip()
        text = text + "\n" if text else ""
        digest = sha256(text.encode()).hexdigest()
        return Document(source, text, digest, tuple(self.headings), tuple(self.supports))

    def _write(self, text: str) -> None:
        self.parts.append(text)
        self.length += len(text)
