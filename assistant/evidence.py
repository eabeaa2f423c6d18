"""The sentences of the found passages that bear on a question, best first.

A small model answers from three or four sentences better and four times faster than from whole chunks (guide's lab; our
numbers in docs/decisions/evidence.md).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from knowledge.documents import OURS, Chunk, Evidence, Passage
from knowledge.lexical import Lexicon, stems
from knowledge.routing import Named, Router

COVER, PASSAGE, OTHER = 0.6, 0.8, 0.3
LEAST_WORDS = 4
MARK = re.compile(r"\s*(\(?)(\d{1,2}|[a-z]{1,4})([.)])\s")  # of a list item: "(a) ", "2. ", "iv) "
SAME_QUESTION = 0.8  # the cosine of two wordings of one question
WHOLE = 700
QUOTED = 800  # characters of a passage; most are shorter
BEHIND = 0.6  # a passage that scores so much less than the best one is not quoted


def best_sentences(
    question: str, passages: Sequence[Passage], lexicon: Lexicon, router: Router | None = None, most: int = 12
) -> list[Evidence]:
    """The ``most`` sentences that bear on the question, best first; question: in English words.

    Their score is the sum of cosine, cover, the passage's rank, and a fine for speaking of another licence or model
    than the question names: what Llama 2 allows is no answer about Llama 4.
    """
    asked = _asked(question, router)
    top = max((passage.score for passage in passages), default=0.0)
    found: dict[str, Evidence] = {}
    for passage in passages:
        for item in _telling(passage):
            key = " ".join(item.text.lower().split())
            cover = lexicon.coverage(question, [item.text, passage.chunk.clause, passage.chunk.source.title])
            score = item.score + COVER * cover + PASSAGE * (passage.score - top)
            if router and asked:
                score -= OTHER * _is_of_another(item, asked, router)
            if key not in found or found[key].score < score:
                found[key] = replace(item, score=score)
    ranked = sorted(found.values(), key=lambda item: -item.score)
    return _for_each_name(ranked, router.named(question) if router else (), router)[:most]


def worth_quoting(
    question: str,
    passages: Sequence[Passage],
    router: Router,
    fit: Callable[[Evidence], bool] = lambda item: True,
) -> list[tuple[Evidence, ...]]:
    """What is quoted of the passages, in their order: each whole, or ``QUOTED`` characters around its best sentence.

    A note that is known to answer the question comes first; what is far behind the best passage is left out, and what
    speaks of another licence or model than is asked for is fined.
    """
    asked, known = _asked(question, router), answering(passages)
    scored = []
    for passage in passages:
        items = [item for item in _telling(passage) if fit(item)]
        if items:
            fine = OTHER * _is_of_another(items[0], asked, router) if asked else 0.0
            scored.append((passage.score - fine, items))
    least = max((score for score, _ in scored), default=0.0) - BEHIND
    scored.sort(key=lambda one: (one[1][0].chunk.id not in known, -one[0]))
    return [_window(items, QUOTED, fit) for score, items in scored if score >= least]


def _asked(question: str, router: Router | None) -> set[str]:
    """The sources that a question names, and the licences of the models that it names."""
    return {source for name in router.named(question) for source in (*name.sources, *name.terms)} if router else set()


def _telling(passage: Passage) -> list[Evidence]:
    """The sentences of a passage that tell something: no titles, questions and scraps."""
    labels = _labels(passage.chunk)
    return [
        item
        for item in passage.evidence
        if len(item.text.split()) >= LEAST_WORDS
        and not item.text.rstrip().endswith("?")
        and (item.start, item.end) not in labels
        and not _only_names(item)
    ]


def _for_each_name(ranked: Sequence[Evidence], named: Sequence[Named], router: Router | None) -> list[Evidence]:
    """For a question that names several things, the best sentence on each of them first."""
    if router is None or len(named) < 2:
        return list(ranked)
    about = [_about(item, router) for item in ranked]
    firsts = [next((n for n, sources in enumerate(about) if sources & set(name.sources)), None) for name in named]
    front = list(dict.fromkeys(n for n in firsts if n is not None))
    return [ranked[n] for n in sorted(front)] + [item for n, item in enumerate(ranked) if n not in front]


def _about(item: Evidence, router: Router) -> set[str]:
    """The sources that a sentence belongs to or names."""
    return {item.chunk.source.id} | {source for name in router.named(item.text) for source in name.sources}


def _only_names(item: Evidence) -> bool:
    """Whether a sentence of a text is hardly more than the text's own name: "Lamp Licence, version 2, May 2004"."""
    source = item.chunk.source
    if source.kind in OURS:
        return False
    own, named = set(stems(item.text)), set(stems(" ".join([source.title, *source.names, source.published])))
    return len(own - named) < 0.5 * len(own)


def _is_of_another(item: Evidence, asked: set[str], router: Router) -> bool:
    """Whether a sentence, or else its heading, names things and none of those that are asked for."""
    if item.chunk.source.id in asked:
        return False
    for text in (item.text, item.chunk.clause):
        told = {source for name in router.named(text) for source in name.sources}
        if told:
            return not told & asked
    return item.chunk.source.kind in ("licence", "policy", "model")


def gathered(
    evidence: Sequence[Evidence],
    most: int,
    chars: int,
    fit: Callable[[Evidence], bool] = lambda item: True,
    whole: Collection[str] = (),
) -> list[tuple[Evidence, ...]]:
    """The best sentences by passage, best passage first, each with what stands around them, in reading order.

    A sentence alone often leaves out what its neighbour says; ``chars`` bounds a passage's share, and ``WHOLE`` that of
    the chunks named in ``whole``. A neighbour that is not ``fit``, such as a claim known to be wrong, is not taken in.
    """
    best: dict[str, list[Evidence]] = {}
    for item in evidence[: 2 * most]:
        best.setdefault(item.chunk.id, []).append(item)
    first = sorted(best.values(), key=lambda items: items[0].chunk.id not in whole)[:most]
    return [_window(items, WHOLE if items[0].chunk.id in whole else chars, fit) for items in first]


def _window(items: Sequence[Evidence], chars: int, fit: Callable[[Evidence], bool]) -> tuple[Evidence, ...]:
    """Grows from the best sentence: first to the other good ones near it, then forwards, then backwards."""
    chunk = items[0].chunk
    titles = {span for span in _labels(chunk) if not chunk.sentence(span).endswith(":")}
    order = [span for span in chunk.sentences if span not in titles or span == (items[0].start, items[0].end)]
    scores = {(item.start, item.end): item.score for item in items}
    first = last = order.index((items[0].start, items[0].end))
    while True:
        choices = [n for n in (last + 1, first - 1) if 0 <= n < len(order) and fit(Evidence(chunk, *order[n]))]
        choices = [n for n in choices if max(order[last][1], order[n][1]) - min(order[first][0], order[n][0]) <= chars]
        if not choices:
            break
        chosen = max(choices, key=lambda n: (scores.get(order[n], 0.0), n))
        first, last = min(first, chosen), max(last, chosen)
    while (  # what a colon leads to belongs to it
        last + 1 < len(order)
        and chunk.sentence(order[last]).rstrip().endswith(":")
        and fit(Evidence(chunk, *order[last + 1]))
    ):
        last += 1
    return tuple(Evidence(chunk, *order[n], scores.get(order[n], 0.0)) for n in range(first, last + 1))


def answering(passages: Sequence[Passage]) -> frozenset[str]:
    """The ids of the notes that are known to answer just this question: they are read and quoted whole."""
    near = (passage for passage in passages if passage.signals.get("asked", 0.0) >= SAME_QUESTION)
    return frozenset(passage.chunk.id for passage in near if passage.chunk.source.kind == "note")


def lead_in(item: Evidence) -> str:
    """The words that a list item continues ("You must not:"), or nothing: a sentence, or else the clause's title."""
    lead = leading(item)
    titles = [label for label in item.chunk.path if len(label.split()) > 3 and _is_item(item.text)]
    return lead.text.strip() if lead else "".join(titles[-1:])


def leading(item: Evidence) -> Evidence | None:
    """The sentence before a list item, in the same chunk, that the item continues: "b." is no part of "a. …:"."""
    before = [Evidence(item.chunk, *span) for span in item.chunk.sentences if span[0] < item.start]
    leads = [one for one in before if one.text.rstrip().endswith(":")] if _is_item(item.text) else []
    return next((one for one in reversed(leads) if not _beside(one.text, item.text)), None)


def _beside(one: str, other: str) -> bool:
    """Whether two items are marked alike, "(a)" and "(c)" or "(i)" and "(ii)", and so stand in one list."""
    marks = [MARK.match(text) for text in (one, other)]
    forms = [(m.group(1), m.group(3), m.group(2).isdigit(), set(m.group(2)) <= set("ivx")) for m in marks if m]
    return len(forms) == 2 and forms[0] == forms[1]


def novelty(item: Evidence, said: Sequence[str]) -> float:
    """The share of a sentence's stems that was not said yet, 0 to 1."""
    own = set(stems(item.text))
    held = {token for text in said for token in stems(text)}
    return len(own - held) / len(own) if own else 0.0


def _labels(chunk: Chunk) -> set[tuple[int, int]]:
    """The sentences that are only the title of their own clause; where all of them are, the title is the content.

    A timeline entry or a short clause is its own title: "3. You must name the author."
    """
    titles = [label.lower() for label in chunk.path]
    found = {
        span
        for span in chunk.sentences
        if any(" ".join(chunk.sentence(span).lower().split()).strip(" .:") in title for title in titles)
    }
    return found if len(found) < len(chunk.sentences) else set()


def merged(items: Sequence[Evidence]) -> Evidence:
    """A run of sentences of one passage as one piece of evidence."""
    return Evidence(items[0].chunk, items[0].start, items[-1].end, max(item.score for item in items))


def _is_item(text: str) -> bool:
    head = text.lstrip()[:6]
    return (
        head[:1] in "-*•·"
        or (")" in head or "." in head)
        and len(head.split()[0]) <= 5
        and not head.split()[0].isalpha()
    )
