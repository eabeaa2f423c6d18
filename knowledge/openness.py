"""How open a model is: the Open Source AI Definition's elements against what its maker published. Pure.

The table judges by the facts of models.toml, and where the OSI published a result it agrees with that result or
says in the cell that the accounts differ. "part" means present but short of what the definition asks for.
"""

from __future__ import annotations

from dataclasses import dataclass

from knowledge.documents import RANKS, Source

YES, PART, NO, UNKNOWN = "yes", "part", "no", "unknown"
DEFINITION, VALIDATION, INDEX = "osaid-1.0", "osaid-faq", "osai-index-selected"
PASSED, WOULD_PASS, FAILED = "passed", "would pass with other terms", "failed"

#: What each element asks for, in our words.
ASKS = {
    "Data information": "Details on all training data, down to origin, choice and cleaning, from which an expert could "
    "build an equivalent system; terms that the OSI approves.",
    "Code": "All source code that prepared the data, trained the system and runs it, under an OSI-approved licence.",
    "Parameters": "The weights and other settings, under terms that the OSI approves.",
    "Licence terms": "Terms that give everybody the four freedoms; a duty to keep the same terms is allowed.",
    "Freedom to use": "Use for every purpose, with nobody to ask.",
    "Freedom to study": "A look into every part, to learn how the system works.",
    "Freedom to modify": "Changes for every purpose, also to what the system puts out.",
    "Freedom to share": "Passing the system on, changed or not, for every purpose.",
    "The OSI's result": "Nothing: the OSI's results came from tests of the definition and certify nobody.",
}
DATA = {
    "public": (YES, "The training data of {name} can be had."),
    "documented": (PART, "The training data of {name} are described, but not all of them can be had."),
    "part": (PART, "A part of the training data of {name} is published or described."),
    "no": (NO, "The training data of {name} are not published."),
}
CODE = {
    "yes": (YES, "The training code of {name} is published."),
    "part": (PART, "A part of the training code of {name} is published."),
    "no": (NO, "The training code of {name} is not published."),
}
WEIGHTS = {
    "yes": "The weights of {name} can be downloaded by anybody.",
    "gated": "The weights of {name} can be downloaded after accepting terms.",
    "on application": "The weights of {name} went out on application only.",
    "end model only": "The end model's weights of {name} can be downloaded; the base model's cannot.",
    "no": "The weights of {name} are not published.",
}
RESULTS = {
    PASSED: (YES, "The OSI lists {name} among the systems that passed its validation."),
    WOULD_PASS: (PART, "The OSI expects that {name} would pass if its licence or terms were changed."),
    FAILED: (NO, "The OSI lists {name} among the systems that do not pass."),
    "": (UNKNOWN, "The OSI published no result on {name}, and it reviews no more systems."),
}


@dataclass(frozen=True)
class IndexEntry:
    """The European Open Source AI Index on one version of a family: its parts by verdict ("training code" …)."""

    entry: str
    judged: str
    open: tuple[str, ...] = ()
    partial: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()

    def verdict(self, part: str) -> str:
        """ "open", "partial" or "closed"; empty where the index says nothing."""
        words = {"open": self.open, "partial": self.partial, "closed": self.closed}
        return next((word for word, parts in words.items() if part in parts), "")


@dataclass(frozen=True)
class Model:
    """Facts on a model or a family of models with the same terms; the fields are explained in models.toml."""

    id: str
    name: str
    developer: str
    released: str
    licence: str
    licence_name: str
    weights: str
    data: str
    training_code: str
    osi_licence: bool
    makers_word: str
    osaid: str
    summary: str
    names: tuple[str, ...] = ()
    inference_code: str = ""
    limits: str = ""
    restricts: tuple[str, ...] = ()
    unconfirmed: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    index: IndexEntry | None = None

    @property
    def licence_id(self) -> str:
        """The id of the licence's text in the corpus; empty where the licence is only known by name."""
        return "" if " " in self.licence else self.licence


@dataclass(frozen=True)
class OpennessRow:
    """One element of the definition: what it asks, what is published, whether that is enough, and where it stands."""

    element: str
    asks: str
    published: str
    verdict: str
    references: tuple[str, ...] = ()


def openness(model: Model) -> tuple[OpennessRow, ...]:
    """The definition's elements, the four freedoms and the OSI's result, each with its verdict for ``model``."""
    data, code = _data(model), _code(model)
    facts = tuple(id_ for id_, there in ((VALIDATION, model.osaid), (INDEX, model.index)) if there)
    facts = facts or tuple(r for r in model.references if r != model.licence)[:2]
    terms = (model.licence_id,) if model.licence_id else model.references[:1]
    cells = {
        "Data information": (*data, facts),
        "Code": (*code, facts),
        "Parameters": (*_parameters(model), (*facts, *terms)),
        "Licence terms": (YES if model.osi_licence else NO, _terms(model), terms),
        "Freedom to use": (*_granted(model, "use"), terms),
        "Freedom to study": (*_study(model, data[0], code[0]), facts),
        "Freedom to modify": (*_modify(model, data[0], code[0]), (*facts, *terms)),
        "Freedom to share": (*_granted(model, "share"), terms),
        "The OSI's result": (*_said(RESULTS[model.osaid], model), (VALIDATION,)),
    }
    return tuple(
        OpennessRow(element, ASKS[element], published, verdict, tuple(dict.fromkeys((DEFINITION, *references))))
        for element, (verdict, published, references) in cells.items()
    )


def _said(cell: tuple[str, str], model: Model) -> tuple[str, str]:
    return cell[0], cell[1].format(name=model.name)


def _data(model: Model) -> tuple[str, str]:
    return _checked(model, _said(DATA[model.data], model), "data", "base data")


def _code(model: Model) -> tuple[str, str]:
    """Training code decides; code that only runs the model is named and does not count."""
    verdict, published = _said(CODE[model.training_code], model)
    if verdict == NO and model.inference_code == "yes":
        published += " Code that runs it is."
    return _checked(model, (verdict, published), "training_code", "training code")


def _checked(model: Model, cell: tuple[str, str], name: str, part: str) -> tuple[str, str]:
    """The cell of field ``name``, with the European index's word on ``part``; a pass at the OSI settles the verdict."""
    verdict, published = cell
    published += _doubt(model, name)
    if verdict == YES and name in model.unconfirmed:
        verdict = UNKNOWN
    if model.index and (judged := model.index.verdict(part)):
        published += f" The European index says {judged}."
    if model.osaid == PASSED and verdict != YES:
        return YES, f"{published} The OSI found it sufficient."
    if model.osaid == WOULD_PASS and verdict == NO:
        return verdict, f"{published} The OSI, though, held only the terms against this family."
    return verdict, published


def _doubt(model: Model, name: str) -> str:
    """Said after a fact that comes from general knowledge."""
    return " (Not confirmed.)" if name in model.unconfirmed else ""


def _parameters(model: Model) -> tuple[str, str]:
    published = WEIGHTS[model.weights].format(name=model.name) + _doubt(model, "weights")
    if model.weights == "no":
        return NO, published
    if model.weights == "yes" and model.osi_licence:
        return YES, f"{published} Their licence, {model.licence_name}, is OSI-approved."
    return PART, f"{published} Their licence is {model.licence_name}."


def _terms(model: Model) -> str:
    approved = "OSI-approved" if model.osi_licence else "Not OSI-approved"
    return f"{approved}: {model.licence_name}. {model.limits}".strip()


def _granted(model: Model, freedom: str) -> tuple[str, str]:
    """Use and sharing, which hang on the licence alone."""
    if freedom in model.restricts:
        return NO, model.limits or f"Restricted by {model.licence_name}."
    if model.osi_licence:
        return YES, f"Granted by {model.licence_name}."
    return PART, f"Allowed on conditions by {model.licence_name}. {model.limits}".strip()


def _study(model: Model, data: str, code: str) -> tuple[str, str]:
    if data == code == YES:
        return YES, f"Weights, data information and code of {model.name} are open to study."
    if model.weights == "no":
        return NO, f"No part of {model.name} can be looked into."
    return PART, f"The weights of {model.name} can be tested, without full {_missing(data, code)}."


def _modify(model: Model, data: str, code: str) -> tuple[str, str]:
    if "modify" in model.restricts:
        return NO, model.limits
    if data == code == YES and model.osi_licence:
        return YES, f"All that is needed to change {model.name}, or to train it anew, is there."
    if data == code == YES:
        return PART, f"All parts of {model.name} are there, under terms that are not OSI-approved."
    return PART, f"{model.name} can be tuned further; to train it anew takes full {_missing(data, code)}."


def _missing(data: str, code: str) -> str:
    parts = (("data information", data), ("training code", code))
    return " and ".join(word for word, verdict in parts if verdict != YES)


def model_document(model: Model) -> tuple[Source, str]:
    """A text on ``model`` for retrieval, as Markdown: a heading a question, paragraphs that stand alone."""
    source = Source(
        id=f"model-{model.id}",
        title=f"{model.name}: how open it is",
        kind="model",
        author="Plainsource",
        publisher="Plainsource",
        published="2026-11-21",
        licence="own words",
        rank=RANKS["model"],
        names=model.names,
        shareable=True,
        note=f"Rests on {', '.join(model.references)}.",
        terms=model.licence_id,
    )
    parts = (
        ("Is {name} open source?", " ".join(model.summary.split())),
        ("What is published of {name}: weights, data, code", _published(model)),
        ("Licence of {name}", _licence(model)),
    )
    rests = f"Sources: {', '.join(model.references)}"
    text = "\n\n".join(f"## {heading.format(name=model.name)}\n{body}\n{rests}" for heading, body in parts)
    return source, f"# {source.title}\n\n{text}\n"


def _published(model: Model) -> str:
    doubt = ", from general knowledge" if "released" in model.unconfirmed else ""
    sentences = [
        f"{model.name} comes from {model.developer} (released {model.released}{doubt}).",
        WEIGHTS[model.weights],
        DATA[model.data][1],
        CODE[model.training_code][1],
        _indexed(model),
        RESULTS[model.osaid][1],
    ]
    return " ".join(s.format(name=model.name) for s in sentences if s)


def _licence(model: Model) -> str:
    approved = "has approved" if model.osi_licence else "has not approved"
    unsure = " (not confirmed)" if "makers_word" in model.unconfirmed else ""
    sentences = [
        f"The weights of {model.name} are under {model.licence_name}, which the OSI {approved}.",
        f"What the licence of {model.name} limits: {model.limits}" if model.limits else "",
        f"{model.developer} calls {model.name} “{model.makers_word}”{unsure}.",
    ]
    return " ".join(s for s in sentences if s)


def _indexed(model: Model) -> str:
    """What the European index says, in one sentence; empty where it has no entry."""
    if not model.index:
        return ""
    words = {"open": model.index.open, "partial": model.index.partial, "closed": model.index.closed}
    said = "; ".join(f"{verdict}: {', '.join(parts)}" for verdict, parts in words.items() if parts)
    return f"The European Open Source AI Index judges {model.index.judged} of the family ({said})."
