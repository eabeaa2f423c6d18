"""An answer as Markdown, with its citations as numbered notes, for terminals, copies and exports."""

from __future__ import annotations

from assistant.answer import DECLINED, INTERRUPTED, PARTLY, QUOTED, Answer, Citation, Sentence, marked
from knowledge.credit import credit_due

HEADS = {
    QUOTED: "Quoted from the sources, not written by a model:",
    INTERRUPTED: "Interrupted; what was checked so far:",
}
CLOSEST = 3


def as_markdown(answer: Answer) -> str:
    """The answer, its notes, and who wrote it."""
    parts = [HEADS[answer.status]] if answer.status in HEADS and answer.sentences else []
    parts.append("\n".join(_line(s) for s in answer.sentences) if answer.sentences else answer.notice)
    if answer.status == DECLINED:
        parts += [
            f"- {p.chunk.source.title}{', ' + p.chunk.clause if p.chunk.path else ''}"
            for p in answer.passages[:CLOSEST]
        ]
    elif answer.notice:
        parts.append(answer.notice)
    parts.append("\n".join(note(citation) for citation in answer.citations))
    parts.append(f"({_who(answer)})")
    return "\n\n".join(part for part in parts if part)


def note(citation: Citation) -> str:
    """One citation as a numbered note: where it stands, its words, its address, and what is disputed about it."""
    chunk, source = citation.passage.chunk, citation.passage.chunk.source
    where = f"{source.title}, {chunk.clause}" if chunk.path else source.title
    lines = [f"[{citation.number}] {where}", f"    “{' '.join(citation.quote.split())}”"]
    if due := credit_due(source):
        lines.append(f"    credit: {due}")
    elif source.url:
        lines.append(f"    {source.url}")
    if chunk.rests_on:
        lines.append(f"    rests on: {', '.join(chunk.rests_on)}")
    if citation.dispute and citation.dispute.status != "confirmed":
        lines.append(f"    {citation.dispute.status}: {citation.dispute.correction}")
    return "\n".join(lines)


def _line(sentence: Sentence) -> str:
    return f"{marked(sentence)} (only partly confirmed)" if sentence.verdict == PARTLY else marked(sentence)


def _who(answer: Answer) -> str:
    kind, model = answer.engine.kind, answer.engine.model
    seconds = answer.timings_ms.get("total", 0) / 1000
    return f"{f'{model}, {kind}' if model else 'no model'}; {seconds:.1f} s"
