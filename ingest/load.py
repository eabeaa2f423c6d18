"""Bytes to a Document: one reader for each format, and the same bytes give the same text.

A file that cannot be read raises SourceError with a sentence; who calls names the source and goes on with the others.
"""

from __future__ import annotations

import codecs
import io
import logging
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import PurePath

from errors import SourceError
from ingest.markdown import write_markdown
from ingest.notes import parted
from ingest.page import write_page
from ingest.writing import Writing
from knowledge.documents import Document, Source

VERSION = "1"  # raised when the text of the same bytes changes; every source is then read again
PDF_PAGES = 500
PDF_SECONDS = 60.0
MAX_CHARS = 5_000_000  # five thousand pages; more is a mistake or a bomb
FORMATS = {
    ".txt": "text", ".text": "text", "": "text", ".yml": "text", ".yaml": "text",
    ".md": "markdown", ".markdown": "markdown",
    ".html": "html", ".htm": "html", ".xhtml": "html",
    ".pdf": "pdf",
}  # fmt: skip
# What a legacy encoding may be, likeliest first. A free guess names rare code pages for short Western texts.
ENCODINGS = ["cp1252", "cp1251", "shift_jis", "gb18030", "big5", "euc_kr"]


def format_of(name: str) -> str:
    """The format that a file's name tells. Raises SourceError for one that has no reader."""
    suffix = PurePath(name).suffix.lower()
    if suffix not in FORMATS and not suffix[1:].isdigit():  # "osaid-1.0" ends in a version, not in a format
        raise SourceError(
            f"{name} is not text, Markdown, HTML, PDF or YAML.", mend="save it as one of these, and add that"
        )
    return FORMATS.get(suffix, "text")


def load(source: Source, data: bytes, form: str) -> Document:
    """The document that ``data`` holds. form: "text", "markdown", "html", "pdf", "note" or "licence".

    Raises SourceError when nothing can be read out of it.
    """
    if not data.strip():
        raise SourceError(f"{source.id} is empty.")
    document = (_pdf if data.startswith(b"%PDF-") else READERS[form])(source, data)
    if not document.text.strip():
        raise SourceError(f"{source.id} holds no text that can be read ({form}).")
    if len(document.text) > MAX_CHARS:
        raise SourceError(f"{source.id} holds more than {MAX_CHARS:,} characters.")
    return document


def decoded(data: bytes, name: str) -> str:
    """Text of bytes: what a byte-order mark says, else UTF-8, else the likeliest legacy encoding."""
    if len(data) > 4 * MAX_CHARS:
        raise SourceError(f"{name} is larger than {4 * MAX_CHARS // 1_000_000} MB.")
    try:
        if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return data.decode("utf-16")
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = _legacy(data, name)
    if "\0" in text:
        raise SourceError(f"{name} is not a text: it holds zero bytes.")
    return text


def _legacy(data: bytes, name: str) -> str:
    from charset_normalizer import from_bytes

    best = None if b"\0" in data else from_bytes(data, cp_isolation=ENCODINGS).best()
    if best is None:
        raise SourceError(f"{name} is in no encoding that can be told.", mend="save it as UTF-8")
    return str(best)


def _text(source: Source, data: bytes) -> Document:
    writing = Writing()
    writing.line(decoded(data, source.id))
    return writing.document(source)


def _markdown(source: Source, data: bytes) -> Document:
    writing = Writing()
    write_markdown(writing, decoded(data, source.id))
    return writing.document(source)


def _note(source: Source, data: bytes) -> Document:
    """A note of ours; its front matter says the title and the names, and is no part of the text."""
    front, body = parted(decoded(data, source.id), source.id)
    writing = Writing()
    write_markdown(writing, body, supports=True)
    return writing.document(replace(source, title=front.title, names=front.subjects, published=front.checked))


def _model(source: Source, data: bytes) -> Document:
    """A model's fact sheet of ours: Markdown whose "Sources:" lines say what it rests on."""
    writing = Writing()
    write_markdown(writing, decoded(data, source.id), supports=True)
    return writing.document(source)


def _licence(source: Source, data: bytes) -> Document:
    return _text(source, licence_body(data))


def licence_body(data: bytes) -> bytes:
    """A ScanCode licence file without its front matter; the published digest is of these bytes."""
    return data.split(b"\n---\n", 1)[1] if data.startswith(b"---\n") and b"\n---\n" in data else data


def _html(source: Source, data: bytes) -> Document:
    writing = Writing()
    write_page(writing, data, source.id)
    return writing.document(source)


def _pdf(source: Source, data: bytes) -> Document:
    """A PDF, page by page, within limits: one crafted page can hold objects that unfold for hours.

    The clock is read between pages; within a page pypdf bounds what a stream may unfold to.
    """
    from pypdf import PdfReader

    logging.getLogger("pypdf").setLevel(
        logging.CRITICAL
    )  # it reports each mended oddity; a reader can do nothing with that
    began = time.monotonic()
    writing = Writing()
    try:
        pages = PdfReader(io.BytesIO(data)).pages
        if len(pages) > PDF_PAGES:
            raise SourceError(
                f"{source.id} has {len(pages)} pages; {PDF_PAGES} are read at most.", mend="split the file"
            )
        for page in pages:
            writing.line(page.extract_text())
            writing.blank()
            if time.monotonic() - began > PDF_SECONDS or writing.length > MAX_CHARS:
                raise SourceError(
                    f"{source.id} takes more than {PDF_SECONDS:.0f} seconds or {MAX_CHARS:,} characters to read."
                )
    except SourceError:
        raise
    except Exception as error:  # noqa: BLE001  a broken file raises a dozen types, KeyError and RecursionError too
        raise SourceError(
            f"{source.id} is a PDF that cannot be read: {str(error)[:120] or type(error).__name__}."
        ) from None
    return writing.document(source)


READERS: dict[str, Callable[[Source, bytes], Document]] = {
    "text": _text,
    "markdown": _markdown,
    "note": _note,
    "model": _model,
    "licence": _licence,
    "html": _html,
    "pdf": _pdf,
}
