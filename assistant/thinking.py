"""What a model thinks aloud is not its answer: the text without it, while it streams."""

from __future__ import annotations


class Plain:
    """The text without what stands between ``<think>`` and ``</think>``, whose marks may come in pieces."""

    OPEN, CLOSE = "<think>", "</think>"

    def __init__(self) -> None:
        self._held, self._thinking, self._any = "", False, False

    def text(self, piece: str) -> str:
        """What of the stream so far may be shown now."""
        self._held += piece
        out = ""
        while True:
            mark = self.CLOSE if self._thinking else self.OPEN
            at = self._held.find(mark)
            if at < 0:
                break
            out += "" if self._thinking else self._held[:at]
            self._held, self._thinking = self._held[at + len(mark) :], not self._thinking
        keep = next((n for n in range(len(mark) - 1, 0, -1) if self._held.endswith(mark[:n])), 0)
        ready, self._held = self._held[: len(self._held) - keep], self._held[len(self._held) - keep :]
        return self._begun(out if self._thinking else out + ready)

    def rest(self) -> str:
        """What was held back, at the end."""
        return "" if self._thinking else self._begun(self._held)

    def _begun(self, text: str) -> str:
        """Without the empty lines that a thought leaves in front."""
        text = text if self._any else text.lstrip()
        self._any = self._any or bool(text)
        return text
