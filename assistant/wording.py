"""What the assistant says of itself, in the asker's language: when it declines, and why."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.gate import Judgement

ABOUT = {
    "en": "I answer questions about open-source AI: its definition, licences, models, laws and history.",
    "fr": "Je réponds aux questions sur l'IA open source : définition, licences, modèles, lois et histoire.",
    "de": "Ich beantworte Fragen zu Open-Source-KI: Definition, Lizenzen, Modelle, Gesetze und Geschichte.",
    "es": "Respondo a preguntas sobre la IA de código abierto: su definición, licencias, modelos, leyes e historia.",
    "it": "Rispondo a domande sull'IA open source: definizione, licenze, modelli, leggi e storia.",
}
LACKING = {
    "en": "No answer to this was found in the corpus. The closest passages are listed.",
    "fr": "Aucune réponse n'a été trouvée dans le corpus. Les passages les plus proches sont indiqués.",
    "de": "Im Korpus wurde keine Antwort darauf gefunden. Die nächstliegenden Stellen sind aufgeführt.",
    "es": "No se ha encontrado una respuesta a esto en el corpus. Se muestran los pasajes más cercanos.",
    "it": "Nel corpus non è stata trovata una risposta. Sono elencati i passaggi più vicini.",
}
UNSURE = {
    "en": "The corpus may not answer this; these passages come closest.",
    "fr": "Il n'est pas certain que le corpus réponde à cette question ; voici les passages les plus proches.",
    "de": "Es ist nicht sicher, dass der Korpus das beantwortet; diese Stellen kommen am nächsten.",
    "es": "No es seguro que el corpus responda a esto; estos son los pasajes más cercanos.",
    "it": "Non è certo che il corpus risponda; questi sono i passaggi più vicini.",
}
ABSENT = {
    "en": "The corpus has no {what}. The closest passages are listed.",
    "fr": "Le corpus ne contient pas : {what}. Les passages les plus proches sont indiqués.",
}


IN_PART = "The corpus may not answer a part of this: {parts}."


def in_part(parts: Sequence[str], question: str) -> str:
    """The sentence that stands above an answer to some of several questions; only English ones are told apart.

    A part that is not in the question's words is called by what it is asked of.
    """
    return IN_PART.format(parts=", ".join(f"“{_said(part, question)}”" for part in parts))


def _said(part: str, question: str) -> str:
    about, _, asked = part.partition(": ")
    return part if (asked or part) in question else about


def unsure(language: str) -> str:
    """The sentence that stands above quotations where it is not certain that they answer."""
    return UNSURE.get(language, UNSURE["en"])


def wording(language: str, judgement: Judgement) -> str:
    """The sentence with which a question is declined."""
    if judgement.missing:
        return ABSENT.get(language, ABSENT["en"]).format(what=judgement.missing)
    return (LACKING if judgement.on_topic else ABOUT).get(language, LACKING["en"])
