"""The structure of a text that no format marks: headings, numbered clauses, timeline entries, list items.

``outline`` gives the text's blocks in order, each with the path of headings and clauses above it. Headings that a
reader of a format found (Markdown, HTML) are taken as they are; in plain text they are inferred from the lines.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from knowledge.documents import Document, Heading

LABEL_CHARS = 90
CLAUSE_LEVEL = 10  # clause numbers stand below every heading
INFERRED = 4  # headings that plain text seems to have
NUMBER = re.compile(
    r"^(?:(?:section|article|sec\.)\s+)?(\d{1,3}(?:\.\d{1,3})*)(?:(?:\.|\)|\s*[-–—:])?\s+(?=\S)|\.(?=(?-i:[A-Z][a-z])))",
    re.IGNORECASE,
)
WORDED = re.compile(
    r"^(?:section|article|annex|chapter|schedule|exhibit|attachment)\s+(?:\d+|[IVX]+|[A-Z])\b", re.IGNORECASE
)
MENTION = re.compile(
    r"^(?:section|article|sec\.)\s+\d+(?:\.\d+)*\s+(?-i:[a-zà-ÿ])", re.IGNORECASE
)  # "Section 6 states"
RECITAL = re.compile(r"^\((\d{1,3})\)\s+")
LETTER = re.compile(r"^(?:\(([a-z])\)|([a-z])[.)])\s+")
ROMAN = re.compile(r"^(?:\(([ivx]{1,5})\)|([ivx]{2,5})[.)]|(i)[.)])\s+")
SECOND = re.compile(r"^(?:\(ii\)|ii[.)])\s")
BULLET = re.compile(r"^[-*•·]\s+")
PERIOD = re.compile(r"^=*\s*(?:19|20)\d\d(\s*[–-]\s*(?:19|20)?\d\d)?\s*:\s+\S")
ENTRY = re.compile(
    r"^(?:(?:19|20)\d\d|January|February|March|April|May|June|July|August|September|October|November|December)\s*:\s+\S"
)
ROMAN_VALUES = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "vii": 7, "viii": 8, "ix": 9, "x": 10}


@dataclass(frozen=True)
class Block:
    """A paragraph, list item or entry, ``start:end`` of the text, and its place. heading: it is only a heading."""

    start: int
    end: int
    path: tuple[str, ...]
    heading: bool = False


@dataclass(frozen=True)
class _Line:
    start: int
    end: int
    text: str
    indent: int
    alone: bool  # blank lines, or nothing, before it
    after_stop: bool  # the line before it ends a sentence, an item or a lead-in
    after_colon: bool  # the line before it ends a lead-in


def outline(document: Document) -> list[Block]:
    """The document's blocks in reading order."""
    lines = _lines(document.text)
    given = {heading.start: heading for heading in document.headings}
    wrapped = _is_wrapped(lines)
    stack: list[tuple[int, str, int]] = []
    blocks: list[Block] = []
    counters: dict[int, int] = {}
    for position, line in enumerate(lines):
        following = lines[position + 1] if position + 1 < len(lines) else None
        under_heading = bool(blocks) and blocks[-1].heading
        if under_heading:
            line = replace(line, alone=True)
        mark = _mark(line, following, given, wrapped, bool(document.headings), counters)
        if mark is None:
            last = blocks[-1] if blocks else None
            if last and not last.heading and not line.alone and (wrapped or line.text[:1].islower()):
                blocks[-1] = Block(last.start, line.end, last.path)
                continue
            while stack and line.alone and stack[-1][0] >= CLAUSE_LEVEL + 4 and line.indent < stack[-1][2]:
                stack.pop()
            blocks.append(Block(line.start, line.end, _labels(stack)))
            continue
        level, label, is_heading = mark
        if level == INFERRED and under_heading and stack and INFERRED <= stack[-1][0] < CLAUSE_LEVEL - 3:
            level = stack[-1][0] + 1  # a heading right under a heading is below it
        if level >= CLAUSE_LEVEL and stack and stack[-1][1].lower() == "preamble":
            stack.pop()  # clauses come after a preamble, not in it
        if level >= 0:
            while stack and stack[-1][0] >= level:
                stack.pop()
            stack.append((level, label, line.indent))
        blocks.append(Block(line.start, line.end, _labels(stack), is_heading))
    return blocks


def _labels(stack: list[tuple[int, str, int]]) -> tuple[str, ...]:
    return tuple(label for _, label, _ in stack)


def _is_wrapped(lines: list[_Line]) -> bool:
    """Whether paragraphs are broken over lines: then many lines begin in the middle of a sentence."""
    joined = [line for line in lines if not line.alone]
    return len(joined) > 8 and sum(line.text[0].islower() for line in joined) > 0.25 * len(joined)


def _lines(text: str) -> list[_Line]:
    lines: list[_Line] = []
    alone, position = True, 0
    for raw in text.split("\n"):
        stripped = raw.strip()
        if stripped:
            indent = len(raw) - len(raw.lstrip())
            after_stop = not lines or lines[-1].text[-1] in '.:;,)”"?!' or lines[-1].text.endswith((" or", " and"))
            colon = bool(lines) and lines[-1].text.endswith(":")
            start = position + indent
            lines.append(_Line(start, start + len(stripped), stripped, indent, alone, after_stop, colon))
            alone = False
        else:
            alone = True
        position += len(raw) + 1
    return lines


def _mark(
    line: _Line,
    following: _Line | None,
    given: Mapping[int, Heading],
    wrapped: bool,
    has_headings: bool,
    counters: dict[int, int],
) -> tuple[int, str, bool] | None:
    """(level, label, whether it is only a heading), level -1 for a block that opens no path, None for plain text."""
    heading = given.get(line.start)
    if heading is not None:
        return heading.level, heading.title, True
    if _is_period(line, following):
        return 5, line.text.strip("= "), True
    if ENTRY.match(line.text):
        return CLAUSE_LEVEL, _entry_label(line.text), False
    if (clause := _clause(line, following, counters)) is not None:
        return clause
    if BULLET.match(line.text):
        return -1, "", False
    if not has_headings and _is_heading(line, following, wrapped):
        return INFERRED, line.text.strip(" =:#*"), True
    return None


def _is_period(line: _Line, following: _Line | None) -> bool:
    """A header over timeline entries: "2011–2019: …", or "2023: …" before an entry that begins with a month."""
    match = PERIOD.match(line.text)
    if not match or following is None:
        return False
    return bool(match.group(1)) or bool(ENTRY.match(following.text)) and not following.text[0].isdigit()


def _entry_label(text: str) -> str:
    head = re.split(r"\s[–—-]\s|\s\(", text, maxsplit=1)[0]
    return _short(head)


def _clause(line: _Line, following: _Line | None, counters: dict[int, int]) -> tuple[int, str, bool] | None:
    text = line.text
    mentioned = not line.alone and bool(MENTION.match(text))
    if line.alone and WORDED.match(text) and len(text) < 120:
        counters.clear()
        return CLAUSE_LEVEL - 2, _short(text), len(text) < 80 and not text.endswith(".") or text.isupper()
    if match := RECITAL.match(text):
        level, value, label = CLAUSE_LEVEL - 1, int(match.group(1)), f"({match.group(1)})"
        return (level, label, False) if line.alone and _next(counters, level, value, line) else None
    if (match := NUMBER.match(text)) and not mentioned:
        parts = [int(part) for part in match.group(1).split(".")]
        level = CLAUSE_LEVEL + len(parts) - 1
        if not _next(counters, level, parts[-1], line):
            return None
        return level, _clause_label(text, following is None or following.alone), False
    return _lettered(line, following, counters)


def _lettered(line: _Line, following: _Line | None, counters: dict[int, int]) -> tuple[int, str, bool] | None:
    text, letters, romans = line.text, CLAUSE_LEVEL + 4, CLAUSE_LEVEL + 5
    if match := ROMAN.match(text):
        numeral = next(group for group in match.groups() if group)
        expected = counters.get(letters, 0) + 1
        value = ROMAN_VALUES.get(numeral, 0)
        goes_on = romans in counters and counters[romans] + 1 == value
        second = following is not None and bool(SECOND.match(following.text))
        begins = value == 1 and (line.after_colon or second)  # "(i)" after "(h) …" is a letter, unless a list begins
        is_letter = len(numeral) == 1 and ord(numeral) - 96 == expected and not (goes_on or begins)
        if value and not is_letter and _next(counters, romans, value, line):
            return romans, f"({numeral})", False
    if match := LETTER.match(text):
        letter = next(group for group in match.groups() if group)
        if _next(counters, letters, ord(letter) - 96, line):
            return letters, f"({letter})", False
    return None


def _next(counters: dict[int, int], level: int, value: int, line: _Line) -> bool:
    """Whether a number goes on a series; a number that a wrapped line happens to begin with does not."""
    last = counters.get(level)
    follows = value in (0, 1) or (last is not None and value == last + 1)
    if not (line.alone or (line.after_stop and follows)):
        return False
    counters[level] = value
    for deeper in [other for other in counters if other > level]:
        del counters[deeper]
    return True


def _clause_label(text: str, ends: bool) -> str:
    """The number and the clause's title, where it has one: "2. Commercial Terms". ends: the line is the paragraph."""
    match = re.match(r"^((?:section |article )?[\d.]+\)?\s*[-–—:]?\s*)(.*)$", text, re.IGNORECASE | re.DOTALL)
    if not match:
        return _short(text)
    number, rest = match.group(1).strip(), match.group(2)
    parts = re.split(r"(?<=[a-zA-Z\"”)])[.:](?:\s|$)|\s[–—]\s", rest, maxsplit=1)
    title = parts[0].strip(' *_"“”')
    if (len(parts) > 1 or ends) and 0 < len(title) <= LABEL_CHARS and len(title.split()) <= 12 and title[:1].isupper():
        return f"{number} {title}"
    return number if number.endswith(".") else f"{number}."


def _is_heading(line: _Line, following: _Line | None, wrapped: bool) -> bool:
    text, words = line.text, line.text.split()
    if following is None or not text[0].isupper() or text[-1] in ",;" or len(text) > 100:
        return False
    if wrapped:
        return (
            line.alone
            and following.alone
            and (text.isupper() or len(text) <= 70 and len(words) <= 9 and text[-1] != ".")
        )
    if text.endswith(":") and len(words) > 3 or re.search(r": .*\d{4}$", text):
        return False
    if text.endswith(".") and sum(word[0].isupper() for word in words) < 0.6 * len(words):
        return False
    longer = len(following.text) >= 1.5 * len(text) or bool(
        BULLET.match(following.text) or PERIOD.match(following.text)
    )
    short = len(words) <= 5 and text[-1] not in ".!" and not following.text[:1].islower()
    return (len(text) <= 60 and short) or (longer and len(following.text) > 160)


def _short(text: str) -> str:
    return text if len(text) <= LABEL_CHARS else text[:LABEL_CHARS].rsplit(" ", 1)[0] + " …"
