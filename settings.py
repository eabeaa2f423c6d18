"""Every knob, as one frozen value. A leaf: it is read at the edges, and parts get values, never this.

Each field can be set by an environment variable ``PLAINSOURCE_<FIELD>``; a variable of that form
that names no field is refused, so that a spelling mistake is not a silent default.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path

from errors import SettingsError

ROOT = Path(__file__).resolve().parent
PREFIX = "PLAINSOURCE_"


@dataclass(frozen=True)
class Settings:
    """The values a run is made with.

    home: the folder for the index, normalised texts, model files and logs; git ignores it.
    model: ``auto`` (Ollama where it has a usable model, else the embedded one), ``none`` (quotes
        only), ``ollama:NAME``, a name of the catalogue (``python -m assistant models``), or the
        path of a GGUF file.
    embedder: folder of a sentence-transformers model, or ``default`` for all-MiniLM-L6-v2.
    ollama_host: address of an Ollama server; ``OLLAMA_HOST`` is read where this is not set.
    openai_base_url, openai_model, openai_api_key: an OpenAI-compatible server; used if the first is set.
    host, port: where the page is served.
    embed_origins: origins, separated by commas, that may show ``/embed`` in an iframe; none by default.
    allowed_hosts: host names, separated by commas, that the server answers for besides loopback.
    api_token: bearer token that ``/api`` and ``/v1`` ask for; none by default.
    passages: how many passages are searched for a question.
    max_question_chars: a longer question is refused with a sentence.
    threads: threads of the embedded engine; 0 means the machine's cores.
    offline: never ask a model hub or a web address, only what is on this machine or in a package registry.
    log_requests: write a line of JSON about each request on stderr, without a word of a question.
    log_questions: keep the words of declined questions in ``home/logs``, and write questions into the lines on stderr.
    keep_answers: keep every answer in ``home/logs/answers``, not only those whose reader asks for a lasting link.
    mcp: offer the tools of the Model Context Protocol at ``/mcp``; it needs the extra ``mcp``.
    """

    home: Path = ROOT / ".plainsource"
    model: str = "auto"
    embedder: str = "default"
    ollama_host: str = ""
    openai_base_url: str = ""
    openai_model: str = ""
    openai_api_key: str = ""
    host: str = "127.0.0.1"
    port: int = 7860
    embed_origins: str = ""
    allowed_hosts: str = ""
    api_token: str = ""
    passages: int = 8
    max_question_chars: int = 2000
    threads: int = 0
    offline: bool = False
    log_requests: bool = True
    log_questions: bool = False
    keep_answers: bool = False
    mcp: bool = False


def read(environment: Mapping[str, str] | None = None, **overrides: object) -> Settings:
    """Settings from the environment, then from ``overrides`` (those that are not None).

    Raises SettingsError for a name that is no setting and for a value of the wrong type.
    """
    environment = os.environ if environment is None else environment
    known = {field.name: field for field in fields(Settings)}
    found: dict[str, object] = {}
    for name, value in environment.items():
        if not name.startswith(PREFIX):
            continue
        field = name.removeprefix(PREFIX).lower()
        if field not in known:
            raise SettingsError(
                f"{name} is not a setting; the settings are {', '.join(PREFIX + n.upper() for n in known)}.",
                mend=f"unset {name}",
            )
        found[field] = _value(field, value)
    if "ollama_host" not in found and environment.get("OLLAMA_HOST"):
        found["ollama_host"] = environment["OLLAMA_HOST"]
    found.update({name: value for name, value in overrides.items() if value is not None})
    return replace(Settings(), **found)  # type: ignore[arg-type]


def _value(field: str, text: str) -> object:
    default = getattr(Settings(), field)
    if isinstance(default, bool):
        return text.strip().lower() in {"1", "true", "yes", "on"}
    if isinstance(default, int):
        try:
            return int(text)
        except ValueError:
            raise SettingsError(f"{PREFIX}{field.upper()} must be a whole number, not {text!r}.") from None
    if isinstance(default, Path):
        return Path(text).expanduser().resolve()
    return text
