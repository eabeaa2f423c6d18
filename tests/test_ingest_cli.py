"""The command line: what it prints, and its exit statuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from errors import SettingsError
from ingest.__main__ import main, warnings
from ingest.attribution import attribution
from ingest.fetch import Missing
from ingest.lock import locked
from knowledge.credit import credit
from knowledge.documents import Source


@pytest.mark.parametrize("arguments", [["--what"], ["add"], ["forget"], ["nonsense"]])
def test_a_wrong_use_exits_with_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(arguments)
    assert exit_.value.code == 2


def test_an_empty_home_says_how_to_fill_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status"]) == 0
    assert "python -m ingest" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["forget", "no-such"], "no-such"),
        (["add", "no-such.txt"], "no-such.txt"),
        (["--offline", "add", "https://x.example/"], "offline"),
        (["attribution"], "no index"),
        (["add", "a.txt", "b.txt", "--title", "x"], "One title"),
    ],
)
def test_what_a_person_can_mend_is_a_sentence(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 1
    told = capsys.readouterr().err
    assert said in told
    assert "Traceback" not in told


def test_two_ingests_do_not_work_in_one_home(tmp_path: Path) -> None:
    with locked(tmp_path), pytest.raises(SettingsError, match="Another ingest"), locked(tmp_path):
        pass
    with locked(tmp_path):
        pass


def test_attribution_names_each_source_with_its_licence() -> None:
    by = Source(
        "osaid-1.0", "The Definition", "definition", url="https://x.example/", author="OSI", licence="CC-BY-4.0"
    )
    bare = Source("b", "A page", "article")
    text = attribution([bare, by], "the data set")
    assert (
        "- `osaid-1.0`: “The Definition”, by OSI, CC-BY-4.0, https://x.example/. **Credit required (CC BY).**" in text
    )
    assert text.index("## Definitions") < text.index("## Articles")
    assert credit(bare) == "“A page”, licence not known"


def test_sources_that_are_missing_for_one_reason_share_a_warning() -> None:
    away = "The web cannot be reached."
    missing = [Missing("a", away, "mend"), Missing("b", "It is empty."), Missing("c", away, "mend")]
    assert warnings(missing) == [f"warning: a, c: {away}\n  To mend it: mend", "warning: b: It is empty."]
