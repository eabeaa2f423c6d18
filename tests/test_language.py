"""Languages of questions, their words in English, and everyday words in those of licences."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from errors import SourceError
from knowledge.language import FILE, Glossary, plain

SPOKEN = [
    ("en", "What is open source AI?"),
    ("en", "GPL?"),
    ("en", ""),
    ("en", "Llama 4 licence"),
    ("en", "Does Mistral 7B have a licence that the OSI approves?"),
    ("fr", "Qui a écrit la GPL ?"),
    ("fr", "C'est quoi, un modèle ouvert ?"),
    ("fr", "Qu’est-ce que l’openwashing ?"),
    ("fr", "Peut-on vendre un logiciel sous licence Apache ?"),
    ("fr", "Que dit la MPL sur les brevets ?"),
    ("de", "Was ist die GPL?"),
    ("de", "Wer hat die GPL geschrieben?"),
    ("de", "Was sind offene Gewichte?"),
    ("de", "Wann tritt die KI-Verordnung in Kraft?"),
    ("es", "¿Qué es la GPL?"),
    ("es", "¿Cuándo entra en vigor la ley de IA?"),
    ("es", "¿Cuáles son las cuatro libertades?"),
    ("it", "Chi ha scritto la licenza GPL?"),
    ("it", "Che cos'è un modello a pesi aperti?"),
    ("it", "Quali sono le quattro libertà?"),
]

#: A question, and the English words that must stand in it after translation.
TRANSLATED = [
    ("Faut-il payer une redevance pour utiliser Llama dans une entreprise ?", "must pay royalty use Llama company"),
    ("Les données d'entraînement doivent-elles être publiées selon l'OSAID ?", "training data must publish OSAID"),
    ("Les données d’entraînement font-elles partie de la forme préférée ?", "training data|preferred form"),
    ("L'auteur d'une œuvre dérivée doit-il citer l'original ?", "author|derivative work|must credit original"),
    ("L'auteur d'une oeuvre derivee doit-il citer l'original ?", "author|derivative work|must credit original"),
    ("LE DROIT D'AUTEUR EST-IL CÉDÉ ?", "copyright"),
    ("Un modèle à poids ouverts est-il un logiciel libre ?", "model|open weights|free software"),
    ("Quel est le seuil d'utilisateurs actifs mensuels de la licence ?", "threshold|monthly active users|license"),
    ("Que se passe-t-il après la résiliation de la licence ?", "after termination"),
    ("Le mandataire est-il responsable d'un risque systémique ?", "authorised representative|systemic risk"),
    ("Quand est-ce que l'AI Act entre en vigueur, en août 2026 ?", "ai act entry into force|august 2026"),
    ("Le règlement sur l'intelligence artificielle est-il applicable ?", "ai act|application"),
    ("Quel est le nom du modèle Llama 3.1 dans la licence ?", "name|model Llama 3.1"),
    ("Was ist der Unterschied zwischen MIT und Apache 2.0?", "what is difference|between MIT and Apache 2.0"),
    ("Welche Pflichten haben die Anbieter der KI-Modelle?", "obligation|provider|ai models"),
    ("Ist die AGPL mit der MIT-Lizenz kompatibel?", "AGPL|MIT license compatible"),
    ("Was passiert, wenn ich gegen die Lizenz verstoße?", "happen|license violation"),
    ("Was muss man für die Trainingsdaten tun?", "must|training data"),
    ("¿Puedo usar el nombre Llama en mi modelo?", "can use name Llama in my model"),
    ("¿La obra derivada debe usar el código abierto?", "derivative work must use open source"),
    ("¿Cuál es el umbral y por qué es importante?", "threshold|why|important"),
    ("Chi ha i diritti d'autore di un'opera derivata?", "copyright|derivative work"),
    ("Quando entra in vigore il regolamento sull'IA?", "when entry into force|ai act"),
    ("Che cos'è la forma preferita dei dati di addestramento?", "preferred form|training data"),
]

#: A question, and words that its synonyms must bring.
SYNONYMS = [
    ("Can I sell it?", {"royalty", "commercial"}),
    ("What may I name the model?", {"beginning"}),
    ("Can the author sue me?", {"litigation", "claim"}),
    ("Which courts decide?", {"jurisdiction", "governing"}),
    ("Does it end one day?", {"terminate", "termination"}),
    ("Is a big company allowed to use it?", {"monthly", "threshold"}),
    ("Can I fork it?", {"modify", "derivative"}),
    ("Peut-on vendre le logiciel sous licence GPL ?", {"royalty", "commercial"}),
    ("Quel tribunal est compétent en cas de litige ?", {"governing", "venue"}),
    ("Was kostet die Lizenz?", {"royalty", "payment"}),
    ("What colour has the sky?", set()),
]

#: Words that half of all texts use: as a synonym they would find everything.
COMMON = set("license licence licenses software use model models open source term terms ai data free include".split())


@pytest.fixture(scope="module")
def glossary() -> Glossary:
    return Glossary.read()


@pytest.fixture(scope="module")
def entries() -> list[tuple[str, str, str]]:
    """Table, key and value of each line of the file."""
    table, found = "", []
    for line in FILE.read_text("utf-8").splitlines():
        if header := re.fullmatch(r"\[(\w+)\]", line):
            table = header[1]
        elif entry := re.fullmatch(r'"?([^"=]+?)"? = "([^"]*)"', line):
            found.append((table, entry[1], entry[2]))
    return found


@pytest.mark.parametrize(("expected", "question"), SPOKEN)
def test_the_language_of_a_question(expected: str, question: str) -> None:
    assert Glossary.read().language(question) == expected


@pytest.mark.parametrize(("question", "expected"), TRANSLATED)
def test_a_question_in_english_words(glossary: Glossary, question: str, expected: str) -> None:
    english = glossary.english(question)[0]
    phrases = expected.split("|") if "|" in expected else expected.split()
    assert [phrase for phrase in phrases if f" {phrase} " not in f" {english} "] == [], english


@pytest.mark.parametrize(("question", "expected"), SYNONYMS)
def test_the_words_that_texts_use_for_it(glossary: Glossary, question: str, expected: set[str]) -> None:
    more = glossary.english(question)[1]
    assert len(more) == len(set(more))
    assert expected <= set(more) if expected else not more, more


def test_an_english_question_stays_as_it_is(glossary: Glossary) -> None:
    question = "Who wrote the GPL, and when?"
    assert glossary.english(question)[0] == question


def test_phrases_win_over_words_and_unknown_words_stay() -> None:
    tables = {"fr": {"code": "code", "code source": "source code", "l'": "", "ancien": ""}}
    small = Glossary(tables | {"synonyms": {"source code": "program text", "code": "program"}})
    assert small.english("Où est le code source de l'ancien Zorglub ?") == (
        "Où est le source code de Zorglub",
        ["program", "text"],
    )


def test_keys_may_have_accents_and_typographic_apostrophes() -> None:
    small = Glossary({"fr": {"données d’été": "summer data"}})
    assert small.english("Que sont les DONNÉES D'ÉTÉ ?")[0] == "Que sont les summer data"


def test_no_glossary_is_an_empty_one_and_a_broken_one_is_told(tmp_path: Path) -> None:
    path = tmp_path / "glossary.toml"
    assert Glossary.read(path).english("Qui est le juge ?") == ("Qui est le juge", [])
    path.write_text("[fr", encoding="utf-8")
    with pytest.raises(SourceError, match=r"glossary\.toml"):
        Glossary.read(path)


def test_every_key_can_be_found(entries: list[tuple[str, str, str]]) -> None:
    """Lower case, no accents, no hyphens, at most four words: any other key never matches."""
    assert {table for table, _, _ in entries} == {"fr", "de", "es", "it", "synonyms"}
    wrong = [key for _, key, _ in entries if key != plain(key) or re.search(r"[-.,?]|\s{2}", key)]
    long = [key for table, key, _ in entries if table != "synonyms" and len(re.findall(r"[^\s']+'?", key)) > 4]
    assert (wrong, long) == ([], [])


def test_no_synonym_is_a_common_word(entries: list[tuple[str, str, str]]) -> None:
    values = [(key, set(value.split())) for table, key, value in entries if table == "synonyms"]
    assert [(key, words & COMMON) for key, words in values if words & COMMON] == []
    assert [key for key, words in values if not words or words & set(key.split()) == words] == []


def test_names_of_models_are_no_words_of_a_language(glossary: Glossary) -> None:
    for question in ("¿Qué es Llama y por qué es la IA de Meta?", "Was ist das Modell Llama und wer hat es?"):
        assert "Llama" in glossary.english(question)[0]
