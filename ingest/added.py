"""Files and addresses that a person adds: kept in ``home/added`` with a list in the form of a stand-in folder's."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from errors import SourceError
from ingest.fetch import ADDED, ADDED_LIST, MAX_BYTES
from ingest.load import format_of, load
from ingest.web import Web
from knowledge.documents import Source
from knowledge.texts import write_atomically

SUFFIXES = {"html": ".html", "pdf": ".pdf", "markdown": ".md", "text": ".txt"}


def add(what: str, home: Path, web: Web | None, taken: set[str], *, title: str = "", licence: str = "") -> str:
    """Takes a file or an address into the home and returns its id. Raises SourceError when it cannot be read.

    It is read once here, so that a file that cannot be used is refused now and not warned of for ever.
    """
    address = what if re.match(r"https?://", what) else ""
    data, form, name = _from_web(address, web) if address else _from_file(Path(what))
    entries = [entry for entry in _entries(home) if (entry["url"] or entry["note"]) != (address or _origin(what))]
    id_ = _id(name, taken | {str(entry["id"]) for entry in entries})
    load(Source(id_, title or name, "article"), data, form)
    file = id_ + SUFFIXES[form]
    said = {"id": id_, "file": file, "title": title or name, "kind": "article", "url": address, "licence": licence,
            "published": "", "note": "" if address else _origin(what), "publisher": urlsplit(address).hostname or "",
            "author": ""}  # fmt: skip
    write_atomically(home / ADDED / file, data)
    _write(home, [*entries, said])
    return id_


def drop(source_id: str, home: Path) -> bool:
    """Takes an added source out again; whether there was one."""
    entries = _entries(home)
    left = [entry for entry in entries if entry["id"] != source_id]
    if len(left) == len(entries):
        return False
    _write(home, left)
    for entry in entries:
        if entry["id"] == source_id:
            (home / ADDED / str(entry["file"])).unlink(missing_ok=True)
    return True


def _from_file(path: Path) -> tuple[bytes, str, str]:
    if not path.is_file():
        raise SourceError(f"{path} is not a file.")
    if path.stat().st_size > MAX_BYTES:
        raise SourceError(f"{path} is larger than {MAX_BYTES // 1_000_000} MB.", mend="split the file")
    return path.read_bytes(), format_of(path.name), path.stem


def _from_web(address: str, web: Web | None) -> tuple[bytes, str, str]:
    if web is None:
        raise SourceError(f"{address} cannot be added offline.", mend="python -m ingest add FILE, with a copy of it")
    page = web.get(address)
    parts = urlsplit(address)
    return page.data, page.format, PurePosixPath(parts.path).stem or parts.hostname or "page"


def _origin(what: str) -> str:
    return f"Added from {Path(what).resolve()}."


def _id(name: str, taken: set[str]) -> str:
    stem = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:80] or "source"
    number, id_ = 1, f"added-{stem}"
    while id_ in taken:
        number += 1
        id_ = f"added-{stem}-{number}"
    return id_


def _entries(home: Path) -> list[dict[str, Any]]:
    try:
        return list(tomllib.loads((home / ADDED / ADDED_LIST).read_text("utf-8")).get("source", []))
    except FileNotFoundError:
        return []
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SourceError(f"{home / ADDED / ADDED_LIST} is not TOML: {error}.") from None


def _write(home: Path, entries: list[dict[str, Any]]) -> None:
    """A TOML string is a JSON string once control characters are gone."""
    blocks = ["# Files that were added with: python -m ingest add\n"]
    for entry in entries:
        lines = [f"{key} = {json.dumps(_plain(value), ensure_ascii=False)}" for key, value in entry.items()]
        blocks.append("\n".join(["[[source]]", *lines]) + "\n")
    write_atomically(home / ADDED / ADDED_LIST, "\n".join(blocks).encode())


def _plain(value: object) -> object:
    return re.sub(r"[\x00-\x1f\x7f]", " ", value) if isinstance(value, str) else value
