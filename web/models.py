"""Which model answers for whom: the one of the settings, or another of those present that a reader chose.

A reader's choice is for one tab or one request. Engines are opened when they are first chosen, kept for whoever chooses
them next, and closed with the application. Everything here may ask a server, so it is called in a thread.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.answer import Engine
from assistant.choice import MEND, Option, same
from assistant.doctor import Check
from assistant.known import osi_approved
from errors import UserError
from web.strings import Words

if TYPE_CHECKING:
    from web.asking import Answering

FRESH = 10.0  # seconds for which a list of models is believed
HEALTHY = 30.0  # and what the doctor found


class ModelAbsent(UserError):
    """A model was asked for that is not among those present."""


@dataclass(frozen=True)
class Missing:
    """What is not there, or what the reader should know. name: the doctor's word for it; mend: the command."""

    message: str
    name: str = ""
    mend: str = ""


class Models:
    """The models that a reader may choose among.

    listed: those present now. opened: the same assistant with another engine; raises UserError. checks: the doctor's.
    preload: has the default's model loaded.
    """

    def __init__(
        self,
        default: Answering,
        *,
        listed: Callable[[], Sequence[Option]] = tuple,
        opened: Callable[[str], Answering] | None = None,
        checks: Callable[[], Sequence[Check]] = tuple,
        preload: Callable[[], None] | None = None,
    ) -> None:
        self.default, self._listed, self._opened, self._checks = default, listed, opened, checks
        self.first = setting_of(default.engine)  # the setting by which the default would be chosen
        engine = default.engine
        self._own = Option(self.first, engine.model, engine.kind, engine.licence, osi_approved(engine.model))
        self._preload = preload
        self._open: dict[str, Answering] = {}
        self._options: tuple[Option, ...] = ()
        self._failed: tuple[Check, ...] = ()
        self._looked = self._examined = float("-inf")
        self._lock = threading.Lock()

    def options(self) -> tuple[Option, ...]:
        """Those present, best first; the default is among them."""
        with self._lock:
            if time.monotonic() - self._looked > FRESH:
                found = self._present()
                mine = next((option for option in found if same(option.setting, self.first)), None)
                self.first = mine.setting if mine else self.first
                self._options, self._looked = (() if mine else (self._own,)) + found, time.monotonic()
            return self._options

    def _present(self) -> tuple[Option, ...]:
        try:
            return tuple(self._listed()) if self._opened else ()
        except UserError:  # an address that is none, say: the doctor tells of it
            return ()

    def get(self, setting: str) -> Answering:
        """The assistant with that model; "" means the default. Raises UserError where it cannot be had.

        Only what is listed is opened: a reader's words are no path of a file, and no address.
        """
        if setting in ("", self.first):
            return self.default
        if opened := self._open.get(setting):
            return opened
        settings = [option.setting for option in self.options()]
        if setting not in settings or self._opened is None:
            raise ModelAbsent("That model is not present here.", mend=f"choose among {', '.join(settings)}")
        with self._lock:
            if setting not in self._open:
                self._open[setting] = self._opened(setting)
            return self._open[setting]

    def known(self, setting: str) -> Answering:
        """The assistant with that model if it was opened, else the default; asks nobody."""
        return self._open.get(setting, self.default)

    def examine(self) -> None:
        """Lets the doctor look, if that was a while ago."""
        with self._lock:
            if time.monotonic() - self._examined > HEALTHY:
                try:
                    self._failed = tuple(check for check in self._checks() if not check.ok)
                except OSError as error:
                    self._failed = (Check("files", False, f"What is here cannot be looked at: {error}."),)
                self._examined = time.monotonic()

    def refresh(self) -> None:
        """A page opens: looks what is present and what is missing, and has the model ready for the first question."""
        self.options()
        self.examine()
        if self._preload:
            with contextlib.suppress(UserError):  # the answer, or the doctor, says so
                self._preload()

    @property
    def stale(self) -> bool:
        """Whether ``refresh`` would find out anything."""
        now = time.monotonic()
        return self._opened is not None and (now - self._looked > FRESH or now - self._examined > HEALTHY)

    @property
    def last(self) -> tuple[Option, ...]:
        """The options that were found last; asks nobody."""
        return self._options

    def missing(self, setting: str = "") -> tuple[Missing, ...]:
        """What the doctor found last, and what there is to know of the model; asks nobody."""
        return tuple(self._missing(setting))

    def _missing(self, setting: str) -> Iterator[Missing]:
        for check in self._failed:
            yield Missing(check.message, check.name, check.mend)
        looked = self._examined > 0  # then what can be mended is the doctor's, who knows whether it was
        for notice in self.known(setting).notices:
            if not (looked and MEND in notice):
                yield Missing(notice)

    def close(self) -> None:
        """Closes what was opened here; the default is its owner's."""
        with self._lock:
            for assistant in self._open.values():
                assistant.close()
            self._open.clear()


def setting_of(engine: Engine) -> str:
    """The setting that chooses an engine."""
    if engine.kind in ("ollama", "openai"):
        return f"{engine.kind}:{engine.model}"
    return engine.model or "none"


def option_label(option: Option, w: Words) -> str:
    """What is chosen, under which licence, and who gets the reader's words, if that is somebody else."""
    if option.kind == "none":
        return w["option_none"]
    name = option.label.replace("(built in)", w["option_built_in"]).replace("(server)", w["option_server"])
    approved = {True: w["option_osi"], False: w["option_not_osi"], None: w["option_osi_unknown"]}[option.osi]
    licence = f"{option.licence}, {approved}" if option.licence else w["option_no_licence"]
    sent = [w["option_sent"].format(to=option.sent_to)] if option.sent_to else []
    return " · ".join([name, licence, *sent])
