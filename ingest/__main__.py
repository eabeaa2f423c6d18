"""``python -m ingest``: brings sources into the index, and says what it holds."""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import settings
from errors import SettingsError, UserError
from ingest import added
from ingest.attribution import attribution
from ingest.cache import Cache
from ingest.chunk import VERSION
from ingest.fetch import Data, Missing, Order
from ingest.ledger import FILE, Ledger
from ingest.lock import locked
from ingest.pipeline import Report, ingest
from ingest.web import Web
from knowledge import catalogue, embedding
from knowledge.store import Store, chroma_version

SHOWN = 12  # ids in a line of the report
BEAT = 3.0  # seconds between lines where the output is no terminal


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; 0 when it is done, 1 with a sentence for what a person can mend."""
    options = _parser().parse_args(arguments)
    progress = Progress()
    try:
        knobs = settings.read(offline=options.offline or None)
        knobs.home.mkdir(parents=True, exist_ok=True)
        return _run(options, knobs, progress)
    except UserError as error:
        progress.end()
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        progress.end()
        print("Stopped. What was done is kept; the same command goes on from there.", file=sys.stderr)
        return 130


def _run(options: argparse.Namespace, knobs: settings.Settings, progress: Progress) -> int:
    match options.command:
        case "status":
            return _status(knobs)
        case "attribution":
            return _attribution(knobs, options.to)
    with locked(knobs.home):
        if options.command == "add":
            _add(options, knobs)
        if options.command == "forget":
            _forget(options, knobs.home)
        if options.rebuild and not options.check:
            for leftover in (knobs.home / "index", knobs.home / FILE):
                shutil.rmtree(leftover, ignore_errors=True) if leftover.is_dir() else leftover.unlink(missing_ok=True)
        return _ingest(options, knobs, progress)


def _ingest(options: argparse.Namespace, knobs: settings.Settings, progress: Progress) -> int:
    name, digest = embedding.digest_of(knobs.embedder, knobs.home / "embedder.json")
    made_by = {**embedding.made_by(name, digest), "chunker": VERSION, "chroma": chroma_version()}
    ledger = Ledger.read(knobs.home)
    order = Order(
        folder=options.folder and Path(options.folder).expanduser(),
        web=None if knobs.offline or options.check else Web(),
        download=not options.check,
        all_licences=options.all_licences,
        refresh=options.refresh,
        forgotten=frozenset(ledger.forgotten),
        failed={} if options.refresh else ledger.failed(),
    )
    report = ingest(
        Data.own(), knobs.home, order, Store(knobs.home), made_by,
        lambda: embedding.Embedder(knobs.embedder, knobs.home / "embedder.json"), progress.say, check=options.check,
    )  # fmt: skip
    progress.end()
    _show(report, check=options.check)
    return 0


def _add(options: argparse.Namespace, knobs: settings.Settings) -> None:
    if len(options.what) > 1 and options.title:
        raise SettingsError("One title cannot name several files.", mend="add them one by one")
    taken = set(catalogue.sources()) | set(catalogue.licences())
    for what in options.what:
        web = None if knobs.offline else Web()
        id_ = added.add(what, knobs.home, web, taken, title=options.title, licence=options.licence)
        print(f"{what} is added as {id_}.")


def _forget(options: argparse.Namespace, home: Path) -> None:
    ledger = Ledger.read(home)
    known = set(Store(home).documents()) | set(Cache(home).ids()) | set(ledger.forgotten)
    for id_ in options.ids:
        if id_ not in known:
            raise SettingsError(f"{id_!r} is no source of this index.", mend="python -m ingest status")
        if options.undo:
            ledger.forgotten = [other for other in ledger.forgotten if other != id_]
        elif not added.drop(id_, home):
            ledger.forgotten = sorted({*ledger.forgotten, id_})
        if not options.undo:
            Cache(home).forget(id_)
    ledger.save(home)


def _status(knobs: settings.Settings) -> int:
    store, ledger = Store(knobs.home), Ledger.read(knobs.home)
    manifest, documents = store.manifest(), store.documents()
    if manifest is None:
        print("There is no index yet.\n  To make it: python -m ingest")
        return 0
    print(f"{len(documents)} sources in {knobs.home}, index {manifest.get('corpus', '')[:12]}")
    print("  made with " + ", ".join(f"{key} {value[:16]}" for key, value in manifest.items() if key != "corpus"))
    for source in store.sources():
        print(f"  {source.id:40} {source.kind:10} {ledger.origins.get(source.id, 'kept'):7} {source.title}")
    for id_, (_, reason) in {**ledger.broken, **{i: ("", r) for i, (_, r) in ledger.asked.items()}}.items():
        print(f"  missing: {id_}: {reason}")
    for id_, first in ledger.twins.items():
        print(f"  left out: {id_}, which has the same text as {first}")
    for id_ in ledger.forgotten:
        print(f"  forgotten: {id_} (python -m ingest forget --undo {id_})")
    return 0


def _attribution(knobs: settings.Settings, to: str) -> int:
    sources = Store(knobs.home).sources()
    if not sources:
        raise SettingsError("There is no index to attribute yet.", mend="python -m ingest")
    Path(to).write_text(attribution(sources, catalogue.licence_text().credit), "utf-8")
    print(f"{to}: {len(sources)} sources")
    return 0


def _show(report: Report, *, check: bool) -> None:
    for line in warnings(report.missing):
        print(line, file=sys.stderr)
    for what in ("added", "changed", "removed"):
        ids = getattr(report, what)
        if ids:
            more = f" and {len(ids) - SHOWN} more" if len(ids) > SHOWN else ""
            print(f"{'would be ' if check else ''}{what}: {', '.join(ids[:SHOWN])}{more}")
    for id_, first in report.twins.items():
        print(f"left out: {id_}, which has the same text as {first}")
    sums = ", ".join(f"{len(getattr(report, what))} {what}" for what in ("added", "changed", "removed", "unchanged"))
    print(f"{sums}, {len(report.missing)} warnings; {report.seconds:.1f} s")


def warnings(missing: Sequence[Missing]) -> list[str]:
    """A warning for each reason, with every source that it holds for: without a web it is one and not eighteen."""
    ids: dict[tuple[str, str], list[str]] = {}
    for entry in missing:
        ids.setdefault((entry.reason, entry.mend), []).append(entry.source)
    return [
        f"warning: {', '.join(sources)}: {reason}" + (f"\n  To mend it: {mend}" if mend else "")
        for (reason, mend), sources in ids.items()
    ]


class Progress:
    """One line that is written over on a terminal; elsewhere a plain line every few seconds."""

    def __init__(self) -> None:
        self._last = 0.0
        self._terminal = sys.stderr.isatty()

    def say(self, line: str) -> None:
        if self._terminal:
            width = shutil.get_terminal_size().columns - 1
            print(f"\r{line[:width]:{width}}", end="", file=sys.stderr, flush=True)
        elif time.monotonic() - self._last >= BEAT:
            print(line, file=sys.stderr, flush=True)
        else:
            return
        self._last = time.monotonic()

    def end(self) -> None:
        if self._terminal and self._last:
            print(file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    run = argparse.ArgumentParser(add_help=False)
    run.add_argument(
        "--from", dest="folder", metavar="FOLDER", help="a folder with a sources.toml that stands in for the web"
    )
    run.add_argument("--check", action="store_true", help="only say what would change")
    run.add_argument("--offline", action="store_true", help="ask no web address; a package registry may still be asked")
    run.add_argument(
        "--all-licences", action="store_true", help="every licence of licences.toml, not only the core ones"
    )
    run.add_argument(
        "--refresh", action="store_true", help="ask the web again, for what it gave and for what it did not"
    )
    run.add_argument("--rebuild", action="store_true", help="make the index anew; sources are kept")
    parser = argparse.ArgumentParser("python -m ingest", description=__doc__, parents=[run])
    parser.set_defaults(command="")
    commands = parser.add_subparsers(title="commands", metavar="")
    add = commands.add_parser("add", help="add files or addresses", argument_default=argparse.SUPPRESS)
    add.add_argument("what", nargs="+", metavar="FILE_OR_URL")
    add.add_argument("--title", default="")
    add.add_argument("--licence", default="")
    add.set_defaults(command="add")
    forget = commands.add_parser("forget", help="leave sources out from now on")
    forget.add_argument("ids", nargs="+", metavar="ID")
    forget.add_argument("--undo", action="store_true", help="take them in again")
    forget.set_defaults(command="forget")
    commands.add_parser("status", help="what the index holds, and from where").set_defaults(command="status")
    write = commands.add_parser("attribution", help="write ATTRIBUTION.md")
    write.add_argument("--to", default="ATTRIBUTION.md", metavar="FILE")
    write.set_defaults(command="attribution")
    return parser


if __name__ == "__main__":
    sys.exit(main())
