"""Pages about what is known: each source with its text, the library, the openness table, help for embedding.

They are plain HTML from the server and work without a script; the script adds a filter and the theme.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup, escape

from errors import UserError
from knowledge.documents import Chunk, Source
from knowledge.openness import openness
from knowledge.references import resolver
from web.asking import Asker
from web.cards import environment
from web.headers import language
from web.shelf import Shelf
from web.strings import words

_SPAN = re.compile(r"(\d{1,8})-(\d{1,8})")


@dataclass(frozen=True)
class Piece:
    """A stretch of a source's text on its page. chunk: the passage it is; None between passages."""

    html: Markup
    anchor: str = ""
    clause: str = ""


def missing(request: Request, asker: Asker) -> HTMLResponse:
    """The page that says that there is none."""
    lang = language(request.url.query)
    html = environment().get_template("missing.html")
    return HTMLResponse(html.render(w=words(lang), language=lang, here="/", engine=asker.assistant.engine), 404)


def add_routes(app: FastAPI, shelf: Shelf, asker: Asker, *, origins: Sequence[str] = ()) -> None:
    """The routes of this file."""

    def page(request: Request, name: str, **values: object) -> HTMLResponse:
        lang = language(request.url.query)
        html = (
            environment()
            .get_template(name)
            .render(w=words(lang), language=lang, here=request.url.path, engine=asker.assistant.engine, **values)
        )
        return HTMLResponse(html)

    @app.get("/source/{source_id}", include_in_schema=False)
    def source(request: Request, source_id: str, c: str = "") -> HTMLResponse:
        found = shelf.source(source_id)
        if found is None:
            return missing(request, asker)
        source_id = found.id  # it may have been asked for by the id of a text that is the same
        chunks = sorted(shelf.chunks(source_id), key=lambda chunk: (chunk.start, chunk.end))
        span = asked_span(c)
        text = whole_text(shelf, source_id) if found.shareable else None
        return page(
            request, "source.html", source=found, chunks=chunks, whole=text is not None,
            pieces=pieces(text, chunks, span) if text is not None else cited_pieces(chunks, span),
            clauses=clauses(chunks) if text is not None else [],
            disputes=[d for d in shelf.disputes if d.source_id == source_id],
            cited_by=resting_on(shelf, source_id),
        )  # fmt: skip

    @app.get("/library", include_in_schema=False)
    def library(request: Request) -> HTMLResponse:
        ordered = sorted(shelf.sources(), key=lambda s: (s.rank, s.kind, s.title.lower()))
        rows = [(source, len(shelf.chunks(source.id))) for source in ordered]
        return page(request, "library.html", rows=rows, kinds=sorted({s.kind for s, _ in rows}))

    @app.get("/openness", include_in_schema=False)
    def how_open(request: Request) -> HTMLResponse:
        return page(request, "openness.html", models=[(m, openness(m)) for m in shelf.models], known=resolver())

    @app.get("/embed/help", include_in_schema=False)
    def embed_help(request: Request) -> HTMLResponse:
        return page(request, "embed_help.html", origins=origins, site=str(request.base_url).rstrip("/"))


def asked_span(text: str) -> tuple[int, int] | None:
    """``START-END`` as numbers; None where it is anything else."""
    match = _SPAN.fullmatch(text)
    if match is None or int(match[1]) >= int(match[2]):
        return None
    return int(match[1]), int(match[2])


def whole_text(shelf: Shelf, source_id: str) -> str | None:
    """The normalised text, or None where it is not on this machine; the page then shows passages."""
    try:
        return shelf.text(source_id)
    except UserError:
        return None


def pieces(text: str, chunks: Sequence[Chunk], span: tuple[int, int] | None) -> list[Piece]:
    """The whole text, cut where passages begin, so that each clause has an anchor; the span marked."""
    cuts = sorted({0, len(text), *(c.start for c in chunks if 0 < c.start < len(text))})
    starts = {c.start: c for c in reversed(chunks)}
    made, before = [], ""
    for start, end in pairwise(cuts):
        chunk = starts.get(start)
        clause = chunk.clause if chunk and chunk.clause != before else ""
        before = chunk.clause if chunk else before
        made.append(Piece(Markup(with_mark(text, start, end, span).strip("\n")), f"p{start}", clause))
    return made


def cited_pieces(chunks: Sequence[Chunk], span: tuple[int, int] | None) -> list[Piece]:
    """Of a text that may not be shown whole: the one passage that a citation points into."""
    if span is None:
        return []
    holding = [c for c in chunks if c.start <= span[0] and span[1] <= c.end]
    if not holding:
        return []
    chunk = min(holding, key=lambda c: c.end - c.start)
    local = (span[0] - chunk.start, span[1] - chunk.start)
    html = with_mark(chunk.text, 0, len(chunk.text), local, f"c={span[0]}-{span[1]}")
    return [Piece(Markup(html.strip("\n")), f"p{chunk.start}", chunk.clause)]


def with_mark(text: str, start: int, end: int, span: tuple[int, int] | None, anchor: str = "") -> Markup:
    """``text[start:end]`` escaped, the part of the span in it marked; where the span begins stands its anchor."""
    if span is None or span[1] <= start or end <= span[0]:
        return escape(text[start:end])
    first, last = max(start, span[0]), min(end, span[1])
    begins = Markup(' id="{}" tabindex="-1"').format(anchor or f"c={span[0]}-{span[1]}")
    said = Markup("<mark{}>{}</mark>").format(begins if first == span[0] else Markup(""), text[first:last])
    return escape(text[start:first]) + said + escape(text[last:end])


def clauses(chunks: Sequence[Chunk]) -> list[tuple[str, str]]:
    """The addresses of a text's parts, each once, with the anchor of its first passage."""
    seen: dict[str, str] = {}
    for chunk in chunks:
        if chunk.clause:
            seen.setdefault(chunk.clause, f"p{chunk.start}")
    return list(seen.items())


def resting_on(shelf: Shelf, source_id: str) -> list[Source]:
    """The notes of ours that name this source."""
    notes = (source for source in shelf.sources() if source.kind == "note")
    return [note for note in notes if any(source_id in chunk.rests_on for chunk in shelf.chunks(note.id))]
