"""Answers that can be opened again, by a name made of what was asked, what was found, who wrote it and what was said.

The newest are in memory, for exports, links and reloads of the page. On disk, in ``home/logs/answers``, one file an
answer, stand only those whose reader pressed "Keep link", because a file holds a question in its reader's words and
nobody's words are kept unasked; with ``always`` (setting ``keep_answers``) all of them do. The files are the JSON that
leaves the house everywhere, so ``python -m assistant verify`` reads them; of their passages what the JSON says comes
back, and what is known of the source today.
"""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from assistant.answer import Answer, Citation, Engine, Sentence
from errors import UserError
from knowledge.documents import Chunk, Dispute, Passage, Source
from knowledge.texts import write_atomically

Look = Callable[[str], Source | None]
FILES = 2000


def identity(answer: Answer) -> str:
    """The answer's name. How long it took is no part of it; what was said is, because it can be stopped half-way."""
    found = [hashlib.sha256(passage.chunk.text.encode()).hexdigest() for passage in answer.passages]
    content = [
        answer.question, answer.standalone_question, found, answer.engine.kind, answer.engine.model, answer.prompt,
        answer.seed, answer.status, answer.text, [s.verdict for s in answer.sentences], answer.corpus,
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:24]


class Kept:
    """Keeps answers. folder: where files are, None for none; source: what is known of a source today, by its id."""

    def __init__(
        self, most: int = 500, *, folder: Path | None = None, always: bool = False, files: int = FILES,
        source: Look = lambda _: None,
    ) -> None:  # fmt: skip
        self._most, self._folder, self._always, self._files, self._source = most, folder, always, files, source
        self._answers: OrderedDict[str, Answer] = OrderedDict()

    def keep(self, answer: Answer) -> str:
        """Its name; in memory, and on disk where all are kept."""
        name = identity(answer)
        known = name in self._answers
        self._answers[name] = answer
        self._answers.move_to_end(name)
        while len(self._answers) > self._most:
            self._answers.popitem(last=False)
        if self._always and not known:
            self.save(name)
        return name

    def get(self, name: str) -> Answer | None:
        """The answer of that name, if it is still kept. The name is checked by whoever hands it on."""
        return self._answers.get(name) or self._read(name)

    def save(self, name: str) -> bool:
        """Keeps an answer beyond a restart. False where there is no such answer, or no folder."""
        answer = self.get(name)
        if answer is None or self._folder is None:
            return False
        text = json.dumps(answer.as_json(), ensure_ascii=False)
        write_atomically(self._folder / f"{name}.json", text.encode())
        files = sorted(self._folder.glob("*.json"), key=lambda path: path.stat().st_mtime)
        for path in files[: -self._files]:
            path.unlink(missing_ok=True)
        return True

    def _read(self, name: str) -> Answer | None:
        if self._folder is None or not (len(name) == 24 and all(c in "0123456789abcdef" for c in name)):
            return None
        try:
            return from_json(json.loads((self._folder / f"{name}.json").read_text("utf-8")), self._source)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, UserError):  # cut off or of another version: as if forgotten
            return None


def from_json(entry: Mapping[str, Any], source: Look) -> Answer:
    """The answer that ``Answer.as_json`` wrote. Raises KeyError, TypeError or ValueError for anything else."""
    passages = tuple(
        _passage(p, source(p["source_id"]) or Source(p["source_id"], p["source_id"], "article"))
        for p in entry["passages"]
    )
    timings = {str(stage): int(ms) for stage, ms in entry["timings_ms"].items()}
    return Answer(
        entry["question"], entry["standalone_question"], entry["status"],
        tuple(Sentence(s["text"], s["verdict"], tuple(s["citations"]), s["quoted"]) for s in entry["sentences"]),
        tuple(_citation(c, passages, source(c["source_id"])) for c in entry["citations"]),
        passages, Engine(entry["engine"]["kind"], entry["engine"]["model"]), timings, entry["corpus"],
        entry["language"], entry["notice"], entry["prompt"], entry["seed"],
    )  # fmt: skip


def _passage(said: Mapping[str, Any], source: Source) -> Passage:
    path = tuple(part for part in said["clause"].split(" › ") if part)
    return Passage(
        Chunk(source, said["start"], said["end"], said["text"], path, (), tuple(said["rests_on"])), said["score"]
    )


def _citation(said: Mapping[str, Any], passages: tuple[Passage, ...], known: Source | None) -> Citation:
    """A citation, in the passage that holds it; where none was saved, its words are the passage."""
    own = known or Source(
        said["source_id"], said["title"], said["kind"], said["url"], "", said["publisher"], said["published"],
        said["licence"], rank=said["rank"],
    )  # fmt: skip
    start, end = said["start"], said["end"]
    around = [
        p for p in passages
        if p.chunk.source.id == own.id and p.chunk.start <= start and end <= p.chunk.end
    ]  # fmt: skip
    passage = around[0] if around else _passage({**said, "text": said["quote"]}, own)
    dispute = said["dispute"] and Dispute(
        said["dispute"]["id"], own.id, said["dispute"]["claim"], said["dispute"]["status"],
        said["dispute"]["correction"], tuple(said["dispute"]["references"]),
    )  # fmt: skip
    return Citation(said["number"], passage, start, end, said["quote"], said["score"], dispute)
