"""Which engine and model answer, and why: chosen once, said to the reader, mended while it runs.

``auto`` takes the best model that Ollama has, by the table of ``known``; else the embedded model if its file is here;
else none, and sources are quoted. A cloud model is never chosen here: it sends the reader's words to another company,
so it must be named. Choosing asks the server a few small questions; a model is loaded at ``preload``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from assistant import weights
from assistant.answer import Engine
from assistant.generation import Generator
from assistant.known import UNKNOWN, WORSE_THAN_EMBEDDED, Known, known, osi_approved
from assistant.ollama_server import (
    SUGGESTED,
    Installed,
    address,
    context_length,
    is_cloud_name,
    is_loopback,
    missing,
    models,
)
from assistant.resilient import Resilient
from errors import EngineUnavailable, SettingsError, UserError, WeightsError

WINDOW = 4096


@dataclass(frozen=True)
class Choice:
    """Who answers. generator: None means that sources are quoted. notices: sentences for the reader's page.

    trouble: why the chosen engine will not answer, where that is known already. cloud: who gets the reader's words.
    """

    generator: Generator | None
    engine: Engine
    notices: tuple[str, ...] = ()
    trouble: UserError | None = None
    cloud: str = ""


MEND = " To mend it: "


@dataclass(frozen=True)
class Option:
    """A model that the reader may choose. setting: the value for ``choose``; osi: None where the licence is unknown.

    sent_to: who gets the reader's words, where that is not this machine.
    """

    setting: str
    label: str
    kind: str
    licence: str
    osi: bool | None
    sent_to: str = ""


def choose(
    model: str = "auto",
    *,
    home: Path,
    ollama_host: str = "",
    openai_base_url: str = "",
    openai_model: str = "",
    openai_api_key: str = "",
    threads: int = 0,
    fallback: bool = True,
) -> Choice:
    """The engine that a setting means. Raises a UserError for a model that was named and cannot be had.

    fallback: whether the embedded model stands behind a named model of Ollama; each holds its weights in memory.
    """
    name = model.strip() or "auto"
    if name == "none":
        return Choice(None, Engine("none", "", reason="no model, as the settings say: sources are quoted"))
    if name.startswith("ollama:") and name.removeprefix("ollama:").strip():
        return _ollama(name.removeprefix("ollama:"), home, ollama_host, threads, fallback)
    if name.split(":")[0] == "openai" or (name == "auto" and openai_base_url):
        named = name.partition(":")[2] or openai_model
        return _openai(openai_base_url, named, openai_api_key)
    if name == "auto":
        return _auto(home, ollama_host, threads)
    if weights.is_path(name) or weights.lookup(name):
        return _given(_embedded(name, home, threads))
    raise _no_model(model)


def _no_model(model: str) -> SettingsError:
    return SettingsError(
        f"{model!r} names no model: give auto, none, ollama:NAME, openai:NAME, a name of the catalogue or a GGUF file.",
        mend="python -m assistant models",
    )


def available(
    *, home: Path, ollama_host: str = "", openai_base_url: str = "", openai_model: str = ""
) -> tuple[Option, ...]:
    """What a reader can choose now, best first; not the model for tests, which invents answers."""
    options = [
        Option(
            f"ollama:{m.name}", f"{m.name} (Ollama)", "ollama", known(m.name).licence, osi_approved(m.name),
            elsewhere(m.remote if m.is_cloud else address(ollama_host)),
        )
        for m in _ranked(_installed(ollama_host)[0], cloud=True)
    ]  # fmt: skip
    options += [
        Option(entry.name, f"{entry.title} (built in)", "embedded", entry.licence, True)
        for entry in weights.CATALOGUE[:-1]
        if weights.here(entry.name, home)
    ]
    if openai_base_url:
        licence, osi, away = known(openai_model).licence, osi_approved(openai_model), elsewhere(openai_base_url)
        options.append(
            Option(f"openai:{openai_model}", f"{openai_model} (server)", "openai", licence, osi, sent_to=away)
        )
    return (*options, Option("none", "no model: quotations only", "none", "", None))


def elsewhere(url: str) -> str:
    """The host of an address, "" where that is this machine."""
    return "" if is_loopback(url) else host_of(url)


def host_of(url: str) -> str:
    """The host and port of an address, without what may stand before them: a password."""
    return url.split("://")[-1].split("/")[0].split("@")[-1]


def _auto(home: Path, host: str, threads: int) -> Choice:
    installed, problem = _installed(host)
    usable = [m for m in _ranked(installed) if known(m.name).rank < WORSE_THAN_EMBEDDED]
    if usable:
        return _ollama(usable[0].name, home, host, threads)
    cloud = [m.name for m in installed if m.is_cloud]
    elsewhere = [f"Ollama has {', '.join(cloud)}, which runs elsewhere; it is used only if you name it."][: len(cloud)]
    try:
        embedded = _embedded(_best_here(home), home, threads)
    except WeightsError as error:
        rest = _ranked(installed)
        if rest:
            return _ollama(rest[0].name, home, host, threads)
        return _nothing(error, problem or _bare(host), elsewhere)
    return Choice(embedded, embedded.engine, (*([told(problem)] if problem and host else []), *elsewhere))


def _nothing(error: UserError, ollama: UserError, more: Sequence[str]) -> Choice:
    """Sources are still found and quoted; the reader is told what is missing and the command that brings it."""
    notice = f"There is no model to write with, so sources are quoted. {told(error)}"
    reason = "no model is on this machine: sources are quoted"
    return Choice(None, Engine("none", "", reason=reason), (notice, told(ollama), *more), error)


def _bare(host: str) -> EngineUnavailable:
    return EngineUnavailable(
        f"Ollama at {address(host)} has no model that runs there.", mend=f"ollama pull {SUGGESTED}"
    )


def told(error: UserError) -> str:
    """A sentence and its command in one line."""
    return f"{error.message}{MEND}{error.mend}" if error.mend else error.message


def _ollama(name: str, home: Path, host: str, threads: int, fallback: bool = True) -> Choice:
    """Ollama, with the embedded model behind it where its file is here and it is wanted."""
    from assistant.engine_ollama import OllamaGenerator

    name, entry, url = name.strip(), known(name), address(host)
    installed, trouble = _installed(host)
    there = next((m for m in installed if same(m.name, name)), None)
    trouble = trouble or (None if there else missing(url, name, [m.name for m in installed]))
    cloud = there.remote if there else is_cloud_name(name)
    reason = f"{name}, {f'run by {cloud}, asked through' if cloud else 'on'} Ollama at {url}"
    primary = OllamaGenerator(
        host, name, licence=entry.licence, reason=f"{reason}: {entry.licence or 'licence unknown'}",
        window=_window(entry, url, there),
    )  # fmt: skip
    notices = _notices(name, entry, cloud, trouble)
    try:
        second = _embedded(_best_here(home), home, threads) if fallback else None
    except WeightsError:
        second = None
    if second is None:
        return Choice(primary, primary.engine, notices, trouble, cloud)

    def alive() -> bool:
        try:
            return any(same(m.name, name) for m in models(host))
        except EngineUnavailable:
            return False

    return Choice(Resilient(primary, second, alive), primary.engine, notices, trouble, cloud)


def _window(entry: Known, url: str, there: Installed | None) -> int:
    """What is asked for as ``num_ctx``. A server would cut a wider one in silence to what the model was made for."""
    asked = context_length(url, there.name) if there and entry is UNKNOWN else 0
    return min(WINDOW, asked or entry.context)


def _notices(name: str, entry: Known, cloud: str, trouble: UserError | None) -> tuple[str, ...]:
    said = [told(trouble)] if trouble else []
    if cloud:
        said.append(f"{name} does not run here: your words are sent to {cloud}.")
    if entry.licence and not entry.osi:
        said.append(f"The licence of {name} ({entry.licence}) is not approved by the OSI.")
    return tuple(said)


def _openai(base_url: str, model: str, key: str) -> Choice:
    from assistant.engine_openai import OpenAIGenerator

    if not base_url or not model:
        raise SettingsError(
            "An OpenAI-compatible server needs an address and a model.",
            mend="export PLAINSOURCE_OPENAI_BASE_URL=http://127.0.0.1:8000/v1 PLAINSOURCE_OPENAI_MODEL=NAME",
        )
    away = elsewhere(base_url)
    entry = known(model)
    reason = f"{model}, on the server at {host_of(base_url)}, as the settings say: {entry.licence or 'licence unknown'}"
    generator = OpenAIGenerator(base_url, model, api_key=key, licence=entry.licence, reason=reason)
    notices = (f"Your words are sent to {away}.",) if away else ()
    return Choice(generator, generator.engine, notices)


def _embedded(name: str, home: Path, threads: int) -> Generator:
    from assistant.engine_embedded import EmbeddedGenerator

    path = weights.find(name, home)
    entry = weights.lookup(name)
    if entry is None:
        reason = f"{path.name}, built in: a file of your own, unverified"
        return EmbeddedGenerator(path, name=path.stem, licence="", threads=threads, window=WINDOW, reason=reason)
    reason = f"{entry.name}, built in: {entry.licence}"
    return EmbeddedGenerator(
        path, name=entry.name, licence=entry.licence, threads=threads, window=WINDOW, reason=reason
    )


def _given(generator: Generator) -> Choice:
    engine = replace(generator.engine, reason=f"{generator.engine.reason}, as the settings say")
    return Choice(generator, engine)


def _best_here(home: Path) -> str:
    """The best of the catalogue that is here, or the default to complain about. The one for tests is never chosen."""
    return next((e.name for e in weights.CATALOGUE[:-1] if weights.here(e.name, home)), weights.DEFAULT)


def _installed(host: str) -> tuple[list[Installed], EngineUnavailable | None]:
    """What Ollama has, or why nothing is known of it."""
    try:
        return models(host), None
    except EngineUnavailable as error:
        return [], error


def _ranked(installed: Sequence[Installed], *, cloud: bool = False) -> list[Installed]:
    """Those that can write, best first; smaller first among equals."""
    writers = [m for m in installed if known(m.name).writes and (cloud or not m.is_cloud)]
    return sorted(writers, key=lambda m: (m.is_cloud, known(m.name).rank, m.size, m.name))


def same(one: str, other: str) -> bool:
    """Whether Ollama takes them for one: letters in any case, and ``latest`` where no tag is given."""
    return one.lower().removesuffix(":latest") == other.lower().removesuffix(":latest")
