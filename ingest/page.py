"""HTML to plain text: the page's main part, headings and lists kept, what is hidden from a reader left out.

BeautifulSoup over Python's own parser rather than an extractor of "main content": its guesses change from version to
version, and with them the offsets that citations point at (trafilatura 2 also fails to import beside lxml 6).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from bs4 import BeautifulSoup, Tag
from bs4.element import Comment, Doctype, NavigableString, ProcessingInstruction

from errors import SourceError
from ingest.writing import Writing

LEFT_OUT = [
    "script", "style", "noscript", "template", "nav", "header", "footer", "aside", "form", "button", "iframe",
    "svg", "select", "dialog", "head",
]  # fmt: skip
BLOCKS = {
    "p", "div", "section", "article", "main", "body", "blockquote", "pre", "ul", "ol", "li", "dl", "dt", "dd",
    "table", "tr", "figure", "figcaption", "hr", "details", "summary", "address", "html", "[document]",
}  # fmt: skip
UNSEEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d])|opacity\s*:\s*0(?![.\d])", re.I
)
HEADING = re.compile(r"h[1-6]")
DEPTH = 150  # a page nested deeper was made to break readers


def write_page(writing: Writing, data: bytes, name: str) -> None:
    """Writes the words of a page. Raises SourceError for one that is nested beyond reason."""
    soup = BeautifulSoup(data, "html.parser")
    main = soup.find("main") or soup.find("article") or soup.find(role="main") or soup.body or soup
    walk = _Walk(writing, name)
    walk.element(main, 0)
    walk.flush()


@dataclass
class _Walk:
    writing: Writing
    name: str
    words: list[str] = field(default_factory=list)  # of the block that is being read
    lists: list[int | None] = field(default_factory=list)
    marker: str = ""

    def element(self, element: Tag, depth: int) -> None:
        if depth > DEPTH:
            raise SourceError(f"{self.name} is a page nested more than {DEPTH} deep.")
        for child in element.children:
            if isinstance(child, Tag):
                self._tag(child, depth)
            elif isinstance(child, NavigableString) and not isinstance(
                child, Comment | Doctype | ProcessingInstruction
            ):
                self.words.append(str(child) if element.name == "pre" else re.sub(r"\s+", " ", child))

    def _tag(self, tag: Tag, depth: int) -> None:
        if tag.name in LEFT_OUT or _unseen(tag):
            return
        if HEADING.fullmatch(tag.name):
            self.flush()
            self.writing.heading(int(tag.name[1]), tag.get_text(" "))
        elif tag.name == "br":
            self.words.append("\n")
        elif tag.name == "tr":
            self.flush()
            cells = [" ".join(cell.get_text(" ").split()) for cell in tag.find_all(["td", "th"])]
            self.writing.line(" | ".join(cells))
        elif tag.name in BLOCKS:
            self._block(tag, depth)
        else:
            self.element(tag, depth + 1)

    def _block(self, tag: Tag, depth: int) -> None:
        self.flush()
        listed = tag.name in ("ul", "ol")
        if listed:
            self.lists.append(None if tag.name == "ul" else _number(tag.get("start"), 1) - 1)
        elif tag.name == "li":
            self.marker = self._next_marker(tag)
        self.element(tag, depth + 1)
        self.flush()
        self.marker = ""
        if listed:
            self.lists.pop()
        if not self.lists:
            self.writing.blank()

    def flush(self) -> None:
        """Writes the words gathered so far as a line of their own."""
        text = "\n".join(row.strip(" ") for row in "".join(self.words).split("\n")).strip()
        self.words = []
        if text:
            self.writing.line(self.marker + text, "  " * max(0, len(self.lists) - 1))
            self.marker = ""

    def _next_marker(self, tag: Tag) -> str:
        last = self.lists[-1] if self.lists else None
        if last is None:
            return "- "
        self.lists[-1] = _number(tag.get("value"), last + 1)
        return f"{self.lists[-1]}. "


def _unseen(tag: Tag) -> bool:
    return tag.has_attr("hidden") or tag.get("aria-hidden") == "true" or bool(UNSEEN.search(str(tag.get("style", ""))))


def _number(value: object, otherwise: int) -> int:
    return int(str(value)) if value is not None and str(value).isdigit() and len(str(value)) < 7 else otherwise
