"""An answer to take away: Markdown with its citations as footnotes."""

from __future__ import annotations

from assistant.answer import DECLINED, QUOTED, SUPPORTED, Answer, Citation, marked
from knowledge.credit import credit_due
from knowledge.documents import Chunk

LEADS = {QUOTED: "Quoted from the sources: ", DECLINED: "No answer was found in the corpus. "}
SAID = {"partly": "partly supported", "not_confirmed": "not confirmed"}


def as_markdown(answer: Answer) -> str:
    """The question, the answer with [^n] markers, the passages as footnotes, and who wrote it."""
    lines = [f"**{' '.join(answer.question.split())}**", ""]
    if answer.status == QUOTED:
        lines += ["*Quoted from the sources, not written by a model.*", ""]
    if answer.status == DECLINED:
        lines += ["*No answer was found in the corpus.*", ""]
    if answer.notice:
        lines += [answer.notice, ""]
    for sentence in answer.sentences:
        said = "" if sentence.verdict == SUPPORTED else f" *({SAID.get(sentence.verdict, sentence.verdict)})*"
        marks = "".join(f"[^{n}]" for n in sentence.citations)
        lines.append(f"> {sentence.text}{marks}{said}\n" if sentence.quoted else f"{sentence.text}{marks}{said}")
    lines += ["", *(footnote(citation) for citation in answer.citations)]
    lines += ["", f"— {answer.engine.model or 'no model'}; corpus {answer.corpus or 'unknown'}"]
    return "\n".join(lines) + "\n"


def clause(chunk: Chunk) -> str:
    """The address of a passage in its source, without the source's own title, which stands beside it anyway."""
    title = chunk.source.title.casefold()
    return " › ".join(part for part in chunk.path if part.casefold() != title)


def footnote(citation: Citation) -> str:
    """``[^1]: Title, clause. Publisher, date. "Words." address``"""
    source, where = citation.passage.chunk.source, clause(citation.passage.chunk)
    title = f"{source.title}, {where}" if where else source.title
    made = ", ".join(part for part in (source.publisher or source.author, source.published) if part)
    quote = " ".join(citation.quote.split())
    dispute = citation.dispute
    due = f" Credit: {credit_due(source)}." if credit_due(source) else ""
    said = f" Disputed: {dispute.correction}" if dispute and dispute.status != "confirmed" else ""
    return f"[^{citation.number}]: {title}. {made + '. ' if made else ''}“{quote}” {source.url}{due}{said}".rstrip()


def plain(answer: Answer) -> str:
    """The answer as text with [n] markers and a list of what they point at, for clients that show text only."""
    lead = LEADS.get(answer.status, "")
    said = " ".join(marked(s) for s in answer.sentences)
    if answer.status == QUOTED and answer.notice:
        lead = f"{answer.notice}\n\n{lead}"  # whether the quotations answer is to be known before they are read
    text = lead + (said or answer.notice)
    if said and answer.notice and answer.status != QUOTED:
        text += f"\n\n{answer.notice}"
    notes = [footnote(citation).replace("[^", "[", 1).replace("]:", "]", 1) for citation in answer.citations]
    return text.strip() + ("\n\n" + "\n".join(notes) if notes else "")
