"""Each sentence against the evidence: what is supported, and by what. Cosine is the share of common words here."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from assistant.answer import NOT_CONFIRMED, PARTLY, SUPPORTED
from assistant.citations import Checker, Finding
from knowledge.documents import Evidence, Source
from tests.fakes import WordEmbedder, evidence, source

LAMP = source("lamp-2.1", "Lamp Licence 2.1", names=("Lamp Licence",), publisher="Keepers")
ROPE = source("rope-3.0", "Rope Licence 3.0", names=("Rope Licence",), publisher="Sailors")
HISTORY = source("history", "A history of lamps", "article", publisher="The Daily Lamp")
COPIES = "You may make copies of the lamp and sell them to other harbours."
PERMIT = "A harbour with more than 700 boats must ask the keepers for a permit."
PAINT = "You must not paint the lamp in the colours of another harbour."
NOTICE = "Each copy must carry the notice of the keepers."
FOG = "The green lantern was reportedly invented in Ostend by Maria Vos in 1999."
OIL = "The keepers pay for the oil of the lamp."
ROPES = "You may make ropes of hemp and sell them to every sailor."
SELL = "Copies of the lamp may be sold to other harbours for money."
SHARED = "The lamp is shared by four harbours."
TABLE: list[tuple[str, str, str, Source]] = [
    # the sentence, its evidence, the verdict
    (COPIES, COPIES, SUPPORTED, LAMP),
    ("You may make copies of the lamp and sell them.", COPIES, SUPPORTED, LAMP),
    ("Yes. You may make copies of the lamp and sell them.", COPIES, SUPPORTED, LAMP),
    ("A harbour with more than 700 boats must ask the keepers for a permit.", PERMIT, SUPPORTED, LAMP),
    (
        "The Lamp Licence 2.1 says that copies of the lamp may be sold to harbours for money.",
        SELL,
        SUPPORTED,
        LAMP,
    ),  # title and version
    ("The lamp is shared by 4 harbours.", SHARED, SUPPORTED, LAMP),  # four is 4
    # a wrong number, name or version
    ("A harbour with more than 70 boats must ask the keepers for a permit.", PERMIT, NOT_CONFIRMED, LAMP),
    ("A harbour with more than 700 million boats must ask keepers for 2 permits.", PERMIT, NOT_CONFIRMED, LAMP),
    ("The green lantern was reportedly invented in Bruges by Maria Vos in 1999.", FOG, NOT_CONFIRMED, HISTORY),
    ("The green lantern was reportedly invented in Ostend by Maria Bos in 1999.", FOG, NOT_CONFIRMED, HISTORY),
    ("The green lantern was reportedly invented in Ostend by Maria Vos in 1998.", FOG, NOT_CONFIRMED, HISTORY),
    ("The Lamp Licence 2.0 says that copies of the lamp may be sold to harbours for money.", SELL, NOT_CONFIRMED, LAMP),
    ("In the Rope Licence, copies of the lamp may be sold for money.", SELL, NOT_CONFIRMED, LAMP),
    # negation lost or added
    ("You must paint the lamp in the colours of another harbour.", PAINT, NOT_CONFIRMED, LAMP),
    ("You may paint the lamp in the colours of another harbour.", PAINT, NOT_CONFIRMED, LAMP),
    ("You may not make copies of the lamp and sell them.", COPIES, NOT_CONFIRMED, LAMP),
    ("The keepers never pay for the oil of the lamp.", OIL, NOT_CONFIRMED, LAMP),
    ("You must not paint the lamp in the colours of another harbour.", PAINT, SUPPORTED, LAMP),
    # must and may
    ("Each copy may carry the notice of the keepers.", NOTICE, NOT_CONFIRMED, LAMP),
    ("You must make copies of the lamp and sell them.", COPIES, NOT_CONFIRMED, LAMP),
    ("You may not paint the lamp in the colours of another harbour.", PAINT, SUPPORTED, LAMP),  # forbids alike
    ("You must not take oil from the lamp.", "You may not take oil from the lamp.", SUPPORTED, LAMP),
    ("You must take oil from the lamp.", "You may take oil from the lamp.", NOT_CONFIRMED, LAMP),
    ("Each copy is required to carry the notice of the keepers.", NOTICE, SUPPORTED, LAMP),
    # a hedge lost or kept
    ("The green lantern was invented in Ostend by Maria Vos in 1999.", FOG, NOT_CONFIRMED, HISTORY),
    ("The green lantern was reportedly invented in Ostend by Maria Vos in 1999.", FOG, SUPPORTED, HISTORY),
    # too little of it
    ("The keepers pay for the oil, the wick, the glass and the ladder.", OIL, PARTLY, LAMP),
    ("The keepers light candles for lost sailors every winter night.", OIL, NOT_CONFIRMED, LAMP),
    ("You may make ropes of hemp.", COPIES, NOT_CONFIRMED, LAMP),
    # nothing to look up
    ("That is how it is.", COPIES, NOT_CONFIRMED, LAMP),
    ("Yes.", COPIES, NOT_CONFIRMED, LAMP),
    ("", COPIES, NOT_CONFIRMED, LAMP),
]


def check(sentence: str, held: Sequence[Evidence], question: str = "") -> Finding:
    embedder = WordEmbedder()
    vectors = embedder.encode([item.text for item in held])
    return Checker(held, vectors, embedder.encode, question=question).check(sentence)


@pytest.mark.parametrize(
    ("sentence", "words", "verdict", "of"), TABLE, ids=[f"{row[2]}: {row[0][:50]}" for row in TABLE]
)
def test_the_verdict_on_a_sentence(sentence: str, words: str, verdict: str, of: Source) -> None:
    found = check(sentence, [evidence(words, of)])
    assert found.verdict == verdict, found.why
    assert bool(found.why) == (verdict != SUPPORTED)


@pytest.mark.parametrize(
    ("sentence", "why"),
    [
        ("A harbour with more than 70 boats must ask the keepers for a permit.", "70 does not stand there"),
        ("A harbour must not ask the keepers for a permit.", "one of the two says not"),
        ("A harbour with more than 700 boats may ask the keepers for a permit.", "the source says must, not may"),
        ("A harbour in Ghent must ask the keepers for a permit.", "ghent does not stand there"),
    ],
)
def test_a_refusal_says_why(sentence: str, why: str) -> None:
    assert check(sentence, [evidence(PERMIT, LAMP)]).why == why


@pytest.mark.parametrize(
    ("question", "verdict"),
    [
        ("", SUPPORTED),
        ("What do sailors pay the keepers for?", SUPPORTED),  # it says more than the question
        ("Do the keepers pay for the oil of the lamp and its wick?", PARTLY),  # "wick" is only the question's
        ("Who buys a wick?", PARTLY),
    ],
)
def test_words_that_are_only_the_questions_support_nothing(question: str, verdict: str) -> None:
    found = check("The keepers pay for the oil of the lamp and the wick.", [evidence(OIL, LAMP)], question)
    assert found.verdict == verdict


@pytest.mark.parametrize("sentence", ["We pay for the oil of the lamp.", "Yes. Our keepers pay for the oil."])
def test_a_model_does_not_speak_as_the_asker(sentence: str) -> None:
    assert check(sentence, [evidence(f"{OIL} {sentence}", LAMP)]).verdict == NOT_CONFIRMED


def test_the_evidence_that_carries_a_sentence_is_cited_not_its_neighbour() -> None:
    held = [evidence(text, of) for text, of in ((OIL, LAMP), (COPIES, LAMP), (ROPES, ROPE), (PERMIT, LAMP))]
    found = check("You may make copies of the lamp and sell them.", held)
    assert (found.verdict, [item.text for item in found.evidence]) == (SUPPORTED, [COPIES])


def test_two_sources_complete_a_sentence_together() -> None:
    held = [
        evidence("The lamp burns whale oil in the winter months.", LAMP),
        evidence("The lantern of the pier burns gas.", ROPE),
    ]
    found = check("The lamp burns whale oil and the lantern of the pier burns gas.", held)
    assert found.verdict == SUPPORTED
    assert {item.chunk.source.id for item in found.evidence} == {"lamp-2.1", "rope-3.0"}


def test_the_second_source_does_not_lend_a_number_to_the_first_ones_words() -> None:
    held = [
        evidence("The fee for mooring is 14 euros a night.", LAMP),
        evidence("Fog lasts for 30 days in winter.", ROPE),
    ]
    assert check("The fee for mooring is 30 euros a night.", held).verdict == NOT_CONFIRMED


@pytest.mark.parametrize(
    ("sentence", "held"),
    [
        ("Sailors may make copies of the lamp and paint the quay.", [(ROPES, ROPE), (OIL, LAMP)]),
        (
            "Bruges pays the keepers of the lamp for oil.",
            [("Ostend pays the keepers of the lamp for oil.", LAMP), ("The people of Bruges burn gas.", ROPE)],
        ),
    ],
)
def test_right_words_about_the_wrong_subject_are_not_confirmed(sentence: str, held: list[tuple[str, Source]]) -> None:
    assert check(sentence, [evidence(words, of) for words, of in held]).verdict == NOT_CONFIRMED


def test_without_evidence_nothing_is_confirmed() -> None:
    embedder = WordEmbedder()
    assert Checker([], embedder.encode([]), embedder.encode).check(COPIES).verdict == NOT_CONFIRMED


@pytest.mark.parametrize("sentence", [row[0] for row in TABLE])
def test_a_score_is_between_0_and_1(sentence: str) -> None:
    found = check(sentence, [evidence(COPIES, LAMP), evidence(PERMIT, LAMP), evidence(FOG, HISTORY)])
    assert 0 <= found.score <= 1


EXCEPT = "The keepers do not pay for the oil, unless the lamp burns at night or in fog."


@pytest.mark.parametrize(
    ("sentence", "verdict"),
    [
        (EXCEPT, SUPPORTED),
        ("The keepers do not pay for the oil, except at night or in fog.", SUPPORTED),
        ("The keepers do not pay for the oil of the lamp.", PARTLY),  # an exception lost
        ("The keepers do not pay for the oil, unless the keepers pay for the oil.", NOT_CONFIRMED),  # another exception
    ],
)
def test_exceptions_are_kept(sentence: str, verdict: str) -> None:
    assert check(sentence, [evidence(EXCEPT, LAMP)]).verdict == verdict


STEPS = "The keepers must take reasonable steps to keep the lamp lit until the morning."
STORM = "If a keeper chooses to sail a boat in a heavy storm, the harbour lights a second lamp."


@pytest.mark.parametrize(
    ("sentence", "held", "verdict"),
    [
        ("The keepers must take reasonable steps to keep the lamp lit.", STEPS, SUPPORTED),
        ("The keepers must keep the lamp lit until the morning.", STEPS, PARTLY),
        ("The harbour lights a second lamp if a keeper sails a boat in a storm.", STORM, SUPPORTED),
        ("The harbour lights a second lamp.", STORM, SUPPORTED),
        ("A keeper chooses to sail a boat, and the harbour lights a lamp.", STORM, PARTLY),  # told as a fact
        ("Harbours try to keep the lamp lit.", "The harbour tries to keep the lamp lit.", SUPPORTED),
        (
            "Keepers read the book in which oil prices stand.",
            "Keepers read the book where oil prices stand.",
            SUPPORTED,
        ),
    ],
)
def test_limits_and_conditions_are_kept(sentence: str, held: str, verdict: str) -> None:
    assert check(sentence, [evidence(held, LAMP)]).verdict == verdict


BOTH = "Harbour Rule 3 gives keepers a second chance, while rights under Harbour Rule 2 end at once."


@pytest.mark.parametrize(
    ("sentence", "held", "verdict"),
    [
        ("Rights under Harbour Rule 2 end at once.", BOTH, SUPPORTED),
        ("Rights under Harbour Rule 3 end at once.", BOTH, PARTLY),  # said of the other
        ("Harbour Rule 3 gives a second chance, while under Harbour Rule 2 rights end.", BOTH, SUPPORTED),
        ("It gives keepers a second chance.", BOTH, PARTLY),  # of what?
        ("Keepers may sell oil under this licence.", "Keepers may sell oil under this licence.", SUPPORTED),
        ("Keepers may sell oil under this licence.", "Keepers may sell oil under the Rope Licence.", PARTLY),
        ("HARBOUR, RULE, LAMP", "HARBOUR, RULE, LAMP", NOT_CONFIRMED),  # no sentence
    ],
)
def test_what_is_said_is_said_of_the_same_thing(sentence: str, held: str, verdict: str) -> None:
    assert check(sentence, [evidence(held, LAMP)]).verdict == verdict


def test_what_another_sentence_denies_is_not_confirmed() -> None:
    denied = "Copies of the lamp may never be sold to other harbours for money."
    assert check(SELL, [evidence(SELL, LAMP)]).verdict == SUPPORTED
    found = check(SELL, [evidence(SELL, LAMP), evidence(denied, ROPE)])
    assert (found.verdict, found.evidence[0].text) == (NOT_CONFIRMED, denied)


def test_a_rare_word_that_is_missing_weighs_more_than_common_ones_that_stand_there() -> None:
    sentence, held = "The keepers pay for the oil and the badge.", [evidence(OIL, LAMP)]
    embedder = WordEmbedder()

    def verdict(weight: float) -> str:
        checker = Checker(
            held,
            embedder.encode([OIL]),
            embedder.encode,
            weight=lambda stem: weight if stem.startswith("badg") else 1.0,
        )
        return checker.check(sentence).verdict

    assert (verdict(1.0), verdict(9.0)) == (SUPPORTED, NOT_CONFIRMED)
