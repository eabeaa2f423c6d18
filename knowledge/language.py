"""Which language a question is in, and its words in English, by a glossary of the field.

The embedder knows English; so a question in another language is searched for twice, as it stands and word by word in
English. The glossary is ``knowledge/glossary.toml``: a table a language of word to words, and ``synonyms`` for English.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from pathlib import Path

from errors import SourceError

FILE = Path(__file__).with_name("glossary.toml")
WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?|\d+(?:[.,]\d+)*", re.UNICODE)
#: Words that only this language uses often; the most hits win, and English wins a tie.
COMMON = {
    "en": "the is are of what which does do how who when where why can and or to in for with under about was did has"
    " it that this these would be my should our us they i you on at by from not there any if all must may a an have"
    " had its than into".split(),
    "fr": "le la les un une des du de est sont que qui quoi quel quelle quels quelles dans pour avec sur au aux ce"
    " cette il elle peut peuvent doit doivent selon et ou où comment pourquoi quand qu ne pas par son sa ses leur"
    " être ils elles nous vous".split(),
    "de": "der die das ein eine ist sind und oder was wer wie wann wo warum welche welcher welches darf dürfen muss"
    " kann mit für von nicht im den dem des zu auf nach unter gibt es eines einer".split(),
    "es": "el los las un una son que qué quién quiénes cómo cuándo dónde por para con según y del al se puede pueden"
    " debe deben cuál cuáles de la en es".split(),
    "it": "il lo gli le un una è sono che chi cosa come quando dove perché quale quali per con secondo del della dei"
    " delle può possono deve devono non di nel nella la".split(),
}


class Glossary:
    """Words of other languages in English, and synonyms."""

    def __init__(self, tables: Mapping[str, Mapping[str, str]]) -> None:
        self._tables = {name: {plain(key): value for key, value in table.items()} for name, table in tables.items()}
        self._synonyms = self._tables.pop("synonyms", {})
        self._english = {
            word for table in self._tables.values() for words in table.values() for word in plain(words).split()
        }
        self._english.update(word for key in self._synonyms for word in key.split())

    def language(self, text: str) -> str:
        """ "en", "fr", "de", "es" or "it": the one that most of the text's words belong to; English wins a tie.

        Common words alone took 16 of 82 short questions for another language; with the glossary's own words none.
        """
        folded = [part for token in WORD.findall(plain(text)) for part in re.split(r"(?<=')", token) if part]
        bare = [part for token in WORD.findall(text.lower()) for part in re.split(r"['’]", token)]
        hits = {name: sum(token in table for token in folded) for name, table in self._tables.items()}
        hits["en"] = sum(token in self._english for token in folded)
        for name, common in COMMON.items():
            hits[name] = hits.get(name, 0) + sum(token in common for token in bare)
        return max(hits, key=lambda name: (hits[name], name == "en"))

    @classmethod
    def read(cls, path: Path = FILE) -> Glossary:
        """The glossary of a file; an absent file is an empty one. Raises SourceError for one that is no TOML."""
        try:
            return cls(tomllib.loads(path.read_text("utf-8")))
        except FileNotFoundError:
            return cls({})
        except tomllib.TOMLDecodeError as error:
            raise SourceError(f"{path.name} cannot be read: {error}.") from None

    def english(self, question: str) -> tuple[str, list[str]]:
        """The question in English words, and further words that mean the same as some of them."""
        spoken = self.language(question)
        text = question if spoken == "en" else self._translate(question, self._tables.get(spoken, {}))
        padded = f" {' '.join(WORD.findall(plain(text)))} "
        more = [word for phrase, words in self._synonyms.items() if f" {phrase} " in padded for word in words.split()]
        return text, list(dict.fromkeys(more))

    def _translate(self, question: str, table: Mapping[str, str]) -> str:
        """Longest phrases first, up to four words; a word the table lacks stays as it is."""
        tokens = [part for token in WORD.findall(question) for part in re.split(r"(?<=['’])", token) if part]
        out, place = [], 0
        while place < len(tokens):
            for length in range(min(4, len(tokens) - place), 0, -1):
                phrase = plain(" ".join(tokens[place : place + length])).replace("' ", "'").replace("’", "'")
                if phrase in table:
                    out.append(table[phrase])
                    place += length
                    break
            else:
                out.append(tokens[place])
                place += 1
        return " ".join(word for word in out if word)


def plain(text: str) -> str:
    """Lower case, without accents."""
    folded = unicodedata.normalize("NFKD", text.lower().replace("’", "'"))
    return "".join(char for char in folded if not unicodedata.combining(char))
