"""The data files of this folder as checked, frozen values: sources, licences, disputes, models.

Each loader takes another file in the same form (a stand-in folder's ``sources.toml``, a test's) and raises SourceError
with the file, the entry and the field that are wrong. What a field means is said at the top of its file.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from errors import SourceError
from knowledge.documents import KINDS, RANKS, Dispute, Source
from knowledge.openness import CODE, DATA, RESULTS, WEIGHTS, IndexEntry, Model, OpennessRow, model_document, openness

__all__ = [
    "IndexEntry",
    "Licence",
    "LicenceText",
    "Listed",
    "Model",
    "OpennessRow",
    "disputes",
    "entries",
    "licence_text",
    "licences",
    "listed",
    "model_document",
    "models",
    "openness",
    "sources",
]

HERE = Path(__file__).resolve().parent
STATUSES = ("confirmed", "wrong", "disputed", "unverifiable")
FREEDOMS = ("use", "study", "modify", "share")

Spec = Mapping[str, type]
SOURCE: Spec = {"id": str, "title": str, "kind": str}
SOURCE_MORE: Spec = {
    "url": str,
    "author": str,
    "publisher": str,
    "published": str,
    "licence": str,
    "language": str,
    "rank": int,
    "names": list,
    "shareable": bool,
    "note": str,
    "file": str,
    "sha256": str,
    # A stand-in folder says these as well; nothing is done with them.
    "bytes": int,
    "copy_from": str,
    "verified": str,
}
LICENCE: Spec = {
    "key": str,
    "name": str,
    "kind": str,
    "spdx": str,
    "family": str,
    "core": bool,
    "maker": str,
    "url": str,
    "osi_approved": bool,
    "fsf_libre": bool,
    "text_bytes": int,
    "text_sha256": str,
    "names": list,
}
LICENCE_MORE: Spec = {"published": str, "note": str, "shareable": bool}
LICENCE_TEXT: Spec = {
    "package": str,
    "version": str,
    "wheel": str,
    "wheel_sha256": str,
    "path_pattern": str,
    "credit": str,
    "data_licence": str,
}
CLAIM: Spec = {
    "id": str,
    "source": str,
    "status": str,
    "claim": str,
    "correction": str,
    "references": list,
    "marks": list,
    "topics": list,
}
MODEL: Spec = {
    "id": str,
    "name": str,
    "names": list,
    "developer": str,
    "released": str,
    "licence": str,
    "licence_name": str,
    "weights": str,
    "data": str,
    "training_code": str,
    "osi_licence": bool,
    "makers_word": str,
    "osaid": str,
    "references": list,
    "summary": str,
}
MODEL_MORE: Spec = {"inference_code": str, "limits": str, "restricts": list, "unconfirmed": list, "index": dict}
INDEX: Spec = {"entry": str, "judged": str, "open": list, "partial": list, "closed": list}


@dataclass(frozen=True)
class Listed:
    """A source as a list names it: where its text lies in a stand-in folder, and the digest last seen."""

    source: Source
    file: str = ""
    sha256: str = ""


@dataclass(frozen=True)
class LicenceText:
    """Where the licence texts are read from: a wheel of a package registry, and the path of a key's text in it."""

    package: str
    version: str
    wheel: str
    wheel_sha256: str
    path_pattern: str
    credit: str
    data_licence: str


@dataclass(frozen=True)
class Licence:
    """A licence or use policy whose text is read at ingest; ``text_sha256`` is of that text."""

    key: str
    name: str
    kind: str
    spdx: str
    family: str
    core: bool
    maker: str
    url: str
    osi_approved: bool
    fsf_libre: bool
    text_bytes: int
    text_sha256: str
    names: tuple[str, ...] = ()
    published: str = ""
    note: str = ""
    shareable: bool = False

    @property
    def source(self) -> Source:
        return Source(
            id=self.key,
            title=self.name,
            kind=self.kind,
            url=self.url,
            author=self.maker,
            publisher=self.maker,
            published=self.published,
            licence=f"the text itself, by {self.maker}; read from the ScanCode licence data "
            "(nexB Inc. and others, CC-BY-4.0)",
            rank=RANKS[self.kind],
            names=self.names,
            shareable=self.shareable,
            note=self.note,
        )


def listed(path: Path | None = None) -> dict[str, Listed]:
    """The sources of a list with their files and digests, by id."""
    path = path or HERE / "sources.toml"
    found = {}
    for entry in entries(path, "source", SOURCE, SOURCE_MORE, "id"):
        where = f"{path.name}, source {entry['id']}"
        _one_of(where, "kind", entry["kind"], KINDS)
        file, digest = entry.pop("file", ""), entry.pop("sha256", "")
        for ignored in ("bytes", "copy_from", "verified"):
            entry.pop(ignored, None)
        rank = entry.setdefault("rank", RANKS[entry["kind"]])
        _one_of(where, "rank", rank, (1, 2, 3, 4, 5))
        found[entry["id"]] = Listed(Source(**entry), file, digest)
    return found


def sources(path: Path | None = None) -> dict[str, Source]:
    """The sources of a list, by id; the repository's own list by default."""
    return {id_: entry.source for id_, entry in listed(path).items()}


def licences(path: Path | None = None) -> dict[str, Licence]:
    """The licence texts, by their key in the ScanCode licence data."""
    path = path or HERE / "licences.toml"
    found = {}
    for entry in entries(path, "licence", LICENCE, LICENCE_MORE, "key"):
        _one_of(f"{path.name}, licence {entry['key']}", "kind", entry["kind"], ("licence", "policy"))
        found[entry["key"]] = Licence(**entry)
    return found


def licence_text(path: Path | None = None) -> LicenceText:
    """Where the texts of ``licences`` are read from."""
    path = path or HERE / "licences.toml"
    head = {name: value for name, value in _read(path).items() if name != "licence"}
    _check(f"{path.name}, its head", head, LICENCE_TEXT, {})
    return LicenceText(**head)


def disputes(path: Path | None = None) -> tuple[Dispute, ...]:
    """The claims of the sources that were checked."""
    path = path or HERE / "disputes.toml"
    found = []
    for entry in entries(path, "claim", CLAIM, {}, "id"):
        where = f"{path.name}, claim {entry['id']}"
        _one_of(where, "status", entry["status"], STATUSES)
        if not entry["marks"]:
            raise SourceError(f"{where}: marks is empty, so that every sentence would be disputed.")
        found.append(Dispute(source_id=entry.pop("source"), **entry))
    return tuple(found)


def models(path: Path | None = None) -> tuple[Model, ...]:
    """The facts on well-known models."""
    path = path or HERE / "models.toml"
    return tuple(_model(path, entry) for entry in entries(path, "model", MODEL, MODEL_MORE, "id"))


def _model(path: Path, entry: dict[str, Any]) -> Model:
    where = f"{path.name}, model {entry['id']}"
    words: dict[str, Iterable[object]] = {"weights": WEIGHTS, "data": DATA, "training_code": CODE, "osaid": RESULTS}
    for name, allowed in words.items():
        _one_of(where, name, entry[name], allowed)
    for value in entry.get("restricts", ()):
        _one_of(where, "restricts", value, FREEDOMS)
    for value in entry.get("unconfirmed", ()):
        _one_of(where, "unconfirmed", value, (*MODEL, *MODEL_MORE))
    if "index" in entry:
        _check(f"{where}, index", entry["index"], INDEX, {})
        entry["index"] = IndexEntry(**_tuples(entry["index"]))
    return Model(**entry)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SourceError(f"{path} is not TOML: {error}.") from None


def entries(path: Path, table: str, must: Spec, may: Spec, key: str = "") -> list[dict[str, Any]]:
    """The checked entries of ``[[table]]``, lists as tuples of text; ``key`` names an entry and may not come twice."""
    found = _read(path).get(table, [])
    if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
        raise SourceError(f"{path.name}: {table} must be written as [[{table}]].")
    seen: set[object] = set()
    for number, entry in enumerate(found, 1):
        where = f"{path.name}, {table} {entry.get(key, f'number {number}')}"
        _check(where, entry, must, may)
        if key and entry[key] in seen:
            raise SourceError(f"{where}: {key} stands twice in the file.")
        seen.add(entry.get(key))
    return [_tuples(entry) for entry in found]


def _tuples(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in entry.items()}


def _check(where: str, entry: Mapping[str, object], must: Spec, may: Spec) -> None:
    """Raises SourceError for a field that is missing, not known, or of another type."""
    for name in must:
        if entry.get(name) is None:
            raise SourceError(f"{where}: {name} is missing.")
    for name, value in entry.items():
        wanted = must.get(name) or may.get(name)
        if wanted is None:
            raise SourceError(f"{where}: {name} is not a field; the fields are {', '.join((*must, *may))}.")
        if type(value) is not wanted or (isinstance(value, list) and not all(isinstance(v, str) for v in value)):
            raise SourceError(f"{where}: {name} must be {_kind(wanted)}, not {value!r}.")


def _one_of(where: str, name: str, value: object, allowed: Iterable[object]) -> None:
    if value not in (values := tuple(allowed)):
        raise SourceError(f"{where}: {name} must be one of {', '.join(repr(v) for v in values)}, not {value!r}.")


def _kind(wanted: type) -> str:
    return {str: "text", int: "a whole number", bool: "true or false", list: "a list of texts", dict: "a table"}[wanted]
