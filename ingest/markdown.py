"""Markdown to plain text: marks are taken off, structure stays as lines; headings are recorded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from markdown_it import MarkdownIt
from markdown_it.token import Token

from ingest.writing import Writing

SUPPORT = re.compile(r"^[ \t]*Sources?:[ \t]*(.+)$", re.MULTILINE)
MARK = "\ue000"  # stands before a note's list of sources while Markdown is read; private use, so no text needs it
BOLD_HEADING = 6  # a short paragraph that is bold as a whole heads what follows, below every real heading
BOLD_CHARS = 100
TAG = re.compile(r"<[^>]*>")


def write_markdown(writing: Writing, text: str, *, supports: bool = False) -> None:
    """Writes Markdown as plain text. supports: "Sources: a, b" lines become the note's supports, not text."""
    text = text.replace(MARK, "")
    if supports:
        text = SUPPORT.sub(lambda line: f"\n{MARK}{line[1]}\n", text)
    _Blocks(writing).write(MarkdownIt("commonmark").enable("table").parse(text))


@dataclass
class _Blocks:
    writing: Writing
    lists: list[int | None] = field(default_factory=list)  # None for bullets, else the last number
    marker: str = ""  # waits for the first line of its item
    row: list[str] | None = None

    def write(self, tokens: list[Token]) -> None:
        for position, token in enumerate(tokens):
            match token.type:
                case "heading_open":
                    self.writing.heading(int(token.tag[1]), _plain(tokens[position + 1]))
                case "inline" if tokens[position - 1].type != "heading_open":
                    self._inline(token)
                case "bullet_list_open":
                    self.lists.append(None)
                case "ordered_list_open":
                    self.lists.append(int(token.attrGet("start") or 1) - 1)
                case "bullet_list_close" | "ordered_list_close":
                    self.lists.pop()
                    self._gap()
                case "list_item_open":
                    self.marker = self._marker(token)
                case "paragraph_close" | "table_close":
                    self._gap()
                case "tr_open":
                    self.row = []
                case "tr_close":
                    self.writing.line(" | ".join(self.row or []))
                    self.row = None
                case "code_block" | "fence":
                    self._lines(token.content.rstrip("\n"))
                    self._gap()
                case "html_block":
                    self._lines("\n".join(line for line in _untagged(token.content).split("\n") if line.strip()))
                    self._gap()

    def _inline(self, token: Token) -> None:
        text = _plain(token)
        if self.row is not None:
            self.row.append(" ".join(text.split()))
        elif text.startswith(MARK):
            self.writing.support(tuple(name.strip() for name in text[1:].split(",") if name.strip()))
        elif not self.lists and _is_bold(token):
            self.writing.heading(BOLD_HEADING, text)
        else:
            self._lines(text)

    def _lines(self, text: str) -> None:
        """Text at the depth of its list, after the marker of its item if it is the first of it."""
        indent = "  " * max(0, len(self.lists) - 1)
        for row in text.split("\n"):
            self.writing.line(self.marker + row, indent)
            self.marker = ""

    def _gap(self) -> None:
        """A blank line after a block, but not between the items of a list."""
        if not self.lists:
            self.writing.blank()

    def _marker(self, token: Token) -> str:
        """ "- " or "3. ": the number that stands in the source, where the numbers count up; extracts skip some."""
        last = self.lists[-1]
        if last is None:
            return "- "
        written = int(token.info) if token.info.isdigit() else last + 1
        self.lists[-1] = written if written > last else last + 1
        return f"{self.lists[-1]}{token.markup} "


def _plain(token: Token) -> str:
    return "".join(_words(token)).strip()


def _words(token: Token) -> Iterator[str]:
    """An inline token's words: a link is its words, an image its description, a soft line break a space."""
    for child in token.children or []:
        match child.type:
            case "text" | "code_inline":
                yield child.content
            case "softbreak":
                yield " "
            case "hardbreak":
                yield "\n"
            case "image":
                yield child.content
            case "html_inline" if child.content.lower().startswith("<br"):
                yield "\n"


def _is_bold(token: Token) -> bool:
    """Whether a paragraph is bold from end to end and short, so that it heads what follows."""
    depth, bare = 0, False
    for child in token.children or []:
        if child.type in ("strong_open", "strong_close"):
            depth += 1 if child.type == "strong_open" else -1
        elif child.content.strip() and depth == 0:
            bare = True
    text = _plain(token)
    return (
        not bare and bool(text) and "strong_open" in {c.type for c in token.children or []} and len(text) <= BOLD_CHARS
    )


def _untagged(html: str) -> str:
    """The words of raw HTML inside Markdown; comments, scripts and styles are not words."""
    html = re.sub(r"<!--.*?(-->|\Z)|<(script|style)\b.*?(</\2>|\Z)", "", html, flags=re.DOTALL | re.IGNORECASE)
    return TAG.sub("", html)
