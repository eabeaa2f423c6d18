"""How often one address may ask, and what of a conversation is believed."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable

TURNS = 6  # of the conversation before: more do not help a follow-up, and each costs prompt
CHARS = 4000  # of one turn


class Buckets:
    """A token bucket for each address: ``size`` at once, ``rate`` a second after that.

    At most ``addresses`` are remembered, the ones seen last, so that a flood of addresses costs no memory.
    """

    def __init__(
        self, size: float, rate: float, *, addresses: int = 10_000, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._size, self._rate, self._addresses, self._clock = size, rate, addresses, clock
        self._seen: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, address: str) -> float:
        """0.0 if it may go on, else the seconds until it may."""
        now = self._clock()
        left, since = self._seen.pop(address, (self._size, now))
        left = min(self._size, left + (now - since) * self._rate)
        wait = 0.0 if left >= 1 else (1 - left) / self._rate
        self._seen[address] = (left - 1 if not wait else left, now)
        while len(self._seen) > self._addresses:
            self._seen.popitem(last=False)
        return wait


def believed(turns: Iterable[object]) -> list[tuple[str, str]]:
    """A conversation from outside, rebuilt: user and assistant, text only, the last turns, so many characters each.

    A history that a client sends can be forged (other roles, files, components); what does not fit is left out.
    """
    kept: list[tuple[str, str]] = []
    for turn in turns:
        if not isinstance(turn, list | tuple) or len(turn) != 2:
            continue
        role, text = turn
        if role in ("user", "assistant") and isinstance(text, str) and text.strip():
            kept.append((role, text.strip()[:CHARS]))
    return kept[-2 * TURNS :]
