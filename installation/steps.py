"""Long commands: shown while they run, and a sentence when they fail."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from errors import UserError
from installation import ROOT

# What installers say when the fault is not theirs; setup asks the person for something else then.
NETWORK = (
    "NewConnectionError", "ConnectTimeout", "Read timed out", "name resolution", "dns error", "ProxyError",
    "error sending request", "Network is unreachable", "client error (Connect)", "operation timed out",
)  # fmt: skip
DISK = ("No space left on device", "os error 28", "Disk quota exceeded", "not enough space on the disk")


class StepFailed(Exception):
    """A command ended with an error. ``fault`` is network, disk or other; ``log`` holds all it printed."""

    def __init__(self, what: str, output: str, log: Path | None = None) -> None:
        super().__init__(what)
        self.what, self.log = what, log
        lines = [line.strip() for line in output.splitlines() if line.strip()]
        errors = [line for line in lines if line.lower().startswith("error")]
        self.last = (errors or lines or ["it said nothing"])[-1]
        self.fault = "other"
        for fault, marks in (("network", NETWORK), ("disk", DISK)):
            if any(mark in output for mark in marks):
                self.fault = fault

    def sentence(self) -> UserError:
        again = "run the same command again; what was downloaded is kept"
        if self.fault == "disk":
            places = f"{ROOT} or the temporary folder {tempfile.gettempdir()}"
            return UserError(f"The disk is full ({places}), so {self.what} could not be installed.", mend=again)
        if self.fault == "network":
            return UserError(
                f"The package index could not be reached, so {self.what} could not be fetched.", mend=again
            )
        return UserError(f"Installing {self.what} failed: {self.last}", mend=f"read {self.log}, then {again}")


class Task:
    """A command that runs while something else does; ``wait`` shows what it is doing and for how long."""

    def __init__(self, what: str, command: list[str], environment: dict[str, str], log: Path) -> None:
        self.what, self.log, self.since = what, log, time.monotonic()
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:  # a file, not a pipe: nothing blocks, and the tail can be shown
            self.child = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, cwd=ROOT, env=environment
            )

    def wait(self) -> None:
        """Until the end. Raises StepFailed where the command failed."""
        terminal, shown = sys.stdout.isatty(), 0.0
        try:
            while True:
                try:
                    code = self.child.wait(timeout=0.5 if terminal else 5)
                    break
                except subprocess.TimeoutExpired:
                    elapsed = time.monotonic() - self.since
                    if terminal or elapsed - shown >= 15:
                        shown = elapsed
                        self._show(f"  {self.what}: {elapsed:.0f} s  {self._tail()}", "" if terminal else "\n")
        except BaseException:
            self.stop()
            raise
        if code:
            self._show("", "")
            raise StepFailed(self.what, self._output(), self.log)
        self._show(f"  {self.what}: done in {time.monotonic() - self.since:.0f} s", "\n")

    def stop(self) -> None:
        if self.child.poll() is None:
            self.child.terminate()
            self.child.wait()

    def _output(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def _tail(self) -> str:
        lines = self._output()[-2000:].replace("\r", "\n").split("\n")
        return next((line.strip()[:70] for line in reversed(lines) if line.strip()), "")

    def _show(self, line: str, end: str) -> None:
        if sys.stdout.isatty():
            line = "\r\x1b[K" + line[: shutil.get_terminal_size().columns - 1]
        print(line, end=end if line else "", flush=True)


class Shell:
    """Runs commands. Tests put a scripted one in its place."""

    def __init__(self, logs: Path) -> None:
        self.logs = logs

    def start(self, what: str, command: list[str], environment: dict[str, str] | None = None) -> Task:
        log = self.logs / (what.split(" (")[0].replace(" ", "-") + ".log")
        return Task(what, command, dict(os.environ) if environment is None else environment, log)

    def run(self, what: str, command: list[str], environment: dict[str, str] | None = None) -> None:
        self.start(what, command, environment).wait()

    def ask(self, command: list[str], environment: dict[str, str] | None = None) -> str | None:
        """What a short command prints, stripped, or None where it fails or cannot be started."""
        try:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd=ROOT, env=environment
            )
        except OSError:
            return None
        return done.stdout.strip() if done.returncode == 0 else None
