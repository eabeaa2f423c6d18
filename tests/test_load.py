"""Readers: bytes of each format to the one text that citations point into."""

from __future__ import annotations

import io

import pytest
from pypdf import PdfWriter

from errors import SourceError
from ingest.load import format_of, load
from knowledge.documents import Document, Source


def read(text: str | bytes, form: str) -> Document:
    data = text if isinstance(text, bytes) else text.encode()
    return load(Source("s", "A title", "article"), data, form)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("one\r\ntwo\rthree", "one\ntwo\nthree\n"),
        ("cafe\u0301", "café\n"),
        ("pass\u200bword \u202eevil\u202c \u2066x\u2069", "password evil x\n"),
        ("hid\U000e0041\U000e0042den", "hidden\n"),
        ("a\x07b\x1b[0m", "ab[0m\n"),
        ("a\xa0b\u202fc", "a b c\n"),
        ("end   \n\n\n\n\n\nnext\n\n", "end\n\n\nnext\n"),
        ("\n\n\nfirst", "first\n"),
        ("page\x0cpage", "page\npage\n"),
        ("\ufeffmark", "mark\n"),
    ],
)
def test_a_text_is_normalised(given: str, expected: str) -> None:
    assert read(given, "text").text == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("“café”".encode(), "“café”\n"),
        ("“A licence – for the café, naïve and résumé” it said.".encode("cp1252"),
         "“A licence – for the café, naïve and résumé” it said.\n"),
        ("zwei".encode("utf-16"), "zwei\n"),
    ],
)  # fmt: skip
def test_encodings_are_told_apart(data: bytes, expected: str) -> None:
    assert read(data, "text").text == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("**Use** the *system* for [any purpose](https://x.example/y).", "Use the system for any purpose.\n"),
        ("one\ntwo", "one two\n"),
        ("- **a**\n- b\n  - c\n\nafter", "- a\n- b\n  - c\n\nafter\n"),
        ("1. a\n2. b\n   1. c\n", "1. a\n2. b\n  1. c\n"),
        ("1. a\n1. b\n1. c", "1. a\n2. b\n3. c\n"),
        ("1. a\n3. b", "1. a\n3. b\n"),
        ("> quoted\n> words", "quoted words\n"),
        ("| a | b |\n|---|---|\n| 1 | **2** |", "a | b\n1 | 2\n"),
        ("![a picture](x.png) and `code`", "a picture and code\n"),
        ("seen <!-- unseen --> <b>bold</b>", "seen  bold\n"),
        ("<!-- unseen\nlines -->\n\nseen", "seen\n"),
        ("```\nx = 1\n```", "x = 1\n"),
        ("a\n\n---\n\nb", "a\n\nb\n"),
        ("see note [1] here", "see note [1] here\n"),
    ],
)
def test_markdown_becomes_plain_text(given: str, expected: str) -> None:
    assert read(given, "markdown").text == expected


def test_headings_are_where_they_say() -> None:
    document = read("# One *two*\n\ntext\n\n### Three\nmore\n\n**All of it bold**\n\nend", "markdown")
    assert [(h.level, h.title) for h in document.headings] == [(1, "One two"), (3, "Three"), (6, "All of it bold")]
    assert all(document.text[h.start : h.end] == h.title for h in document.headings)
    assert document.text == "One two\n\ntext\n\nThree\n\nmore\n\nAll of it bold\n\nend\n"


NOTE = """---
title: What weights are
subjects: [open weights, Llama]
sources: [osaid-1.0]
checked: 2026-11-21
---
## What are weights?
Weights are numbers. They are learned.
Sources: osaid-1.0, osaid-faq

- one
- two
Sources: disputes:x
"""


def test_a_note_knows_what_it_rests_on() -> None:
    document = read(NOTE, "note")
    assert document.source.title == "What weights are"
    assert document.source.names == ("open weights", "Llama")
    assert "Sources" not in document.text
    assert [(document.text[s.start : s.end], s.sources) for s in document.supports] == [
        ("Weights are numbers. They are learned.", ("osaid-1.0", "osaid-faq")),
        ("- one\n- two", ("disputes:x",)),
    ]


@pytest.mark.parametrize("given", ["no front matter", "---\nsubjects: [a]\n---\nx", "---\ntitle: a\nother: b\n---\nx"])
def test_a_note_of_another_form_is_refused(given: str) -> None:
    with pytest.raises(SourceError):
        read(given, "note")


PAGE = """<html><head><title>t</title><script>bad()</script></head><body><nav>menu</nav>
<main><h1>Head</h1><p>One <b>two</b>
 three<br>four</p><ul><li>a</li><li>b<ol start=3><li>c</li></ol></li></ul>
<p style="display: none">hidden</p><p hidden>hidden</p><!-- hidden --><table><tr><td>1</td><td>2</td></tr></table>
<div>loose <a href="javascript:x()">words</a></div></main><footer>end</footer></body></html>"""


def test_a_page_is_its_main_part_without_what_is_hidden() -> None:
    document = read(PAGE, "html")
    assert document.text == "Head\n\nOne two three\nfour\n\n- a\n- b\n  3. c\n\n1 | 2\n\nloose words\n"
    assert [h.title for h in document.headings] == ["Head"]


def test_a_licence_comes_without_its_front_matter() -> None:
    assert read("---\nkey: x\n---\n\nPermission is granted.\n", "licence").text == "Permission is granted.\n"


def pdf(pages: int) -> bytes:
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(72, 72)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "form", "said"),
    [
        (b"", "text", "empty"),
        (b" \n\t", "markdown", "empty"),
        (b"\xef\xbb\xbf\xe2\x80\x8b", "text", "no text"),
        (b"a\0b", "text", "zero bytes"),
        (b"\xff\x00\x81\x8d\x00\xfe", "text", "encoding"),
        (b"<html><body><script>app()</script></body></html>", "html", "no text"),
        (b"<html>" + b"<div>" * 5000 + b"x", "html", "nested"),
        (b"%PDF-1.7\ntruncated", "pdf", "cannot be read"),
        (pdf(1), "pdf", "no text"),
        (pdf(501), "pdf", "501 pages"),
        (pdf(1)[:200], "pdf", "PDF|no text"),
    ],
)
def test_a_broken_file_is_a_sentence(data: bytes, form: str, said: str) -> None:
    with pytest.raises(SourceError, match=said):
        read(data, form)


def test_the_same_bytes_give_the_same_text() -> None:
    assert read(PAGE, "html") == read(PAGE, "html")


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("a.txt", "text"),
        ("a.MD", "markdown"),
        ("LICENSE", "text"),
        ("osaid-1.0", "text"),
        ("a.htm", "html"),
        ("a.yml", "text"),
    ],
)
def test_a_name_tells_the_format(name: str, form: str) -> None:
    assert format_of(name) == form


def test_a_format_without_a_reader_is_refused() -> None:
    with pytest.raises(SourceError, match=r"a\.docx"):
        format_of("a.docx")
