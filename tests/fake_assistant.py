"""An assistant that keeps the protocol of ``web.asking.Answering`` and says what its table says. It patches nothing.

``reply`` records what it was asked; a question picks a script by a word in it ("partly", "quoted", "slow"…).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from assistant.answer import Answer, Citation, Engine, Progress, Sentence
from errors import EngineUnavailable, QuestionError
from knowledge.documents import Chunk, Dispute, Passage, Source
from web.shelf import Shelf

ENGINE = Engine("embedded", "SmolLM2-135M", "apache-2.0")
LICENCE_TEXT = (
    "1. Grant\n\nYou may use the grey lamp for every purpose, and nobody has to be asked.\n\n"
    "2. Sharing\n\nWhoever passes the lamp on keeps this page with it. Copies may cost money.\n\n"
    "3. End\n\nThe grant ends when the page is torn out."
)
ARTICLE_TEXT = "Some say that the lamp was lit in 1999. Others were not there.\n\nIt shines on <b>everyone</b> & all."
LICENCE = Source(
    "lamp-licence-1.0", "Lamp Licence 1.0", "licence", "https://example.org/lamp", "Lamp Makers", "Lamp Makers",
    "2024-05-01", "CC-BY-4.0", rank=1, names=("Lamp Licence",), shareable=True,
)  # fmt: skip
ARTICLE = Source(
    "lamp-article", "The lamp, a history", "article", "https://example.com/history", "A. Writer", "The Daily Lamp",
    "2025", "unknown", rank=4, shareable=False,
)  # fmt: skip
NOTE = Source(
    "note-lamps", "What lamps are", "note", licence="own words", publisher="Plainsource", rank=3, shareable=True
)
DISPUTE = Dispute(
    "lamp-1999", "lamp-article", "The lamp was lit in 1999.", "wrong", "The lamp was first lit in 2004.",
    ("https://example.org/when", "lamp-licence-1.0"),
)  # fmt: skip
CONFIRMED = replace(DISPUTE, id="lamp-checked", status="confirmed", correction="The lamp is grey.")


def chunk(source: Source, text: str, words: str, path: tuple[str, ...] = (), rests_on: tuple[str, ...] = ()) -> Chunk:
    """The chunk of a text that is exactly these words."""
    start = text.index(words)
    return Chunk(source, start, start + len(words), words, path, ((start, start + len(words)),), rests_on)


GRANT = chunk(
    LICENCE, LICENCE_TEXT, "You may use the grey lamp for every purpose, and nobody has to be asked.", ("1. Grant",)
)
SHARING = chunk(
    LICENCE, LICENCE_TEXT, "Whoever passes the lamp on keeps this page with it. Copies may cost money.", ("2. Sharing",)
)
HISTORY = chunk(ARTICLE, ARTICLE_TEXT, "Some say that the lamp was lit in 1999. Others were not there.")
NOTE_TEXT = "Lamps give light to whoever stands near them."
NOTED = Chunk(
    NOTE, 0, len(NOTE_TEXT), NOTE_TEXT, ("Lamps",), ((0, len(NOTE_TEXT)),), ("lamp-licence-1.0", "disputes:lamp-1999")
)
CHUNKS = (GRANT, SHARING, HISTORY, NOTED)
TEXTS = {LICENCE.id: LICENCE_TEXT, ARTICLE.id: ARTICLE_TEXT, NOTE.id: NOTE_TEXT}


def cite(number: int, of: Chunk, words: str, dispute: Dispute | None = None, score: float = 0.83) -> Citation:
    """A citation of words in a chunk."""
    start = of.start + of.text.index(words)
    return Citation(number, Passage(of, 0.71), start, start + len(words), words, score, dispute)


USE = cite(1, GRANT, "use the grey lamp for every purpose")
KEEP = cite(2, SHARING, "keeps this page with it")
LIT = cite(3, HISTORY, "the lamp was lit in 1999", DISPUTE)
FROM_NOTE = cite(4, NOTED, "Lamps give light")
ALL = (USE, KEEP, LIT, FROM_NOTE)
SENTENCES = {
    "supported": (Sentence("You may use the lamp for every purpose.", "supported", (1,)),),
    "partly": (
        Sentence("You may use the lamp for every purpose.", "supported", (1,)),
        Sentence("Whoever shares it keeps the page, and may sell copies by weight.", "partly", (2,)),
    ),
    "not_confirmed": (
        Sentence("You may use the lamp for every purpose.", "supported", (1,)),
        Sentence("It was designed in winter.", "not_confirmed", ()),
    ),
    "disputed": (
        Sentence("The lamp was lit in 1999.", "supported", (3,)),
        Sentence("Lamps give light.", "supported", (4,)),
    ),
    "mixed": (
        Sentence("The *lamp* may be used for every purpose.", "supported", (1,)),
        Sentence("Whoever shares it keeps the page, and may sell copies by weight.", "partly", (2,)),
        Sentence("The lamp was lit in 1999.", "supported", (3,)),
        Sentence("Lamps give light to whoever stands near them.", "supported", (4,), quoted=True),
    ),
    "quoted": (
        Sentence(GRANT.text, "supported", (1,), quoted=True),
        Sentence("Whoever passes the lamp on keeps this page with it.", "supported", (2,), quoted=True),
    ),
    "declined": (),
    "interrupted": (Sentence("You may use the lamp for every purpose.", "supported", (1,)),),
}
STATUSES = {"quoted": "quoted", "declined": "declined", "interrupted": "interrupted"}


def scripted(question: str, script: str) -> Answer:
    """The complete answer of a script."""
    sentences = SENTENCES[script]
    used = {n for sentence in sentences for n in sentence.citations}
    return Answer(
        question, question, STATUSES.get(script, "answered"), sentences, tuple(c for c in ALL if c.number in used),
        (Passage(GRANT, 0.7), Passage(HISTORY, 0.5)), ENGINE, {"retrieve": 21, "first_token": 90, "total": 310},
        "c0ffee", notice="No passage speaks of that." if script == "declined" else "",
    )  # fmt: skip


@dataclass
class FakeAssistant:
    """Plays scripts. ``answers`` holds complete answers for questions that no script fits (hostile ones, say)."""

    answers: dict[str, Answer] = field(default_factory=dict)
    engine: Engine = ENGINE
    notices: tuple[str, ...] = ("The source “P2P wiki” could not be fetched.",)
    corpus: str = "c0ffee"
    asked: list[tuple[str, list[tuple[str, str]]]] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)
    together: int = 0
    most_together: int = 0
    step: float = 0.0  # seconds between two events of an answer
    closed: bool = False

    def reply(
        self, question: str, history: Sequence[tuple[str, str]] = (), *, stop: threading.Event
    ) -> Iterator[Progress | Answer]:
        self.asked.append((question, list(history)))
        self.together += 1
        self.most_together = max(self.most_together, self.together)
        try:
            yield from self._events(question, stop)
        finally:
            self.together -= 1

    def _events(self, question: str, stop: threading.Event) -> Iterator[Progress | Answer]:
        yield Progress("searching", question)
        if question in self.answers:
            yield self.answers[question]
            return
        if "refuse" in question:
            raise QuestionError("The question is not a question.", mend="ask one")
        if "engine gone" in question:
            raise EngineUnavailable("The engine does not answer.", mend="ollama serve")
        if "crash" in question:
            raise RuntimeError("a bug with a secret")
        if "slow" in question:
            yield from self._slow(question, stop)
            return
        whole = scripted(question, next((name for name in SENTENCES if name in question), "supported"))
        yield Progress("writing", self.engine.model)
        for number in range(1, len(whole.sentences)):
            stop.wait(self.step)
            yield replace(whole, status="answered", sentences=whole.sentences[:number], timings_ms={})
        yield whole

    def _slow(self, question: str, stop: threading.Event) -> Iterator[Progress | Answer]:
        whole = scripted(question, "interrupted")
        yield replace(whole, status="answered")
        if stop.wait(20):
            self.stopped.set()
        yield whole

    def search(self, question: str, k: int) -> list[Passage]:
        return [Passage(one, 0.5) for one in CHUNKS][:k]

    def close(self) -> None:
        self.closed = True


def shelf() -> Shelf:
    """The sources of the table."""
    return Shelf(
        sources=lambda: [LICENCE, ARTICLE, NOTE],
        chunks=lambda source_id: [one for one in CHUNKS if one.source.id == source_id],
        text=lambda source_id: TEXTS[source_id],
        disputes=(DISPUTE,),
    )
