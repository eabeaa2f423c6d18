"""The bytes that were read once, kept in ``home/cache`` so that they outlive a stand-in folder and a network.

``<id>.raw`` holds the bytes, ``<id>.json`` what was said of them: form, origin, digest, and the fields of the source
that a stand-in folder's list gave. A pair that does not agree (a killed process) counts as not there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from knowledge.texts import safe_id, write_atomically

FOLDER = "cache"


@dataclass(frozen=True)
class Cached:
    """Bytes as they were read. said: fields of the source by a stand-in folder's list; folder: which one that was."""

    id: str
    data: bytes
    form: str
    origin: str
    folder: str = ""
    said: Mapping[str, Any] = field(default_factory=dict)


class Cache:
    """The cache of one home folder."""

    def __init__(self, home: Path) -> None:
        self._folder = home / FOLDER

    def ids(self) -> list[str]:
        """What is here, by id."""
        return sorted(path.stem for path in self._folder.glob("*.json") if not path.name.startswith("."))

    def read(self, source_id: str) -> Cached | None:
        """One entry; None when it is not here or not whole."""
        path = self._path(source_id)
        try:
            data = path.with_name(f"{source_id}.raw").read_bytes()
            entry = json.loads(path.read_text("utf-8"))
            whole = entry.pop("sha256") == sha256(data).hexdigest()
            return Cached(source_id, data, **entry) if whole else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def keep(self, cached: Cached) -> None:
        """Keeps an entry, unless the very same is here."""
        if self.read(cached.id) == cached:
            return
        entry = {
            "form": cached.form,
            "origin": cached.origin,
            "folder": cached.folder,
            "said": dict(cached.said),
            "sha256": sha256(cached.data).hexdigest(),
        }
        path = self._path(cached.id)
        write_atomically(path.with_name(f"{cached.id}.raw"), cached.data)
        write_atomically(path, json.dumps(entry, ensure_ascii=False, indent=1).encode())

    def forget(self, source_id: str) -> None:
        """Drops an entry; one that is not here is dropped already."""
        path = self._path(source_id)
        for gone in (path, path.with_name(f"{source_id}.raw")):
            gone.unlink(missing_ok=True)

    def _path(self, source_id: str) -> Path:
        return self._folder / f"{safe_id(source_id)}.json"
