"""The normalised texts on disk: ``home/texts/<id>.txt``, with the sha256 of each in ``<id>.sha256`` beside it.

A citation's ``start:end`` points into these very characters, so a text that is not the one that was chunked is never
handed out. Both files are written aside and renamed: a process that is killed leaves the old one or the new one.
"""

from __future__ import annotations

import os
import re
from hashlib import sha256
from pathlib import Path

from errors import IndexUnavailable, SourceError
from knowledge.documents import Document

FOLDER = "texts"
SAFE_ID = re.compile(r"[a-z0-9](?:[a-z0-9_-]|\.(?!\.)){0,119}")


def safe_id(source_id: str) -> str:
    """The id, when it is safe as the name of a file; SourceError when it is not ("../x", "A/B", "")."""
    if not SAFE_ID.fullmatch(source_id) or source_id.endswith("."):
        raise SourceError(
            f"{source_id[:80]!r} cannot be a source's id; lower-case letters, digits, hyphens and single dots can."
        )
    return source_id


def write_text(home: Path, document: Document) -> None:
    """Keeps the document's text and its digest; the text first, so that a digest never vouches for an older text."""
    path = _path(home, document.source.id)
    write_atomically(path, document.text.encode())
    write_atomically(path.with_name(path.name.removesuffix(".txt") + ".sha256"), document.sha256.encode())


def read_text(home: Path, source_id: str) -> str:
    """The text that the chunks of this source point into.

    Raises IndexUnavailable when it is not there or is not the one whose digest was kept.
    """
    text = _verified(home, source_id)
    if text is None:
        raise IndexUnavailable(f"The text of {source_id!r} is missing or was changed.", mend="python -m ingest")
    return text


def kept_digest(home: Path, source_id: str) -> str:
    """The sha256 of the kept text; empty when there is none or it is not the one that was written."""
    text = _verified(home, source_id)
    return sha256(text.encode()).hexdigest() if text is not None else ""


def remove_text(home: Path, source_id: str) -> None:
    """Forgets a text; one that is not there is forgotten already."""
    path = _path(home, source_id)
    for name in (path.name.removesuffix(".txt") + ".sha256", path.name):
        path.with_name(name).unlink(missing_ok=True)


def write_atomically(path: Path, data: bytes) -> None:
    """Writes aside, forces it to disk, renames: readers see the old bytes or the new ones, nothing between."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with aside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def _path(home: Path, source_id: str) -> Path:
    return home / FOLDER / f"{safe_id(source_id)}.txt"


def _verified(home: Path, source_id: str) -> str | None:
    path = _path(home, source_id)
    try:
        data = path.read_bytes()
        kept = path.with_name(path.name.removesuffix(".txt") + ".sha256").read_text("ascii")
    except (OSError, UnicodeDecodeError):
        return None
    return data.decode() if sha256(data).hexdigest() == kept else None
