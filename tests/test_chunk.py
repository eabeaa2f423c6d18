"""Chunks: pieces that stand for themselves, with an address, never cut inside a sentence."""

from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path

import pytest

from ingest.chunk import LIMIT, chunks, heading
from ingest.load import load
from ingest.outline import outline
from knowledge.documents import Document
from knowledge.sentences import sentences
from tests.fakes import NOTE, document, source
from tests.test_outline import LICENCE, TIMELINE, WRAPPED

WORDS = "lamp quay boat oil keeper harbour night fog copy page grant rope stone".split()


def prose(seed: int) -> str:
    """Invented prose with headings, clauses and lists: the same for the same seed."""
    dice = random.Random(seed)

    def sentence() -> str:
        words = " ".join(dice.choices(WORDS, k=dice.randint(2, 40)))
        return f"The {words} is {dice.randint(1, 9)}.{dice.randint(0, 9)} long."

    parts = []
    for number in range(1, dice.randint(3, 9)):
        parts.append(dice.choice([f"{number}. The {dice.choice(WORDS)} clause.", f"About the {dice.choice(WORDS)}"]))
        parts += [" ".join(sentence() for _ in range(dice.randint(1, 12))) for _ in range(dice.randint(1, 4))]
        parts.append("\n".join(f"({'abcdefg'[n]}) {sentence()}" for n in range(dice.randint(1, 7))))
    return "\n\n".join(parts) + "\n"


TEXTS = {"licence": LICENCE, "wrapped": WRAPPED, "timeline": TIMELINE, **{f"prose {n}": prose(n) for n in range(12)}}


def whole(made: Document) -> None:
    """What holds of the chunks of every text."""
    cut = chunks(made)
    ends = {end for block in outline(made) for _, end in sentences(made.text[block.start : block.end], block.start)}
    starts = {
        start for block in outline(made) for start, _ in sentences(made.text[block.start : block.end], block.start)
    }
    for piece in cut:
        assert piece.text == made.text[piece.start : piece.end]
        assert piece.text == piece.text.strip() != ""
        assert piece.start in starts and piece.end in ends, f"{piece.id} is cut inside a sentence"
        assert all(piece.start <= start < end <= piece.end for start, end in piece.sentences)
        joined = "".join(piece.sentence(span) for span in piece.sentences)
        assert "".join(joined.split()) == "".join(piece.text.split())
    assert all(one.end <= other.start for one, other in pairwise(cut))
    held = [block for block in outline(made) if not block.heading]
    assert all(any(p.start <= b.start and p.end >= b.end or b.start <= p.start < b.end for p in cut) for b in held)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_no_chunk_is_cut_in_the_middle_of_a_sentence_and_nothing_is_lost(text: str) -> None:
    whole(document(text))


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_only_a_sentence_that_is_longer_makes_a_chunk_over_the_limit(text: str) -> None:
    for piece in chunks(document(text)):
        assert piece.end - piece.start <= LIMIT or len(piece.sentences) <= 2


def test_clauses_keep_their_own_address() -> None:
    found = {piece.path[-1]: piece for piece in chunks(document(LICENCE))}
    assert list(found) == ["Preamble", "1. Definitions", "2. Use of the Lamp", "2.1 Copies", "2.2.", "3. Ending"]
    assert found["2.2."].text.startswith("2.2 You must not") and found["2.2."].text.endswith("carry mail.")
    assert found["2.1 Copies"].clause == "HARBOUR LICENCE AGREEMENT › 2. Use of the Lamp › 2.1 Copies"


def test_short_items_stand_together_and_say_from_where_to_where() -> None:
    items = "".join(f"{n}. to light lamp number {n} without the keeper's word;\n" for n in range(1, 5))
    (piece,) = chunks(document(f"What nobody may do\n\n{items}"))
    assert piece.path == ("What nobody may do", "1. – 4.")


def test_timeline_entries_are_chunks_of_their_own() -> None:
    assert [piece.text[:5] for piece in chunks(document(TIMELINE))] == ["2011:", "2015:", "Janua", "March"]


def test_a_heading_that_nothing_follows_is_kept_as_text() -> None:
    assert (
        "Last words"
        in chunks(document("# First\n\nSome words of it here.\n\n# Last words\n", form="markdown"))[-1].text
    )


def test_title_and_path_are_what_is_embedded_in_front() -> None:
    titled, bare = chunks(document(LICENCE))[1], chunks(document("Only one sentence stands in this text.\n"))[0]
    assert heading(titled) == "Harbour Licence — HARBOUR LICENCE AGREEMENT › 1. Definitions"
    assert heading(bare) == "Harbour Licence"


def test_a_note_says_what_each_piece_rests_on() -> None:
    (piece,) = chunks(NOTE)
    assert piece.rests_on == ("harbour-licence-2.1", "disputes:lamp-1999")
    assert "Sources" not in piece.text


def test_the_corpus_is_cut_at_sentences(corpus_folder: Path) -> None:
    files = sorted(path for path in corpus_folder.iterdir() if path.suffix in {".txt", ".md"})
    for path in files[::5]:  # every fifth, for the time it takes
        form = "markdown" if path.suffix == ".md" else "text"
        whole(load(source(path.stem.lower().replace("_", "-")), path.read_bytes(), form))


def test_each_entry_of_the_corpus_timeline_is_a_chunk(corpus_folder: Path) -> None:
    made = load(source("p2p"), (corpus_folder / "p2pfoundation-open-source-ai.txt").read_bytes(), "text")
    dated = [line for line in made.text.splitlines() if line[:5].strip().rstrip(":").isdigit() and line[4:6] == ": "]
    texts = {piece.text for piece in chunks(made)}
    entries = [line for line in dated if line.split(":")[0] not in {"2023", "2024"}]  # these two head months
    assert len(entries) >= 6
    assert set(entries) <= texts
