"""An answer as safe HTML: sentences with their citations, and under them a card for each source.

Everything that comes from a source, a model or a person is escaped here by the template engine; only the model's own
words keep a little emphasis, and they go through two libraries for it. The result is one line: Gradio's chat reads
messages as Markdown, and a line that begins with ``<div`` is left alone up to the next newline.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from itertools import groupby
from pathlib import Path
from urllib.parse import quote, urlsplit

import nh3
from jinja2 import Environment, FileSystemLoader, Undefined
from markdown_it import MarkdownIt
from markupsafe import Markup, escape

from assistant.answer import DECLINED, QUOTED, Answer, Citation, Sentence
from assistant.wording import LACKING
from knowledge.credit import credit_due
from web.export import as_markdown, clause
from web.strings import words

Run = tuple[bool, list[Sentence]]
SHOWN = 320
TEMPLATES = Path(__file__).parent / "templates"
_MARKDOWN = MarkdownIt("zero", {"html": False, "linkify": False}).enable(["emphasis", "backticks", "escape"])
_INVISIBLE = re.compile(r"[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


@cache
def environment() -> Environment:
    """The templates, escaping everything that is not marked as safe."""
    templates = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=Undefined, trim_blocks=True, lstrip_blocks=True
    )
    templates.filters |= {"oneline": oneline, "oneline_pre": oneline_pre}
    templates.globals |= {
        "place": place,
        "web_address": web_address,
        "host": host,
        "clean": clean,
        "marked": marked,
        "clause": clause,
        "folded": folded,
        "words_of": words_of,
        "language_of": language_of,
        "credit_due": credit_due,
        "decimal": decimal,
    }
    return templates


def answer_html(answer: Answer, *, turn: int, language: str = "en", stage: str = "", identity: str = "") -> str:
    """One answer for the page.

    turn: its place in the conversation, which makes its anchors unique. stage: what is being done, while it grows.
    identity: under which it is kept; a complete answer has one, and tools under it.
    """
    template = environment().get_template("answer.html")
    cited = {c.number: c for c in sorted(answer.citations, key=lambda c: c.number)}
    html = template.render(
        answer=answer,
        turn=turn,
        w=words(language),
        stage=stage,
        id=identity,
        cited=cited,
        export=as_markdown(answer) if identity else "",
        told=told(answer.sentences),
        language=language,
        said="" if answer.notice in LACKING.values() else answer.notice if answer.status in (DECLINED, QUOTED) else "",
    )
    return in_one_line(html)


def in_one_line(html: str) -> str:
    """HTML without newlines and without characters that hide or turn text; all in it has been escaped before."""
    return _INVISIBLE.sub("", html.replace("\n", " "))


def told(sentences: Sequence[Sentence]) -> tuple[list[Run], list[Run]]:
    """What is said first, and what stands under it: quotations that follow a model's words are read after them."""
    last = max((at for at, sentence in enumerate(sentences) if not sentence.quoted), default=len(sentences))
    return quoted_apart(sentences[: last + 1]), quoted_apart(sentences[last + 1 :])


def quoted_apart(sentences: Sequence[Sentence]) -> list[Run]:
    """Runs of sentences: a source's own words stand apart from a model's, and from another source's."""
    runs = groupby(sentences, key=lambda s: (s.quoted, s.citations[:1] if s.quoted else ()))
    return [(quoted, list(run)) for (quoted, _), run in runs]


def folded(run: Sequence[Sentence]) -> tuple[list[Sentence], list[Sentence]]:
    """The sentences of a quotation that are shown, about ``SHOWN`` characters, and those that wait to be opened."""
    length = 0
    for at, sentence in enumerate(run):
        if at and length + len(sentence.text) > SHOWN:
            return list(run[:at]), list(run[at:])
        length += len(sentence.text)
    return list(run), []


def words_of(sentence: Sentence, citation: Citation | None) -> str:
    """A quotation without the name of its place before it, where the page says that name beside it."""
    chunk = citation.passage.chunk if citation else None
    names = [f"{chunk.source.title}, {chunk.path[-1]}: ", f"{chunk.source.title}: "] if chunk and chunk.path else []
    return next((sentence.text.removeprefix(n) for n in names if sentence.text.startswith(n)), sentence.text)


def language_of(sentence: Sentence, citation: Citation, language: str) -> str:
    """The language of a quoted sentence: the source's, or the asker's where words of ours were said in that.

    language: the asker's. Other sources are quoted as they are, with their place or a lead before them.
    """
    chunk, dispute = citation.passage.chunk, citation.dispute
    said = _plainly(sentence.text)
    if said in _plainly(citation.quote) or said in _plainly(chunk.text):
        return chunk.source.language
    if dispute and said == _plainly(dispute.correction):
        return "en"
    return language if chunk.source.kind == "note" else chunk.source.language


def _plainly(text: str) -> str:
    return " ".join(text.split())


def question_html(question: str) -> str:
    """A question, as it was typed."""
    return f'<div class="ps-question">{oneline(question)}</div>'


COMMAND = re.compile(r"(?:python3?|ollama|export|pip|docker|sudo)\s")


def note_html(message: str, mend: str = "") -> str:
    """A sentence to the reader about what went wrong."""
    more = ""
    if mend:
        is_command = COMMAND.match(mend)
        more = f" <code>{oneline(mend)}</code>" if is_command else f" {oneline(mend[:1].upper() + mend[1:] + '.')}"
    return f'<div class="ps-problem" role="alert">{oneline(message)}{more}</div>'


def oneline(text: str) -> Markup:
    """Text as HTML in one line: escaped, its newlines as breaks, characters that hide or turn text left out."""
    return Markup("<br>").join(escape(line) for line in _INVISIBLE.sub("", text).splitlines())


def oneline_pre(text: str) -> Markup:
    """Text for a ``pre``, in one line."""
    return Markup("&#10;").join(escape(line) for line in _INVISIBLE.sub("", text).split("\n"))


def clean(text: str) -> Markup:
    """A model's words: emphasis and code are kept, everything else is plain text; no link, no image, no HTML."""
    rendered = _MARKDOWN.renderInline(_INVISIBLE.sub("", " ".join(text.split())))
    return Markup(nh3.clean(rendered, tags={"em", "strong", "code"}, attributes={}))


def marked(citation: Citation) -> Markup:
    """The passage with the citation's words marked; the words alone where they do not stand in the passage."""
    chunk = citation.passage.chunk
    start, end = citation.start - chunk.start, citation.end - chunk.start
    if not 0 <= start < end <= len(chunk.text) or chunk.text[start:end] != citation.quote:
        return Markup("<mark>{}</mark>").format(oneline(citation.quote))
    before, words_, after = chunk.text[:start], chunk.text[start:end], chunk.text[end:]
    return Markup("{}<mark>{}</mark>{}").format(_edge(before), oneline(words_), _edge(after))


def _edge(text: str) -> Markup:
    """Text beside a mark, whose own newlines at that edge count."""
    return Markup("<br>").join(escape(line) for line in _INVISIBLE.sub("", text).split("\n"))


def place(source_id: str, start: int | None = None, end: int | None = None, language: str = "en") -> str:
    """The address of a source's page, at those characters, in the language that is not English."""
    span = f"{start}-{end}" if start is not None and end is not None else ""
    asked = "&".join([*([f"c={span}"] if span else []), *([f"lang={language}"] if language != "en" else [])])
    return f"/source/{quote(source_id, safe='')}{f'?{asked}' if asked else ''}{f'#c={span}' if span else ''}"


def decimal(number: float, language: str) -> str:
    """A number with one decimal, as the language writes it."""
    said = f"{number:.1f}"
    return said.replace(".", ",") if language == "fr" else said


def web_address(url: str) -> str:
    """The address if a browser may be sent there, else nothing."""
    try:
        parts = urlsplit(url.strip())
        fit = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.username
    except ValueError:
        return ""
    return url.strip() if fit and not re.search(r"[\s<>\"'`\\]", url.strip()) else ""


def host(url: str) -> str:
    """The name of the host in an address."""
    return urlsplit(url).hostname or "" if web_address(url) else ""
