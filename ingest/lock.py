"""One ingest at a time in a home. The system drops the lock when a process ends, however it ends."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from errors import SettingsError


@contextmanager
def locked(home: Path) -> Iterator[None]:
    """Holds the home's lock. Raises SettingsError when another process holds it."""
    with (home / "ingest.lock").open("a+b") as file:
        try:
            if sys.platform == "win32":
                import msvcrt

                msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            else:
                import fcntl

                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise SettingsError(
                f"Another ingest is at work in {home}.", mend="wait for it, then run this again"
            ) from None
        yield
