"""The questions: their form, and that each is what it says it is."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from errors import SourceError
from evaluation.questions import CATEGORIES, FILE, HERE, Gold, Question, digest, load
from knowledge import catalogue
from knowledge.documents import Source

NOTES = Path(catalogue.__file__).with_name("notes")
LEAST = {
    "french": 25,
    "conflict": 30,
    "paraphrase": 40,
    "unanswerable-inside": 35,
    "unanswerable-outside": 15,
    "injection": 8,
}
GOOD = {
    "id": "a", "question": "Why?", "history": [], "language": "en", "category": "law", "answerable": True,
    "key_facts": ["53|article"], "gold": [{"source": "osaid-1.0", "marks": ["x"]}], "split": "dev",
}  # fmt: skip


@pytest.fixture(scope="module")
def asked() -> list[Question]:
    return load()


@pytest.fixture(scope="module")
def sources() -> dict[str, Source]:
    """Everything that a gold place may name."""
    return {
        **{f"note-{path.stem}": Source(f"note-{path.stem}", path.stem, "note") for path in NOTES.glob("*.md")},
        **catalogue.sources(),
        **{key: licence.source for key, licence in catalogue.licences().items()},
        **{f"model-{model.id}": Source(f"model-{model.id}", model.name, "model") for model in catalogue.models()},
        **{f"disputes:{claim.id}": Source(claim.id, claim.claim, "note") for claim in catalogue.disputes()},
    }


def named(gold: Gold, sources: dict[str, Source]) -> list[str]:
    """The ids that a gold place stands for."""
    if gold.source.endswith("*"):
        return [id_ for id_ in sources if id_.startswith(gold.source[:-1])]
    return [gold.source] if gold.source in sources else []


def test_there_are_enough_of_each_kind(asked: list[Question]) -> None:
    counted = Counter(question.category for question in asked)
    assert len(asked) >= 250 and set(counted) == set(CATEGORIES)
    assert {name: counted[name] for name, least in LEAST.items() if counted[name] < least} == {}


def test_both_halves_have_every_category(asked: list[Question]) -> None:
    counted = Counter((question.split, question.category) for question in asked)
    assert [(half, name) for half in ("dev", "test") for name in CATEGORIES if counted[half, name] < 3] == []


def test_no_question_comes_twice(asked: list[Question]) -> None:
    twice = Counter((question.question.lower(), question.history) for question in asked)
    assert [words for words, times in twice.items() if times > 1] == []


def test_every_gold_source_is_in_the_catalogues(asked: list[Question], sources: dict[str, Source]) -> None:
    assert [(q.id, gold.source) for q in asked for gold in q.gold if not named(gold, sources)] == []


def test_an_answerable_question_has_a_gold_place(asked: list[Question]) -> None:
    assert [question.id for question in asked if question.answerable != bool(question.gold)] == []


def test_notes_have_the_headings_that_are_named(asked: list[Question]) -> None:
    named = [(q.id, g.source, g.clause) for q in asked for g in q.gold if g.source.startswith("note-")]
    texts = {path.stem: path.read_text("utf-8") for path in NOTES.glob("*.md")}
    assert [entry for entry in named if entry[2] not in texts[entry[1].removeprefix("note-")]] == []


def test_licences_are_split_by_source(asked: list[Question], sources: dict[str, Source]) -> None:
    halves: dict[str, set[str]] = defaultdict(set)
    for question in asked:
        for gold in question.gold:
            if gold.source in sources and sources[gold.source].kind in ("licence", "policy"):
                halves[gold.source].add(question.split)
    assert {source for source, half in halves.items() if len(half) > 1} == set()
    assert len(halves) >= 40


def test_disputed_claims_are_split_by_claim(asked: list[Question]) -> None:
    halves: dict[str, set[str]] = defaultdict(set)
    for question in asked:
        for gold in question.gold:
            if question.category == "conflict" and gold.source.startswith("disputes:"):
                halves[gold.source].add(question.split)
    assert {claim for claim, half in halves.items() if len(half) > 1} == set()


def test_key_facts_and_marks_are_short(asked: list[Question]) -> None:
    wordings = [(q.id, w) for q in asked for fact in q.key_facts for w in fact.split("|")]
    wordings += [(q.id, mark) for q in asked for gold in q.gold for mark in gold.marks]
    assert [(id_, w) for id_, w in wordings if not w or len(w.split()) > 5] == []


def test_follow_ups_have_a_history_of_turns(asked: list[Question]) -> None:
    assert all(question.history for question in asked if question.category == "followup")
    assert {role for question in asked for role, _ in question.history} <= {"user", "assistant"}


def test_marks_stand_in_their_sources(asked: list[Question], corpus_folder: Path) -> None:
    texts = {
        id_: " ".join((corpus_folder / entry.file).read_text("utf-8").split()).lower().replace("*", "")
        for id_, entry in catalogue.listed(corpus_folder / "sources.toml").items()
    }
    missing = [
        (q.id, gold.source, mark) for q in asked for gold in q.gold if gold.source in texts
        for mark in gold.marks if mark.lower().replace("’", "'") not in texts[gold.source].replace("’", "'")
    ]  # fmt: skip
    assert missing == []


def written(folder: Path, *entries: object) -> Path:
    path = folder / "some.jsonl"
    path.write_text("\n".join(e if isinstance(e, str) else json.dumps(e) for e in entries), "utf-8")
    return path


def test_a_file_of_the_short_form_is_read(tmp_path: Path) -> None:
    line = {"source": "s", "fact": "f", "question": "Who?", "key_facts": ["x"], "gold": ["note-a#Who is it?", "s"]}
    (found,) = load(written(tmp_path, line))
    assert found.gold == (Gold("note-a", clause="Who is it?"), Gold("s"))
    assert (found.id, found.answerable, found.split) == ("some-001", True, "dev")


@pytest.mark.parametrize("path", sorted(HERE.glob("coverage-*.jsonl")), ids=lambda path: path.stem)
def test_the_coverage_files_can_be_asked(path: Path) -> None:
    assert load(path)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["{"], "line 1 is not JSON"),
        (["[]"], "not an object"),
        ([GOOD | {"colour": 1}], "unknown colour"),
        ([{k: v for k, v in GOOD.items() if k != "gold"}], "lacks gold"),
        ([GOOD, GOOD], "comes twice"),
        ([GOOD | {"category": "sport"}], "'sport', not one of"),
        ([GOOD | {"split": "both"}], "'both', not one of"),
        ([GOOD | {"answerable": False}], "key_facts"),
        ([GOOD | {"key_facts": [""]}], "list of words"),
        ([GOOD | {"gold": [{"source": "s", "page": 1}]}], "unknown page"),
        ([], "no question"),
    ],
)
def test_a_file_that_is_wrong_says_where(tmp_path: Path, lines: list[object], said: str) -> None:
    with pytest.raises(SourceError, match=said):
        load(written(tmp_path, *lines))


def test_an_absent_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be read"):
        load(tmp_path / "none.jsonl")


def test_parts_of_a_file(asked: list[Question]) -> None:
    assert {q.split for q in load(split="test")} == {"test"}
    assert {q.category for q in load(categories=["law"])} == {"law"}
    some = load(limit=20)
    assert len(some) == 20 and len({q.category for q in some}) >= 8  # at even distances
    assert digest(asked) != digest(some) and len(digest(some)) == 12
    assert FILE.parent == HERE
