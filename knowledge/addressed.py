"""Whether a question is about the assistant itself: "how open are you?", "quelle est ta licence ?".

"You" alone says nothing, as most readers write "can you sell it?" and mean anybody. So these are the ways to ask, in
English and French; a question that names a source or a model is about that, whatever else it says.
"""

from __future__ import annotations

import re

from knowledge.language import plain

NAME = "Plainsource"
_PART = (
    r"(?:(?:language |embedding )?model|llm|embedder|weights|(?:source )?code|(?:training )?data|licen[cs]e|terms"
    r"|corpus|sources|answers|knowledge|software|librar(?:y|ies))"
)
_MADE = r"(?:trained|made|built|created|developed|published|released|licen[cs]ed|based|running|powered)"
_BEING = rf"(?:open|closed|proprietary|local|free(?! to)|ai\b|bot|llm|chatbot|language model|{_MADE})"
_OTHER = r"(?:need|have to|want|must|owe|choose|get|give)"
_PIECE = r"(?:modeles?|llm|donnees|licence|corpus|sources|code|logiciels?|bibliotheques|reponses|poids)"
_ETRE = r"(?:open|ouverte?|libre|ferme|proprietaire|local|ia\b|modele|chatbot|sous|base)"
_WAYS = (
    r"\b(?:plainsource|yourself|this (?:assistant|chatbot|bot))\b",
    r"\b(?:who|what|how open|how free) are you(?: exactly| really)?\s*[?!.]*$",
    rf"\bare you (?:an? |the |really |actually |fully )*{_BEING}",
    rf"\b(?:were|have) you (?:been )?{_MADE}|\byou (?:were|are|have been) {_MADE}|\bwho {_MADE} you\b",
    rf"\b(?:which|what) (?:\w+ )?{_PART} (?:are|do|did|were) you\b(?! {_OTHER})",
    r"\b(?:what|which|where|how)(?:'s| is| are| was| were| open is| open are)\b[^?]{0,12}"
    rf"\byour (?:own |default )?{_PART}\b",
    rf"\b(?:is|are) your (?:own |default )?{_PART} (?:open|published|public|free|available|proprietary|under)",
    r"\bwhere do (?:your answers|you get)|\bdo you (?:run|work) (?:locally|offline|here)",
    r"\bmy questions?\b.*\b(?:sent|seen|stored|kept)\b|\bsees my questions?\b",
    r"\b(?:qui|que) (?:etes[ -]vous|es[ -]tu)\b|\bcet assistant\b",
    r"\bpoint (?:etes[ -]vous|es[ -]tu) \w+|\bqui (?:vous|t') ?a \w+\s*\?",
    rf"\b(?:etes[ -]vous|es[ -]tu|vous etes|tu es)[ -](?:vraiment |un |une |le )?{_ETRE}",
    rf"\bquel(?:le)?s? (?:\w+ )?{_PIECE} (?:etes|es|utilis\w+|avez|as)[ -](?:vous|tu)\b",
    rf"\bquel(?:le)?s? (?:est|sont) (?:votre|vos|ta|ton|tes) (?:propre )?{_PIECE}\b",
    rf"\b(?:votre|ta|ton|vos|tes) {_PIECE} (?:est|sont)[ -](?:elle|il|ils|elles)\b",
    r"\b(?:avez[ -]vous|as[ -]tu) ete \w+|\b(?:fonctionn|tourn)(?:es|ez)[ -](?:tu|vous)\b",
)
_ITSELF = re.compile("|".join(_WAYS))
_VERB_YOU = re.compile(r"\b(are|were|do|did|have) you\b|\byou (are|were|have)\b", re.IGNORECASE)
_YOUR = re.compile(r"\byour(?:s|self)?\b", re.IGNORECASE)
_YOU = re.compile(r"\byou\b", re.IGNORECASE)
_ONE = {"are": "is", "were": "was", "do": "does", "did": "did", "have": "has"}


def is_addressed(question: str) -> bool:
    """Whether the assistant is asked about itself."""
    return bool(_ITSELF.search(plain(question)))


def third_person(english: str) -> str:
    """The question as somebody else would put it: "What model are you?" becomes "What model is Plainsource?"."""
    english = _VERB_YOU.sub(_about_one, english)
    return _YOU.sub(NAME, _YOUR.sub(f"{NAME}'s", english))


def _about_one(match: re.Match[str]) -> str:
    if match[1]:
        return f"{_ONE[match[1].lower()]} {NAME}"
    return f"{NAME} {_ONE[match[2].lower()]}"
