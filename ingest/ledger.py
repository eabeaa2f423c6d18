"""What the last run left, in ``home/ledger.json``: enough to see that nothing changed without reading a source.

For each source: ``raw``, the digest of its bytes and description, written when the index that holds it is committed;
``rows``, the digest of all that its rows were made from, written as soon as they are stored; ``prints``, that of its
bytes and then those by which twins are known (ingest/twins.py).
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from ingest.fetch import Raw
from ingest.load import VERSION
from knowledge.documents import Document
from knowledge.texts import write_atomically

FILE = "ledger.json"
ASK_AGAIN_SECONDS = 600  # a dead network costs a few seconds, but not at every start


@dataclass
class Ledger:
    """raw, rows, prints: see above; twins: id to the id that has the same text; origins: where from; broken: id to
    (digest, reason); asked of the web: (time, reason)."""

    raw: dict[str, str] = field(default_factory=dict)
    rows: dict[str, str] = field(default_factory=dict)
    prints: dict[str, list[str]] = field(default_factory=dict)
    twins: dict[str, str] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)
    broken: dict[str, tuple[str, str]] = field(default_factory=dict)
    asked: dict[str, tuple[float, str]] = field(default_factory=dict)
    forgotten: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, home: Path) -> Ledger:
        """The ledger of a home; an empty one where it cannot be read: then every source is read again."""
        try:
            entry = json.loads((home / FILE).read_text("utf-8"))
            ledger = cls(**entry)
            ledger.broken = {id_: (str(a), str(b)) for id_, (a, b) in ledger.broken.items()}
            ledger.asked = {id_: (float(a), str(b)) for id_, (a, b) in ledger.asked.items()}
        except (OSError, ValueError, TypeError, AttributeError):
            return cls()
        return ledger

    def save(self, home: Path) -> None:
        """Writes it whole, at once."""
        write_atomically(home / FILE, json.dumps(self.__dict__, ensure_ascii=False, indent=0).encode())

    def failed(self) -> dict[str, str]:
        """What the web did not give a few minutes ago, and why."""
        now = time.time()
        return {id_: reason for id_, (when, reason) in self.asked.items() if 0 <= now - when < ASK_AGAIN_SECONDS}


def digest_of_raw(raw: Raw) -> str:
    """Of everything that a document is made from: bytes, format, description, and the version of the readers."""
    return _digest(VERSION, raw.form, repr(raw.source), repr(raw.asked), raw.data)


def digest_of_rows(document: Document, made_by: Mapping[str, str]) -> str:
    """Of everything that rows and vectors are made from; a new address or rank of a source changes neither."""
    source, said = document.source, (document.headings, document.supports, document.asked, sorted(made_by.items()))
    return _digest(source.id, source.title, document.text, *map(repr, said))


def _digest(*parts: str | bytes) -> str:
    whole = sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        whole.update(len(data).to_bytes(8, "big") + data)
    return whole.hexdigest()
