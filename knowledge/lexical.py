"""Words to chunks: BM25 over stemmed words, through bm25s, and how rare each word is.

k1 and b are those that the lab found best on this corpus (0.9 and 0.4); stemming is worth ten points there.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

import bm25s
import numpy as np
import Stemmer
from numpy.typing import NDArray

WORD = re.compile(r"\d+(?:[.,]\d+)+|[^\W_]+", re.UNICODE)
STOP = frozenset(
    "a an and any are as at be because been being but by can could did do does doing done for from had has have"
    " having he her his how i if in into is it its may me might must my no nor not of on or our shall she should so"
    " some such than that the their them then there these they this those to under until up upon was we were what"
    " when where which while who whom whose why will with would you your about tell please".split()
)
_stem = Stemmer.Stemmer("english")


def words(text: str) -> list[str]:
    """The words and numbers of a text, in lower case; "3.1" and "700" stay whole."""
    return WORD.findall(text.lower())


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """A word's stem. "licence" counts as "license": the corpus is American, our notes and many readers are not."""
    return str(_stem.stemWord(word.replace("licenc", "licens")))


def stems(text: str) -> list[str]:
    """The stems of a text's words, without the words that say nothing."""
    return [stem(word) for word in words(text) if word not in STOP]


class Lexicon:
    """BM25 scores of a question over texts, and the weight (idf) of each stem."""

    def __init__(self, texts: Sequence[str]) -> None:
        tokens = [stems(text) for text in texts]
        self._count = len(texts)
        self._seen: dict[str, int] = {}
        for own in tokens:
            for token in set(own):
                self._seen[token] = self._seen.get(token, 0) + 1
        self._bm25 = bm25s.BM25(k1=0.9, b=0.4)
        self._bm25.index(tokens, show_progress=False)

    def scores(self, question: str, more: Iterable[str] = ()) -> NDArray[np.float32]:
        """BM25 of each text, shape (texts,), divided by the best one; all zero where no word is known.

        ``more``: further words, such as synonyms, at the same weight.
        """
        tokens = [token for token in dict.fromkeys([*stems(question), *map(stem, more)]) if token in self._seen]
        if not tokens:
            return np.zeros(self._count, dtype=np.float32)
        found = np.asarray(self._bm25.get_scores(tokens), dtype=np.float32)
        best = float(found.max())
        return found / best if best > 0 else found

    def weight(self, token: str) -> float:
        """The idf of a stem; a stem that no text has weighs the most."""
        seen = self._seen.get(token, 0)
        return math.log(1 + (self._count - seen + 0.5) / (seen + 0.5))

    def knows(self, token: str) -> bool:
        """Whether any text has the stem."""
        return token in self._seen

    def coverage(self, question: str, texts: Iterable[str]) -> float:
        """How much of the question's words stands in the texts, by weight, 0 to 1; 0 for a question without words."""
        asked = set(stems(question))
        held = {token for text in texts for token in stems(text)}
        total = sum(self.weight(token) for token in asked)
        return sum(self.weight(token) for token in asked & held) / total if total else 0.0
