"""What the assistant says of itself, in the asker's language: when it declines, and why."""

from __future__ import annotations

from assistant.gate import Judgement

ABOUT = {
    "en": "I answer questions about open-source AI: its definition, licences, models, laws and history.",
    "fr": "Je réponds aux questions sur l'IA open source : définition, licences, modèles, lois et histoire.",
    "de": "Ich beantworte Fragen zu Open-Source-KI: Definition, Lizenzen, Modelle, Gesetze und Geschichte.",
    "es": "Respondo a preguntas sobre la IA de código abierto: su definición, licencias, modelos, leyes e historia.",
    "it": "Rispondo a domande sull'IA open source: definizione, licenze, modelli, leggi e storia.",
}
LACKING = {
    "en": "The corpus does not hold an answer to this. The closest passages are listed.",
    "fr": "Le corpus ne contient pas de réponse à cette question. Les passages les plus proches sont indiqués.",
    "de": "Der Korpus enthält keine Antwort darauf. Die nächstliegenden Stellen sind aufgeführt.",
    "es": "El corpus no contiene una respuesta a esto. Se muestran los pasajes más cercanos.",
    "it": "Il corpus non contiene una risposta. Sono elencati i passaggi più vicini.",
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


def unsure(language: str) -> str:
    """The sentence that stands above quotations where it is not certain that they answer."""
    return UNSURE.get(language, UNSURE["en"])


def wording(language: str, judgement: Judgement) -> str:
    """The sentence with which a question is declined."""
    if judgement.missing:
        return ABSENT.get(language, ABSENT["en"]).format(what=judgement.missing)
    return (LACKING if judgement.on_topic else ABOUT).get(language, LACKING["en"])
