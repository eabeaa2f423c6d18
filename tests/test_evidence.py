"""Which sentences an answer is written from, what is shown beside them, and how they are quoted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assistant.evidence import (
    BEHIND,
    OTHER,
    QUOTED,
    WHOLE,
    answering,
    best_sentences,
    gathered,
    lead_in,
    merged,
    novelty,
    worth_quoting,
)
from assistant.quoting import MOST_CHARS, quotations, quoted, shorten
from knowledge.documents import Chunk, Evidence, Passage
from knowledge.lexical import Lexicon
from knowledge.routing import Router
from tests.fakes import HARBOUR, chunk, evidence, searcher_over, source

RULES = chunk("You must not:\n(a) paint the lamp;\n(b) sell the lamp twice.", path=("2. No blame",))
NOTE = source("note-lamp", "Lamps", "note")
LEXICON = Lexicon([RULES.text, "the lamp burns oil", "boats carry rope"])


def at(of: Chunk, number: int, score: float = 0.5) -> Evidence:
    return Evidence(of, *of.sentences[number], score)


def found(of: Chunk, score: float = 1.0) -> Passage:
    return Passage(of, score, {}, tuple(at(of, n) for n in range(len(of.sentences))))


def best(*chunks: Chunk) -> list[str]:
    return [item.text for item in best_sentences("Who may sell the lamp?", [found(c) for c in chunks], LEXICON)]


def test_titles_questions_and_scraps_are_no_evidence() -> None:
    made = chunk(
        "2. The sale of lamps\nWho may sell?\nNo lamp.\nOnly keepers sell a lamp.", path=("2. The sale of lamps",)
    )
    assert best(made) == ["Only keepers sell a lamp."]


@pytest.mark.parametrize("text", ["2015: A lamp is lit here.", "3. You must name the author."])
def test_a_piece_that_is_its_own_title_is_evidence(text: str) -> None:
    assert best(chunk(text, path=("History", text))) == [text]


def test_the_same_sentence_counts_once_and_the_better_passage_first() -> None:
    one, two = chunk("Only keepers sell a lamp.", source("one")), chunk("Only  keepers sell a LAMP.", source("two"))
    items = best_sentences("Who sells the lamp?", [found(one, 0.5), found(two, 1.5)], LEXICON)
    assert [item.chunk.source.id for item in items] == ["two"]


def test_a_note_that_answers_this_very_question_is_first_and_whole() -> None:
    lamp = chunk("\n".join(f"Sentence number {n} speaks of lamps." for n in range(30)), NOTE)
    items = [at(RULES, 2, 0.9), at(lamp, 4, 0.8)]
    assert [window[0].chunk for window in gathered(items, 2, 60)] == [RULES, lamp]
    whole, other = gathered(items, 2, 60, whole={lamp.id})
    assert whole[0].chunk is lamp
    assert WHOLE - 60 < whole[-1].end - whole[0].start <= WHOLE
    assert other[0].chunk is RULES


@pytest.mark.parametrize(
    ("kind", "asked", "is_answer"), [("note", 0.9, True), ("note", 0.7, False), ("press", 0.9, False)]
)
def test_what_is_known_to_answer_a_question(kind: str, asked: float, is_answer: bool) -> None:
    of = chunk("A lamp burns.", source("lamp", kind=kind))
    assert answering([Passage(of, 1.0, {"asked": asked})]) == ({of.id} if is_answer else set())


def test_evidence_comes_best_first_and_not_too_much_of_it() -> None:
    searcher = searcher_over(HARBOUR)
    question = "Must a harbour with 700 boats ask for a permit?"
    items = best_sentences(question, searcher.search(question), searcher.lexicon, most=3)
    assert len(items) == 3
    assert "700 boats" in items[0].text
    assert [item.score for item in items] == sorted((item.score for item in items), reverse=True)


LONG = chunk("\n".join(f"Sentence number {n} speaks of lamps." for n in range(9)))


@pytest.mark.parametrize(
    ("best", "chars", "numbers"),
    [
        ([4], 10, [4]),  # never less than the best itself
        ([4], 75, [4, 5]),  # then what follows
        ([8], 75, [7, 8]),  # at the end, what precedes
        ([4, 2], 110, [2, 3, 4]),  # towards another good one only when it is next to the window
        ([0], 10_000, list(range(9))),
    ],
)
def test_a_window_grows_around_the_best_sentence(best: list[int], chars: int, numbers: list[int]) -> None:
    items = [at(LONG, n, 0.9 - place / 10) for place, n in enumerate(best)]
    if best == [4, 2]:
        items.append(at(LONG, 3, 0.7))
    (window,) = gathered(items, 1 if len(best) == 1 else 2, chars)
    assert [LONG.sentences.index((item.start, item.end)) for item in window] == numbers


def test_a_window_does_not_end_with_a_colon() -> None:
    rules = chunk("Lamps are lit.\nA keeper must:\n(a) keep the lamp clean, and dry, and lit;\n(b) pay for its oil.")
    (window,) = gathered([at(rules, 1)], 1, 10)
    assert [item.text[:3] for item in window] == ["A k", "(a)"]
    (window,) = gathered([at(rules, 1)], 1, 10, fit=lambda item: "clean" not in item.text)
    assert [item.text[:3] for item in window] == ["A k"]


def test_a_window_does_not_take_in_what_is_not_fit() -> None:
    (window,) = gathered([at(LONG, 4)], 1, 10_000, fit=lambda item: "number 6" not in item.text)
    assert [LONG.sentences.index((item.start, item.end)) for item in window] == [0, 1, 2, 3, 4, 5]


def test_passages_keep_the_order_of_their_best_sentences_and_a_title_is_no_part() -> None:
    titled = chunk("2. The sale of lamps\nOnly keepers sell a lamp.", source("two"), ("2. The sale of lamps",))
    windows = gathered([at(titled, 1, 0.9), at(RULES, 2, 0.8)], 2, 200)
    assert [items[0].chunk for items in windows] == [titled, RULES]
    assert [item.text for item in windows[0]] == ["Only keepers sell a lamp."]
    assert gathered([], 2, 200) == []


@pytest.mark.parametrize(
    ("scores", "quoted"),
    [
        ((1.0, 1.0), ["Oil burns in a lamp.", "A rope is of hemp."]),  # in the order of the search
        ((1.0, 1.0 - BEHIND + 0.01), ["Oil burns in a lamp.", "A rope is of hemp."]),
        ((1.0, 1.0 - BEHIND - 0.01), ["Oil burns in a lamp."]),
        ((0.5, 1.0), ["A rope is of hemp.", "Oil burns in a lamp."]),
    ],
)
def test_passages_are_quoted_best_first_unless_far_behind(scores: tuple[float, float], quoted: list[str]) -> None:
    chunks = [chunk("Oil burns in a lamp.", source("one")), chunk("A rope is of hemp.", source("two"))]
    passages = [found(of, score) for of, score in zip(chunks, scores, strict=True)]
    runs = worth_quoting("What burns?", passages, Router(()))
    assert [merged(run).text for run in runs] == quoted


def test_a_passage_is_quoted_whole_but_not_its_title_nor_more_than_a_reader_bears() -> None:
    titled = chunk("2. The sale of lamps\nOnly keepers sell lamps.\nBoats may not.", path=("2. The sale of lamps",))
    (run,) = worth_quoting("Who sells lamps?", [found(titled)], Router(()))
    assert [item.text for item in run] == ["Only keepers sell lamps.", "Boats may not."]
    long = chunk("\n".join(f"Sentence number {n} speaks of lamps." for n in range(60)))
    (run,) = worth_quoting("Who sells lamps?", [found(long)], Router(()))
    assert QUOTED - 60 < run[-1].end - run[0].start <= QUOTED


def test_what_is_not_fit_is_not_quoted_and_a_note_that_answers_comes_first() -> None:
    note, other = chunk("Lamps burn oil in the night.", NOTE), chunk("Ropes are made of hemp.")
    passages = [found(other, 1.0), Passage(note, 0.9, {"asked": 0.9}, found(note).evidence)]
    assert [run[0].chunk for run in worth_quoting("?", passages, Router(()))] == [note, other]
    runs = worth_quoting("?", passages, Router(()), lambda item: "oil" not in item.text)
    assert [run[0].chunk for run in runs] == [other]


def test_a_passage_on_another_licence_than_is_asked_for_is_fined() -> None:
    shine, rope = source("shine-1.0", "Shine Licence 1.0"), source("rope-3.0", "Rope Licence 3.0")
    passages = [found(chunk("You may sell a rope.", rope), 1.0), found(chunk("You may sell a lamp.", shine), 0.9)]
    runs = worth_quoting("May I sell under the Shine Licence 1.0?", passages, Router([shine, rope]))
    assert [run[0].chunk.source for run in runs] == [shine, rope]


@pytest.mark.parametrize(
    ("item", "lead"),
    [
        (at(RULES, 1), "You must not:"),
        (at(RULES, 0), ""),
        (evidence("- paint it red", path=("What you must not do",)), "What you must not do"),
        (evidence("- paint it red", path=("Paint",)), ""),
        (at(chunk("a. You must:\n(i) light it\nb. Keepers sleep."), 1), "a. You must:"),
        (at(chunk("a. You must:\n(i) light it\nb. Keepers sleep."), 2), ""),  # "b." stands beside "a."
        (at(chunk("(i) You must:\n(ii) guard it"), 1), ""),
        (at(chunk("You must:\n1. light it, and also:\n2. guard it"), 2), "You must:"),
        (evidence("A lamp burns oil."), ""),
        (evidence("I. Keeper lit it."), ""),
    ],
)
def test_an_item_has_the_words_that_it_continues(item: Evidence, lead: str) -> None:
    assert lead_in(item) == lead


@pytest.mark.parametrize(
    ("said", "share"),
    [([], 1.0), (["the lamp burns"], 1 / 3), (["Oil burns in lamps."], 0.0)],
)
def test_novelty_is_the_share_of_stems_not_yet_said(said: list[str], share: float) -> None:
    assert novelty(evidence("The lamp burns oil."), said) == pytest.approx(share)


def test_merged_evidence_spans_the_run() -> None:
    whole = merged([at(RULES, 1, 0.2), at(RULES, 2, 0.9)])
    assert (whole.text, whole.score) == ("(a) paint the lamp;\n(b) sell the lamp twice.", 0.9)


def test_a_note_is_said_sentence_by_sentence() -> None:
    made = chunk("- A lamp burns oil.\n1. It shines\nfar.".replace("\nfar", " far"), NOTE)
    assert quotations([at(made, 0), at(made, 1)]) == ["A lamp burns oil.", "It shines far."]


def test_another_source_is_quoted_with_where_it_stands_and_what_the_item_continues() -> None:
    assert quotations([at(RULES, 1), at(RULES, 2)]) == [
        "Harbour Licence, 2. No blame: “You must not: … paint the lamp; (b) sell the lamp twice.”"
    ]
    assert quotations([evidence("A lamp burns oil.")]) == ["Harbour Licence: “A lamp burns oil.”"]


@pytest.mark.parametrize(
    ("items", "words"),
    [
        ([at(RULES, 2)], "You must not:\n(a) paint the lamp;\n(b) sell the lamp twice."),
        ([at(RULES, 1), at(RULES, 2)], "You must not:\n(a) paint the lamp;\n(b) sell the lamp twice."),
        ([at(RULES, 0), at(RULES, 1)], "You must not:\n(a) paint the lamp;"),
        ([at(chunk(RULES.text, NOTE), 2)], "(b) sell the lamp twice."),  # our notes are said without a lead-in
        ([at(chunk(RULES.text, path=("You must not:",)), 2)], "(b) sell the lamp twice."),  # the title says it
    ],
)
def test_what_is_cited_holds_every_word_of_the_quotation(items: list[Evidence], words: str) -> None:
    assert quoted(items).text == words


@pytest.mark.parametrize(
    ("text", "most", "wanted"),
    [
        ("short", 10, "short"),
        ("a lamp burns, and oil is bought", 20, "a lamp burns …"),
        ("a lamp burns without oil or rope", 20, "a lamp burns …"),
        ("a, lamp burns without oil or rope", 20, "a, lamp burns …"),  # a comma too early is none
    ],
)
def test_a_long_quotation_is_cut_at_a_mark_or_a_word(text: str, most: int, wanted: str) -> None:
    assert shorten(text, most) == wanted


def test_no_quotation_is_endless() -> None:
    (said,) = quotations([evidence("word " * 900)])
    assert len(said) < MOST_CHARS + 40
    assert said.endswith(" …”")


def test_a_line_that_is_only_the_texts_name_is_no_evidence() -> None:
    of = source("lamp-2.1", "Lamp Licence 2.1", names=("Lamp Licence",), published="2004-05")
    made = chunk("Lamp Licence, version 2.1, 2004\nKeepers may sell every lamp to a harbour.", of)
    assert best(made) == ["Keepers may sell every lamp to a harbour."]


def test_the_licence_of_a_named_model_is_no_other_text() -> None:
    lamp = source("lamp-2.1", "Lamp Licence 2.1")
    shine = replace(source("model-shine", "Shine: how open it is", "model", names=("Shine",)), terms="lamp-2.1")
    clause, sheet = (
        chunk("Nobody may sell it to a harbour at all.", lamp),
        chunk("It is sold to us in a harbour.", shine),
    )
    passages = [found(clause, 1.0), found(sheet, 1.0)]
    ours, theirs = (
        best_sentences("May I sell Shine to a harbour?", passages, LEXICON, Router([lamp, model]))
        for model in (shine, replace(shine, terms=""))
    )
    fined = [next(item.score for item in items if item.chunk is clause) for items in (ours, theirs)]
    assert fined[0] - fined[1] == pytest.approx(OTHER)


def test_a_question_that_names_two_things_gets_a_sentence_on_each() -> None:
    lamp, rope = source("lamp-2.1", "Lamp Licence 2.1"), source("rope-3.0", "Rope Licence 3.0")
    on_lamps = chunk("It may be sold to every harbour.\nIt may be sold twice, as harbours like.\nSold it may be.", lamp)
    on_ropes = chunk("Hemp is kept dry and never painted.", rope)
    router = Router([lamp, rope])
    question = "Which of Lamp Licence 2.1 and Rope Licence 3.0 may be sold to a harbour?"
    passages = [found(on_lamps, 1.5), found(on_ropes, 0.5)]
    both = best_sentences(question, passages, LEXICON, router)
    assert {item.chunk.source.id for item in both[:2]} == {"lamp-2.1", "rope-3.0"}
    one = best_sentences(question.replace("Rope Licence 3.0", "another"), passages, LEXICON, router)
    assert {item.chunk.source.id for item in one[:2]} == {"lamp-2.1"}
