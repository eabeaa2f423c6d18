"""A stream of a model's words into whole sentences, cleaned of what small models add: markers, bullets, labels."""

from __future__ import annotations

import re

from knowledge.sentences import sentences

LABEL = re.compile(r"^\s*(?:[-*•]\s+|\d{1,2}[.)]\s+|(?:facts?|answer|source)\s*\d*\s*:\s*)+", re.IGNORECASE)
MARKS = re.compile(r"\s*\[\d+(?:\s*,\s*\d+)*\]|\s*\((?:facts?|source)\s*\d+(?:\s*(?:,|and)\s*\d+)*\)", re.IGNORECASE)
EMPHASIS = re.compile(r"\*\*|__|`|<[^>]*>")
TONE = re.compile(r"^\s*(yes|no)\s*[.!,:]?\s*$", re.IGNORECASE)
WHOLE = re.compile(r"[.!?…][\"”’)\]]*(?:\s*\[[\d,\s]*\])*\s*$")  # markers may follow the stop
SCRAP = re.compile(r"…|[;:,]$|\b(?:and|or)(?: \(?[ivx\d]{1,4}[.)])?$", re.IGNORECASE)  # of a fact that was cut
LEAST_WORDS = 3


class Splitter:
    """Gives each sentence once it is complete. A lone "Yes." is put in front of the sentence that follows it."""

    def __init__(self) -> None:
        self._held = ""
        self._tone = ""

    def feed(self, text: str, *, ends: bool = False, cut: bool = False) -> list[str]:
        """The sentences that ``text`` completes; with ``ends``, also what is left.

        cut: the words did not end by themselves. Half a sentence may say the opposite of the whole, and is left out.
        """
        self._held += text
        spans = sentences(self._held)
        open_ended = cut and not WHOLE.search(self._held)
        whole = spans if ends and not open_ended else spans[:-1]
        out = [clean for start, end in whole if (clean := self._clean(self._held[start:end]))]
        self._held = "" if ends else self._held[whole[-1][1] :] if whole else self._held
        return out

    def _clean(self, text: str) -> str:
        text = " ".join(EMPHASIS.sub("", MARKS.sub("", LABEL.sub("", text))).split())
        if TONE.match(text):
            self._tone = f"{text.strip(' .!,:').capitalize()}. "
            return ""
        if len(text.split()) < LEAST_WORDS or SCRAP.search(text):
            return ""
        said, self._tone = f"{self._tone}{text}", ""
        return said
