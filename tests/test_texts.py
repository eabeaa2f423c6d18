"""The kept texts: what is read is what was written, or nothing."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from errors import IndexUnavailable, SourceError
from knowledge.documents import Document, Source
from knowledge.texts import kept_digest, read_text, remove_text, safe_id, write_text


def document(text: str, id_: str = "osaid-1.0") -> Document:
    return Document(Source(id_, "A title", "definition"), text, sha256(text.encode()).hexdigest())


def test_a_text_comes_back_as_it_was_written(tmp_path: Path) -> None:
    write_text(tmp_path, document("Freiheit – für alle\n"))
    assert read_text(tmp_path, "osaid-1.0") == "Freiheit – für alle\n"
    assert (tmp_path / "texts" / "osaid-1.0.txt").read_bytes() == "Freiheit – für alle\n".encode()
    assert [path.name for path in sorted((tmp_path / "texts").iterdir())] == ["osaid-1.0.sha256", "osaid-1.0.txt"]


def test_a_text_that_was_changed_is_not_handed_out(tmp_path: Path) -> None:
    write_text(tmp_path, document("as it was"))
    (tmp_path / "texts" / "osaid-1.0.txt").write_text("as somebody made it")
    assert kept_digest(tmp_path, "osaid-1.0") == ""
    with pytest.raises(IndexUnavailable, match="osaid"):
        read_text(tmp_path, "osaid-1.0")


def test_a_removed_text_is_missing_and_may_be_removed_again(tmp_path: Path) -> None:
    write_text(tmp_path, document("here"))
    remove_text(tmp_path, "osaid-1.0")
    remove_text(tmp_path, "osaid-1.0")
    with pytest.raises(IndexUnavailable):
        read_text(tmp_path, "osaid-1.0")


@pytest.mark.parametrize("id_", ["", "../x", "a/b", "a\\b", "A", ".x", "a..b", "a.", "a b", "a\n", "a" * 200])
def test_an_id_cannot_name_another_place(id_: str) -> None:
    with pytest.raises(SourceError):
        safe_id(id_)


@pytest.mark.parametrize("id_", ["mit", "osaid-1.0", "cc-by-nc-sa-4.0", "model-llama_4"])
def test_ids_of_the_corpus_are_safe(id_: str) -> None:
    assert safe_id(id_) == id_
