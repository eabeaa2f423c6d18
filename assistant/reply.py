"""From a question to a checked answer; it reads straight down.

question → standalone question → passages → evidence → gate → words → each sentence checked → what is missing is quoted.
Every step yields, so that a page can show the answer as it grows; the last Answer is the complete one.
"""

from __future__ import annotations

import copy
import threading
import time
from collections.abc import Generator as Steps
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import prompts
from assistant.answer import ANSWERED, DECLINED, INTERRUPTED, QUOTED, SUPPORTED, Answer, Engine, Progress
from assistant.citations import Checker
from assistant.conversation import History, standalone
from assistant.corrections import Corrections
from assistant.disputes import Disputes
from assistant.drafting import Draft
from assistant.evidence import answering, gathered
from assistant.finding import Finder, Found
from assistant.gate import Gate, Judgement
from assistant.generation import Generator, Request
from assistant.orders import without_orders
from assistant.prompting import messages
from assistant.sentences import Splitter
from assistant.tone import borne_out
from assistant.wording import in_part, unsure, wording
from errors import EngineError, EngineInterrupted, PromptTooLong, QuestionError
from knowledge.documents import OURS, Dispute, Evidence, Passage
from knowledge.search import Searcher
from knowledge.translations import Translations

FACTS, FEWER = 3, 2  # passages in the prompt, some sentences of each; fewer for the model in this process
FACT_CHARS = 240  # of sentences around the best one of each
QUOTES, BESIDE = 4, 3  # passages quoted where no model's words hold, and beside them
MOST_TOKENS = 110
SEED = 7
CAUTIONED = ("en", "fr")  # of other languages the gate knows too little
CUT = ("cancelled", "length")  # the words did not end by themselves
NEW = 0.2  # a quotation must say at least so much that was not said


@dataclass
class _Turn:
    """What is known so far of one question. Only ``Assistant.reply`` changes it."""

    question: str
    alone: str
    language: str
    started: float
    found: Found
    evidence: list[Evidence]
    timings: dict[str, int] = field(default_factory=dict)
    notice: str = ""
    sure: bool = True

    @property
    def english(self) -> str:
        """The question in English words, as it is searched for."""
        return self.found.whole.english

    @property
    def passages(self) -> tuple[Passage, ...]:
        """The passages for it, best first."""
        return self.found.passages

    def clock(self, name: str) -> None:
        """Notes the time since the question came, once a name."""
        self.timings.setdefault(name, round(1000 * (time.monotonic() - self.started)))


class Assistant:
    """Answers questions from one index, with one engine or none."""

    def __init__(
        self,
        searcher: Searcher,
        generator: Generator | None,
        disputes: Sequence[Dispute] = (),
        *,
        gate: Gate | None = None,
        translations: Translations | None = None,
        notices: tuple[str, ...] = (),
        corpus: str = "",
        passages: int = 8,
        most_chars: int = 2000,
    ) -> None:
        self._searcher, self._generator = searcher, generator
        self._finder, self._disputes = Finder(searcher, gate or Gate(), passages), Disputes(disputes)
        self._translations = translations or Translations(searcher.chunks, disputes)
        self._corrections = Corrections(searcher, self._disputes)
        self._most_chars = most_chars
        self.notices, self.corpus = notices, corpus

    @property
    def engine(self) -> Engine:
        """Who writes the answers."""
        return self._generator.engine if self._generator else Engine("none", "", reason="no model: sources are quoted")

    def answer(self, question: str, history: History = ()) -> Answer:
        """The complete answer. Raises QuestionError for an empty or too long question."""
        last: Answer | None = None
        for event in self.reply(question, history, stop=threading.Event()):
            if isinstance(event, Answer):
                last = event
        assert last is not None, "reply always ends with an Answer"
        return last

    def search(self, question: str, k: int = 8) -> list[Passage]:
        """The passages that would be searched for a question."""
        return self._searcher.search(self._valid(question), k)

    def reply(self, question: str, history: History = (), *, stop: threading.Event) -> Iterator[Progress | Answer]:
        """Progress and growing answers; the last Answer is complete. ``stop`` ends the writing within 0.2 s."""
        started = time.monotonic()
        question = self._valid(question)
        alone = standalone(without_orders(question), history, self._searcher.router)
        yield Progress("searching", alone)
        found = self._finder.find(alone)
        turn = _Turn(question, alone, self._searcher.language(question), started, found, list(found.evidence))
        turn.clock("retrieve")
        draft = Draft(turn.passages, self._disputes, lambda text: self._translations.said(text, turn.language))
        judgement = self._finder.judge(turn.alone, turn.found)
        if not judgement.answerable:
            yield self._declined(turn, judgement)
            return
        turn.sure = judgement.sure
        told = self._correct(draft, turn)
        if told:
            yield self._answer(turn, draft, ANSWERED)
        elif self._writes(turn):
            yield self._preview(turn)
        status = yield from self._write(turn, draft, stop)
        self._fill(turn, draft)
        if not draft.sentences:
            yield self._declined(turn, judgement)
            return
        written = any(not sentence.quoted for sentence in draft.sentences)
        if 0 < len(judgement.doubtful) < len(found.parts) and not turn.notice:
            turn.notice = in_part([found.parts[n].english for n in judgement.doubtful], turn.alone)
        elif not (turn.sure or told) and turn.language in CAUTIONED:
            turn.notice = unsure(turn.language)
        yield self._answer(turn, draft, status or (ANSWERED if written or told else QUOTED))

    def warm(self) -> None:
        """Loads the embedder and the model and lets it read the fixed part of the prompt: 25 s of a first question.

        Raises EngineError as an answer would.
        """
        self._searcher.questions(["What is open-source AI?"])
        self.preload()
        if self._generator:
            for _ in self._generator.stream(Request(messages("", ()), max_tokens=1, seed=SEED), threading.Event()):
                pass

    def preload(self) -> None:
        """Has the model loaded, where it is not or no longer: a server gives memory back after a while."""
        if self._generator:
            self._generator.preload()

    def by(self, generator: Generator | None) -> Assistant:
        """The same assistant, over the same index, with another engine (or none)."""
        other = copy.copy(self)
        other._generator = generator
        return other

    def close(self) -> None:
        """Gives the engine's memory back."""
        if self._generator:
            self._generator.close()

    def _valid(self, question: str) -> str:
        text = " ".join(question.split())
        if not text:
            raise QuestionError("The question is empty.", mend="type a question about open-source AI")
        if len(text) > self._most_chars:
            raise QuestionError(
                f"The question has {len(text):,} characters; at most {self._most_chars:,} are read.",
                mend="ask it in fewer words",
            )
        return text

    def _correct(self, draft: Draft, turn: _Turn) -> bool:
        """Leads with what is right about a claim that the best evidence gets wrong; nothing is then written from it."""
        due = self._corrections.due(turn.english, turn.evidence)
        for correction in due:
            draft.correct(correction)
        turn.evidence = [item for item in turn.evidence if self._corrections.fit(item)]
        return bool(due)

    def _writes(self, turn: _Turn) -> bool:
        return self._generator is not None and turn.sure and turn.language == "en" and bool(turn.evidence)

    def _preview(self, turn: _Turn) -> Answer:
        """The best evidence, quoted, to be read while the model reads: it stands in the complete answer or below it."""
        draft = Draft(turn.passages, self._disputes)
        for items in self._quotable(turn)[:1]:
            draft.quote(items)
        return self._answer(turn, draft, QUOTED)

    def _write(self, turn: _Turn, draft: Draft, stop: threading.Event) -> Steps[Answer | Progress, None, str]:
        """Streams the model's words, sentence by sentence through the check. Returns INTERRUPTED, or "" if all went."""
        if self._generator is None or not self._writes(turn):
            return ""
        yield Progress("writing", self.engine.model)
        held = draft.state()
        checker = self._checker(turn)
        splitter = Splitter()
        whole = answering(turn.passages)
        most = FEWER if self.engine.kind == "embedded" else FACTS
        facts = gathered(turn.evidence, FACTS, FACT_CHARS, self._corrections.fit, whole)[:most]
        request = Request(messages(turn.alone, facts, whole), max_tokens=MOST_TOKENS, seed=SEED)
        status = ""
        try:
            for piece in self._generator.stream(request, stop):
                if piece.note:
                    yield Progress("loading", piece.note)
                if piece.text and "first_token" not in turn.timings:
                    turn.clock("first_token")
                    yield Progress("writing", self.engine.model)
                for sentence in splitter.feed(piece.text, ends=bool(piece.finish), cut=piece.finish in CUT):
                    if self._keep(sentence, checker, draft, turn):
                        yield self._answer(turn, draft, ANSWERED)
                if piece.finish == "cancelled":
                    status = INTERRUPTED
                if piece.finish == "length":
                    turn.notice = f"The model's words were cut at {MOST_TOKENS} tokens."
        except EngineInterrupted as error:
            status, turn.notice = INTERRUPTED, str(error)
        except PromptTooLong as error:  # found out afterwards: it wrote from a part of the facts
            draft.back_to(held)
            turn.notice = str(error)
        except EngineError as error:
            turn.notice = str(error)
        return status

    def _checker(self, turn: _Turn) -> Checker:
        """A checker over every sentence of the found passages, but those known to be wrong."""
        whole = [item for passage in turn.passages for item in passage.evidence if self._corrections.fit(item)]
        weight = self._searcher.lexicon.weight
        stored, vectors = self._searcher.stored(whole), self._searcher.vectors
        return Checker(whole, stored, vectors, question=turn.english, weight=weight)

    def _keep(self, sentence: str, checker: Checker, draft: Draft, turn: _Turn) -> bool:
        finding = checker.check(sentence)
        if finding.verdict != SUPPORTED:  # read by hand, four of five sentences that were partly confirmed were wrong
            return False
        context = [f"{item.chunk.source.title} {item.chunk.clause}" for item in finding.evidence]
        return draft.write(borne_out(sentence, turn.english, context, self._searcher.lexicon), finding)

    def _fill(self, turn: _Turn, draft: Draft) -> None:
        """Quotes the best passages, as far as they say more than what stands there."""
        windows = self._quotable(turn)
        if turn.language != "en":  # our notes can be said in the asker's language; the others follow as they are
            windows[:QUOTES] = sorted(windows[:QUOTES], key=lambda items: items[0].chunk.source.kind not in OURS)
        base, several = BESIDE if draft.sentences else QUOTES, len(turn.found.parts)
        most, added = max(base, base - 2 + several), 0
        for items in windows:
            added += added < most and draft.quote(items, NEW)

    def _quotable(self, turn: _Turn) -> list[tuple[Evidence, ...]]:
        return self._finder.quotable(turn.found, self._corrections.fit)

    def _declined(self, turn: _Turn, judgement: Judgement) -> Answer:
        turn.notice = wording(turn.language, judgement)
        return self._answer(turn, Draft((), self._disputes), DECLINED)

    def _answer(self, turn: _Turn, draft: Draft, status: str) -> Answer:
        turn.timings["total"] = round(1000 * (time.monotonic() - turn.started))
        return Answer(
            question=turn.question,
            standalone_question=turn.alone,
            status=status,
            sentences=tuple(draft.sentences),
            citations=tuple(draft.citations),
            passages=turn.passages,
            engine=self.engine,
            timings_ms=dict(turn.timings),
            corpus=self.corpus,
            language=turn.language,
            notice=turn.notice,
            prompt=prompts.digest("answer") if self._generator else "",
            seed=SEED if self._generator else 0,
        )
