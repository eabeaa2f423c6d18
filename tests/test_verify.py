"""A saved answer, looked up again: each citation holds, or it is said what became of it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from assistant import verify
from assistant.disputes import Disputes
from assistant.verify import Corpus, answers, check
from errors import SettingsError
from knowledge.documents import Dispute
from settings import Settings
from tests.fake_assistant import DISPUTE, LICENCE_TEXT, LIT, TEXTS, USE, scripted

KNOWN = replace(DISPUTE, marks=("1999",))
NOW = Corpus("c0ffee", frozenset(TEXTS), TEXTS.get, Disputes([KNOWN]), "digest")


def saved(script: str = "supported", **more: Any) -> dict[str, Any]:
    return {**scripted("May I?", script).as_json(), **more}


def licence_now(text: str | None) -> Corpus:
    return replace(NOW, text=lambda source_id: text if source_id == USE.passage.chunk.source.id else TEXTS[source_id])


@pytest.mark.parametrize(
    ("now", "state", "detail", "holds"),
    [
        (NOW, "holds", "", True),
        (replace(NOW, sources=frozenset()), "gone", "", False),
        (licence_now(None), "unread", "", False),
        # "use the grey lamp for every purpose" stands at 18 to 53; three characters before it move it
        (licence_now("Oh " + LICENCE_TEXT), "moved", f"{USE.start + 3}-{USE.end + 3}", False),
        (licence_now(LICENCE_TEXT.replace("grey", "blue")), "changed", "", False),
    ],
)
def test_what_became_of_a_citation(now: Corpus, state: str, detail: str, holds: bool) -> None:
    report = check(saved(), now)
    assert [(f.number, f.state, f.detail) for f in report.citations] == [(1, state, detail)]
    assert report.holds is holds


@pytest.mark.parametrize(
    ("then", "now", "state", "holds"),
    [
        ("wrong", (KNOWN,), "holds", True),
        (None, (KNOWN,), "disputed", False),
        ("disputed", (KNOWN,), "disputed", False),
        ("wrong", (), "settled", True),
        ("wrong", (replace(KNOWN, status="confirmed"),), "settled", True),
        (None, (replace(KNOWN, status="confirmed"),), "holds", True),
    ],
)
def test_a_dispute_may_have_changed(then: str | None, now: tuple[Dispute, ...], state: str, holds: bool) -> None:
    answer = saved("disputed")
    cited = next(c for c in answer["citations"] if c["number"] == LIT.number)
    cited["dispute"] = then and {**cited["dispute"], "status": then}
    report = check({**answer, "citations": [cited]}, replace(NOW, disputes=Disputes(now)))
    assert (report.citations[0].state, report.holds) == (state, holds)


@pytest.mark.parametrize(
    ("more", "changed"),
    [
        ({}, ()), ({"corpus": "other"}, (verify.CORPUS,)), ({"prompt": "digest"}, ()),
        ({"prompt": "older"}, (verify.PROMPT,)),
    ],
)  # fmt: skip
def test_what_changed_is_told_and_fails_nothing(more: dict[str, str], changed: tuple[str, ...]) -> None:
    report = check(saved(**more), NOW)
    assert report.changed == changed and report.holds


ONE = json.dumps(saved())


@pytest.mark.parametrize(
    ("text", "found"),
    [(ONE, 1), (f"{ONE}\n\n{ONE}\n", 2), (f"[{ONE}]", 1), (json.dumps(saved(), indent=2), 1),
     (f'{ONE}\n{{"id": 2, "question": "", "error": "empty"}}\n', 1)],
)  # fmt: skip
def test_one_answer_or_many(tmp_path: Path, text: str, found: int) -> None:
    path = tmp_path / "answers.json"
    path.write_text(text, encoding="utf-8")
    assert len(list(answers(path))) == found


@pytest.mark.parametrize("text", ["", "no", "3", "[1]", '{"question": "q"}', '{"question": "q", "citations": [{}]}'])
def test_another_file_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "other.json"
    path.write_text(text, encoding="utf-8")
    if text:
        with pytest.raises(SettingsError, match=r"other\.json"):
            list(answers(path))
    else:
        assert list(answers(path)) == []


def test_a_missing_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        list(answers(tmp_path / "none.json"))


def test_the_command_says_what_no_longer_holds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "answer.json"
    path.write_text(ONE, encoding="utf-8")
    assert verify.main([str(path)], Settings(home=tmp_path)) == 1  # there is no index, so no source
    assert "[1] lamp-licence-1.0: the source is no longer in the corpus" in capsys.readouterr().out
    assert verify.main([str(path), "--json"], Settings(home=tmp_path)) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["holds"], told["citations"][0]["state"], told["changed"]) == (False, "gone", [verify.CORPUS])
