"""Documents into chunks that stand for themselves, by structure: headings, clauses, items, entries, sentences.

Blocks under one heading or top clause are gathered up to ``TARGET`` characters; a block longer than ``LIMIT`` is parted
between sentences, never inside one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby

from ingest.outline import Block, outline
from knowledge.asked import questions_of
from knowledge.documents import OURS, Chunk, Document
from knowledge.sentences import sentences

VERSION = "5"
TARGET = 600
LIMIT = 1000
LIST = 450  # short numbered items stand together up to here; longer clauses keep their own address
SCRAP = 150  # shorter than this, a part says too little to stand alone
UNTITLED = re.compile(r"^\(|^[\d.]+$")  # "(a)", "7.": a label that names no subject


def chunks(document: Document) -> list[Chunk]:
    """The document's chunks in reading order; together they cover every block that is not only a heading."""
    made: list[Chunk] = []
    for group in _groups(outline(document)):
        for start, end, path in _pieces(document.text, group):
            made.append(_chunk(document, start, end, path))
    return made


def heading(chunk: Chunk) -> str:
    """The title and path that stand in front of a chunk; embedded once, however many chunks stand below it."""
    return f"{chunk.source.title} — {chunk.clause}" if chunk.path else chunk.source.title


def _groups(blocks: list[Block]) -> Iterator[list[Block]]:
    """Runs of blocks that share their heading and top clause. A heading that nothing follows is kept as text."""
    for position, block in enumerate(blocks):
        after = blocks[position + 1] if position + 1 < len(blocks) else None
        if block.heading and (after is None or len(after.path) <= len(block.path) and after.heading):
            blocks[position] = Block(block.start, block.end, block.path)
    written = [block for block in blocks if not block.heading]
    for _, run in groupby(written, key=lambda block: block.path[: _shared_depth(block.path)]):
        yield list(run)


def _shared_depth(path: tuple[str, ...]) -> int:
    """How much of a path two blocks must share to stand in one chunk: all but the lettered and numbered ends."""
    depth = len(path)
    while depth > 1 and UNTITLED.match(path[depth - 1]):
        depth -= 1
    return depth


def _pieces(text: str, run: list[Block]) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Gathers a run into pieces of at most LIMIT characters, as (start, end, path)."""
    held: list[Block] = []
    for block in run:
        limit = LIMIT if held and _top(held[0].path) == _top(block.path) else LIST
        if held and (held[-1].end - held[0].start > TARGET or block.end - held[0].start > limit):
            yield from _piece(text, held)
            held = []
        held.append(block)
    if held:
        yield from _piece(text, held)


def _piece(text: str, held: list[Block]) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    start, end, path = held[0].start, held[-1].end, _common([block.path for block in held])
    if end - start <= LIMIT:
        yield start, end, path
        return
    parts: list[tuple[int, int]] = []
    for first, stop in sentences(text[start:end], start):
        if parts and _fits(parts[-1], stop):
            parts[-1] = (parts[-1][0], stop)
        else:
            parts.append((first, stop))
    if len(parts) > 1 and parts[-1][1] - parts[-1][0] < SCRAP:
        parts[-2:] = [(parts[-2][0], parts[-1][1])]
    yield from ((first, stop, path) for first, stop in parts)


def _fits(part: tuple[int, int], stop: int) -> bool:
    """Whether a sentence that ends at ``stop`` joins a part: the part is a scrap, or stays below the target."""
    begin, end = part
    return end - begin < SCRAP or stop - begin <= TARGET


def _top(path: tuple[str, ...]) -> tuple[str, ...]:
    """The path without its lettered ends."""
    return tuple(label for label in path if not label.startswith("("))


def _common(paths: list[tuple[str, ...]]) -> tuple[str, ...]:
    """What the paths share, and from where to where they go: ("Use Restrictions", "1. – 4.")."""
    shared: list[str] = []
    for labels in zip(*paths, strict=False):
        if len(set(labels)) > 1:
            if all(UNTITLED.match(label) for label in labels):
                shared.append(f"{labels[0]} – {labels[-1]}")
            break
        shared.append(labels[0])
    return tuple(shared)


def _chunk(document: Document, start: int, end: int, path: tuple[str, ...]) -> Chunk:
    text = document.text[start:end]
    rests = [s for support in document.supports if support.start < end and support.end > start for s in support.sources]
    chunk = Chunk(
        source=document.source,
        start=start,
        end=end,
        text=text,
        path=path,
        sentences=tuple(sentences(text, start)),
        rests_on=tuple(dict.fromkeys(rests)),
    )
    first = path[-1] if path and document.source.kind in OURS else heading(chunk)
    return replace(chunk, asked=tuple(dict.fromkeys([first, *questions_of(chunk, document.asked)])))
