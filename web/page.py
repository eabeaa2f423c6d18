"""The chat page and the compact one for iframes, both built by ``build``: Gradio's Blocks and Chatbot.

What is shown of a conversation is kept on the server, in the session's state; nothing that a browser sends back is
believed but the words of a question. The chat is only ever written to, never read.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # before gradio is imported: else the server calls outside
os.environ["GRADIO_ANALYTICS_MAX_EVENTS"] = "200"
os.environ["GRADIO_ANALYTICS_CACHE_FREQUENCY"] = (
    "1000000000"  # no summary after each event: it needs pandas, nobody reads it
)

import gradio as gr

from assistant.answer import ANSWERED, Answer, Engine, Progress
from errors import UserError
from web import cards
from web.asking import Asker, Still, Waiting, checked
from web.export import plain
from web.kept import Kept
from web.limits import TURNS, Buckets
from web.strings import Words, words
from web.strings import examples as questions

log = logging.getLogger("plainsource.web")
KEPT_TURNS = 20  # shown and kept of one conversation


@dataclass(frozen=True)
class Turn:
    """A question and what was answered. identity: the name that the complete answer is kept under."""

    question: str
    html: str
    text: str = ""
    identity: str = ""


@dataclass(frozen=True)
class Talk:
    """A conversation on the page."""

    language: str = "en"
    turns: tuple[Turn, ...] = ()

    @property
    def history(self) -> list[tuple[str, str]]:
        """What the assistant is told of it."""
        told = [turn for turn in self.turns if turn.text][-TURNS:]
        return [pair for turn in told for pair in (("user", turn.question), ("assistant", turn.text))]

    def messages(self) -> list[dict[str, str]]:
        """What the chat shows."""
        pairs = [(("user", cards.question_html(t.question)), ("assistant", t.html)) for t in self.turns]
        return [{"role": role, "content": html} for pair in pairs for role, html in pair]

    def with_last(self, turn: Turn) -> Talk:
        """The same, its last turn replaced."""
        return replace(self, turns=(*self.turns[:-1], turn))


class Page:
    """What the page does. The components are made by ``build``."""

    def __init__(self, asker: Asker, kept: Kept, asked: Buckets) -> None:
        self._asker, self._kept, self._asked = asker, kept, asked
        self._stops: dict[str, threading.Event] = {}

    def arrive(self, request: gr.Request) -> tuple[str, Talk]:
        """The question to prefill and the conversation so far, as the page's address says."""
        query = _query(request)
        language = "fr" if query.get("lang", "").lower().startswith("fr") else "en"
        found = [self._kept.get(name) for name in query.get("c", "").split(".")[:KEPT_TURNS] if name]
        turns = tuple(self._turn(a, number, language) for number, a in enumerate(filter(None, found), start=1))
        return query.get("q", "")[: self._asker.max_chars], Talk(language, turns)

    def _turn(self, answer: Answer, number: int, language: str) -> Turn:
        name = self._kept.keep(answer)
        html = cards.answer_html(answer, turn=number, language=language, identity=name)
        return Turn(answer.question, html, plain(answer), name)

    async def answer(self, question: str, talk: Talk, request: gr.Request) -> AsyncIterator[tuple[Talk, str]]:
        """The conversation as it grows, and a note to the reader, "" where all is well.

        A question that is refused (empty, too long, too many) changes nothing but the note, so it stays in the box.
        """
        w = words(talk.language)
        try:
            question = checked(str(question), self._asker.max_chars)
        except UserError as error:
            yield talk, cards.note_html(error.message, error.mend)
            return
        if wait := self._asked.take(request.client.host if request.client else ""):
            yield talk, cards.note_html(w["too_often"].format(seconds=round(wait) or 1))
            return
        session = request.session_hash or ""
        stop = self._stops[session] = threading.Event()
        before, history = talk, talk.history
        number = len(talk.turns) + 1
        talk = replace(talk, turns=(*talk.turns, Turn(question, "")))
        last: Answer | None = None
        doing = ""
        try:
            async for event in self._asker.ask(question, history, stop):
                last = event if isinstance(event, Answer) else last
                doing = doing if isinstance(event, Still) else stage_words(event, w)  # the page itself counts seconds
                if isinstance(event, Answer) and event.status != ANSWERED:
                    continue  # the complete one, or a first quotation, shown as what is being done is told: no flicker
                html = cards.answer_html(last or empty(question), turn=number, language=talk.language, stage=doing)
                yield talk.with_last(Turn(question, html)), ""
            if last is None:
                yield before, ""
            else:
                talk = talk.with_last(self._turn(last, number, talk.language))
                yield replace(talk, turns=talk.turns[-KEPT_TURNS:]), ""
        except UserError as error:
            yield before, cards.note_html(error.message, error.mend)
        except Exception:  # a bug: it is logged whole, and the page must not stay shut
            log.exception("an answer failed")
            yield before, cards.note_html(w["failed"])
        finally:
            stop.set()
            if self._stops.get(session) is stop:
                del self._stops[session]

    async def ask(self, question: str, request: gr.Request) -> dict[str, Any]:
        """For gradio_client: one question, the complete answer as JSON."""
        if wait := self._asked.take(request.client.host if request.client else ""):
            raise gr.Error(words("en")["too_often"].format(seconds=round(wait) or 1), print_exception=False)
        try:
            return (await self._asker.answer(str(question))).as_json()
        except UserError as error:
            raise gr.Error(error.message, print_exception=False) from None

    def stop(self, request: gr.Request) -> None:
        """The answer being written for this session ends with what it has."""
        if stop := self._stops.get(request.session_hash or ""):
            stop.set()

    def header(self, language: str, compact: bool) -> str:
        """The name, the way to the other pages, and who answers."""
        assistant = self._asker.assistant
        template = cards.environment().get_template("head.html")
        html = template.render(
            w=words(language), language=language, compact=compact, engine=assistant.engine, notices=assistant.notices
        )
        return cards.in_one_line(html)


def stage_words(event: Waiting | Progress | Answer, w: Words) -> str:
    """What is being done, for the reader."""
    if isinstance(event, Waiting):
        return w["waiting"].format(ahead=event.ahead) if event.ahead else w["waiting_0"]
    if isinstance(event, Progress):
        return w.get(event.stage, event.stage)
    return w["checking"]


def empty(question: str) -> Answer:
    """An answer with nothing in it yet."""
    return Answer(question, question, "answered", (), (), (), Engine("none", ""))


def build(page: Page, compact: bool) -> None:
    """The components and events of one page, inside the current Blocks."""
    w = words("en")
    gr.Navbar(visible=False)
    talk = gr.State(Talk())
    head = gr.Markdown(page.header("en", compact), elem_id="ps-head", sanitize_html=True)
    chat = gr.Chatbot(
        elem_id="ps-chat", label=w["chat_label"], show_label=False, container=False, layout="panel",
        # No height of its own: the page scrolls. In an iframe a share of the window would chase the height we report.
        height=None, min_height=None if compact else "45vh",
        buttons=[], allow_tags=False, latex_delimiters=[], allow_file_downloads=False, feedback_options=None,
        autoscroll=False, placeholder=welcome("en"), examples=examples("en", compact),
    )  # fmt: skip
    note = gr.Markdown("", elem_id="ps-note", sanitize_html=True)
    box = gr.Textbox(
        elem_id="ps-box", label=w["ask_label"], show_label=False, container=False, placeholder=w["ask_placeholder"],
        lines=1, max_lines=6, autofocus=not compact, submit_btn=w["ask"], stop_btn=False,
        max_length=None,
    )  # fmt: skip
    with gr.Row(elem_id="ps-actions"):
        again = gr.Button(w["again"], size="sm", elem_id="ps-again", interactive=False)
        clear = gr.Button(w["clear"], size="sm", elem_id="ps-clear", interactive=False)
        small = gr.Markdown(disclaimer("en"), elem_id="ps-disclaimer")
    shown = [talk, chat, box, note, again, clear]

    async def answer_question(question: str, now: Talk, request: gr.Request) -> AsyncIterator[list[Any]]:
        w = words(now.language)
        running = False
        async for grown, said in page.answer(question, now, request):
            now, entry = grown, gr.skip()
            if said:  # refused, or failed: the question comes back into the box
                entry = gr.update(value=question, submit_btn=w["ask"], stop_btn=False)
            elif not running:
                entry = gr.update(value="", submit_btn=False, stop_btn=w["stop"])
            running = True
            yield [now, now.messages(), entry, said, gr.update(interactive=False), gr.update(interactive=False)]
        yield [
            now, gr.skip(), gr.update(submit_btn=w["ask"], stop_btn=False), gr.skip(),
            gr.update(interactive=bool(now.turns)), gr.update(interactive=bool(now.turns)),
        ]  # fmt: skip

    async def ask_example(now: Talk, request: gr.Request, chosen: gr.SelectData) -> AsyncIterator[list[Any]]:
        async for update in answer_question(str(chosen.value.get("text", "")), now, request):
            yield update

    async def ask_again(now: Talk, request: gr.Request) -> AsyncIterator[list[Any]]:
        if not now.turns:
            return
        before = replace(now, turns=now.turns[:-1])
        async for update in answer_question(now.turns[-1].question, before, request):
            yield update

    def arrive(request: gr.Request) -> list[Any]:
        question, now = page.arrive(request)
        w, some = words(now.language), bool(now.turns)
        # Only what the address asks for is set: whoever is quick has typed, or asked, before this comes.
        prefill = {"value": question} if question else {}
        restored = {"value": now.messages()} if some else {}
        return [
            now if some or now.language != "en" else gr.skip(),
            gr.update(
                label=w["chat_label"],
                placeholder=welcome(now.language),
                examples=examples(now.language, compact),
                **restored,
            ),
            gr.update(label=w["ask_label"], placeholder=w["ask_placeholder"], submit_btn=w["ask"], **prefill),
            gr.skip(),
            gr.update(value=w["again"], **({"interactive": True} if some else {})),
            gr.update(value=w["clear"], **({"interactive": True} if some else {})),
            page.header(now.language, compact),
            disclaimer(now.language),
        ]

    def forget(now: Talk) -> list[Any]:
        off = gr.update(interactive=False)
        return [Talk(now.language), [], gr.update(value=""), "", off, off]

    # None: the one semaphore of Asker is the limit, for this page and for every other way in.
    quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden", "concurrency_limit": None}
    gr.on([box.submit], answer_question, [box, talk], shown, **quiet)
    chat.example_select(ask_example, [talk], shown, **quiet)
    again.click(ask_again, [talk], shown, **quiet)
    box.stop(page.stop, None, None, queue=False, api_visibility="private", show_progress="hidden")
    clear.click(forget, [talk], shown, **quiet)
    _on_load(arrive, [*shown, head, small], quiet)
    if not compact:
        gr.api(page.ask, api_name="ask", concurrency_limit=None)


def _on_load(arrive: Any, outputs: list[Any], quiet: Mapping[str, Any]) -> None:
    blocks = gr.context.Context.root_block
    assert blocks is not None
    blocks.load(arrive, None, outputs, **quiet)


def welcome(language: str) -> str:
    """What an empty conversation says."""
    w = words(language)
    return f'<div class="ps-welcome"><p class="ps-welcome-title">{w["welcome"]}</p><p>{w["welcome_more"]}</p></div>'


def disclaimer(language: str) -> str:
    """What an answer is not."""
    return f'<p class="ps-small">{words(language)["disclaimer"]}</p>'


def examples(language: str, compact: bool) -> list[dict[str, str]]:
    """Questions that show what the corpus is good at."""
    return [{"text": text} for text in questions(language)[: 2 if compact else 4]]


def _query(request: gr.Request) -> dict[str, str]:
    return {str(k): str(v) for k, v in dict(request.query_params).items()}
