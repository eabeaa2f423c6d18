"""What the chat page does: the conversation as it grows, the model that answers, what a page's address asks for.

What is shown of a conversation is kept on the server, in the session's state; nothing that a browser sends back is
believed but the words of a question. The chat is only ever written to, never read.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import gradio as gr

from assistant.answer import ANSWERED, Answer, Engine, Progress
from errors import UserError
from web import cards
from web.asking import Asker, Still, Waiting, checked
from web.export import plain
from web.kept import Kept
from web.limits import TURNS, Buckets
from web.models import option_label
from web.strings import Words, words

log = logging.getLogger("plainsource.web")
LOOK = 0.5  # seconds that an opening page waits for the list of models
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
    """What the page does. The components are made by ``web.layout``."""

    def __init__(self, asker: Asker, kept: Kept, asked: Buckets) -> None:
        self._asker, self._kept, self._asked = asker, kept, asked
        self._stops: dict[str, threading.Event] = {}
        self._looking: asyncio.Task[None] | None = None

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

    async def answer(
        self, question: str, talk: Talk, request: gr.Request, model: str = ""
    ) -> AsyncIterator[tuple[Talk, str]]:
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
            async for event in self._asker.ask(question, history, stop, model):
                last = event if isinstance(event, Answer) else last
                doing = doing if isinstance(event, Still) else stage_words(event, w)  # the page itself counts seconds
                if isinstance(event, Answer) and event.status != ANSWERED:
                    continue  # the complete one, or a first quotation, shown as what is being done is told: no flicker
                html = cards.answer_html(last or empty(question), turn=number, language=talk.language, stage=doing)
                yield talk.with_last(Turn(question, html)), ""
            if last is None:
                yield before, cards.note_html(w["withdrawn"])
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

    async def look(self, language: str) -> list[tuple[str, str]]:
        """The models that are present, each with its setting; the doctor looks too.

        A server that is slow to answer does not hold the page: what was known before is shown, and next time the rest.
        """
        models = self._asker.models
        if models.stale:
            if self._looking is None or self._looking.done():  # one look is enough for all who open a page
                self._looking = asyncio.create_task(asyncio.to_thread(models.refresh))
            await asyncio.wait([self._looking], timeout=LOOK)
        return [(option_label(option, words(language)), option.setting) for option in models.last]

    async def choose(self, setting: str, former: str) -> tuple[str, str]:
        """The model that answers from now on, and a note where the one asked for cannot be had."""
        try:
            await asyncio.to_thread(self._asker.models.get, setting)
        except UserError as error:
            return former, cards.note_html(error.message, error.mend)
        return setting, ""

    @property
    def first_model(self) -> str:
        """The setting of the model that answers where nobody chose."""
        return self._asker.models.first

    def header(self, language: str, compact: bool, model: str = "") -> str:
        """The name, the way to the other pages, who answers and why, and what is missing."""
        models = self._asker.models
        template = cards.environment().get_template("head.html")
        html = template.render(
            w=words(language),
            language=language,
            compact=compact,
            engine=models.known(model).engine,
            missing=models.missing(model),
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


def _query(request: gr.Request) -> dict[str, str]:
    return {str(k): str(v) for k, v in dict(request.query_params).items()}
