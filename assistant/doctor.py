"""python -m assistant doctor: is everything there, and which command brings what is missing.

The page's banner shows the same checks. Nothing is asked outside this machine, but the servers that the settings name.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from assistant import weights
from assistant.choice import choose, elsewhere
from assistant.download import megabytes
from assistant.known import known, osi_approved
from assistant.ollama_server import SUGGESTED, address, models, version
from errors import UserError
from knowledge.embedding import digest_of, made_otherwise
from knowledge.store import Store

LEAST_DISK = 500 << 20
LIBRARIES = ("chromadb", "sentence_transformers", "gradio", "ollama", "xllamacpp", "openai")


@dataclass(frozen=True)
class Check:
    """One line. needed: without it no question can be answered at all."""

    name: str
    ok: bool
    message: str
    mend: str = ""
    needed: bool = False


def checks(
    *,
    home: Path,
    model: str = "auto",
    embedder: str = "default",
    ollama_host: str = "",
    openai_base_url: str = "",
    openai_model: str = "",
    openai_api_key: str = "",
    threads: int = 0,
    host: str = "127.0.0.1",
    offline: bool = False,
) -> list[Check]:
    """All checks, in the order in which one would mend them. Loads no model."""
    ready = [_python(), _libraries(), _disk(home), _embedder(embedder, home), _index(home, embedder)]
    engines = [_ollama(ollama_host), _weights(home)]
    chosen, cloud = _model(
        model, home=home, ollama_host=ollama_host, openai_base_url=openai_base_url, openai_model=openai_model,
        openai_api_key=openai_api_key, threads=threads,
    )  # fmt: skip
    found = [*ready, *engines, chosen, _network(model, ollama_host, openai_base_url, host, offline, cloud)]
    return [replace(check, mend="") if check.ok else check for check in found]


def main(arguments: Sequence[str], settings: Any) -> int:
    """One line a check; 1 when a question cannot be answered."""
    parser = argparse.ArgumentParser(prog="python -m assistant doctor", description="Is everything there?")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    as_json = parser.parse_args(arguments).json
    found = of_settings(settings)
    healthy = all(check.ok or not check.needed for check in found)
    if as_json:
        print(json.dumps({"ok": healthy, "checks": [asdict(check) for check in found]}, ensure_ascii=False))
    else:
        print("\n".join(_lines(found)))
    return 0 if healthy else 1


def of_settings(settings: Any) -> list[Check]:
    """``checks`` with the values of a settings object."""
    names = ("home", "model", "embedder", "ollama_host", "openai_base_url", "openai_model", "openai_api_key")
    return checks(**{name: getattr(settings, name) for name in (*names, "threads", "host", "offline")})


def _lines(found: Sequence[Check]) -> Iterator[str]:
    for check in found:
        state = "ok  " if check.ok else "FAIL" if check.needed else "note"
        yield f"{state} {check.name}: {check.message}"
        if check.mend:
            yield f"     To mend it: {check.mend}"


def _python() -> Check:
    good = (3, 11) <= sys.version_info[:2] < (3, 15)
    return Check(
        "python", good, f"Python {sys.version.split()[0]}" + ("" if good else "; 3.11 to 3.14 are supported"),
        "install Python 3.13, then python3 run.py setup", True,
    )  # fmt: skip


def _libraries() -> Check:
    missing = [name for name in LIBRARIES if importlib.util.find_spec(name) is None]
    said = f"missing: {', '.join(missing)}" if missing else "all installed"
    return Check("libraries", not missing, said, "python3 run.py setup", bool({*missing} & {*LIBRARIES[:2]}))


def _disk(home: Path) -> Check:
    folder = next(path for path in (home, *home.parents) if path.exists())
    free = shutil.disk_usage(folder).free
    said = f"{megabytes(free)} free for {home}"
    return Check("disk", free >= LEAST_DISK, said, "free some space, or set PLAINSOURCE_HOME to another disk")


def _embedder(embedder: str, home: Path) -> Check:
    try:
        name, digest = digest_of(embedder, home / "digests.json" if home.is_dir() else None)
    except UserError as error:
        return _failed("embedder", error, needed=True)
    return Check("embedder", True, f"{name}, sha256 {digest[:12]}…", needed=True)


def _index(home: Path, embedder: str) -> Check:
    try:
        manifest = Store(home).manifest()
        digest = digest_of(embedder, home / "digests.json" if home.is_dir() else None)[1]
        how = made_otherwise(manifest, digest) if manifest else ""
    except UserError as error:
        return _failed("index", error, needed=True)
    if manifest is None:
        return Check("index", False, f"there is none in {home}", "python -m ingest", True)
    if how:
        return Check("index", False, f"it was made {how}", "python -m ingest", True)
    documents = len(Store(home).documents())
    return Check("index", True, f"{documents} documents, corpus {manifest.get('corpus', '')[:12]}…", needed=True)


def _ollama(host: str) -> Check:
    try:
        url = address(host)
        number, installed = version(host), models(host)
    except UserError as error:
        return _failed("ollama", error)
    local = ", ".join(_licensed(m.name) for m in installed if known(m.name).writes and not m.is_cloud)
    cloud = [m.name for m in installed if m.is_cloud]
    said = f"version {number} at {url}: {local or 'no model that can write here'}"
    said += f"; runs elsewhere, used only if named: {', '.join(cloud)}" if cloud else ""
    return Check("ollama", bool(local), said, f"ollama pull {SUGGESTED}")


def _licensed(name: str) -> str:
    return name + {True: "", False: " (licence not OSI-approved)", None: " (licence unknown)"}[osi_approved(name)]


def _weights(home: Path) -> Check:
    here = [entry.name for entry in weights.CATALOGUE if weights.here(entry.name, home)]
    if weights.DEFAULT in here:
        return Check("weights", True, f"here and verified: {', '.join(here)}")
    said = f"{weights.DEFAULT} is not here" + (f"; here: {', '.join(here)}" if here else "")
    return Check("weights", False, said, f"python -m assistant models get {weights.DEFAULT}")


def _model(model: str, **values: Any) -> tuple[Check, str]:
    """Who would answer, and the cloud that would get the reader's words."""
    try:
        chosen = choose(model, **values)
    except UserError as error:
        return _failed("model", error), ""
    if chosen.generator:
        chosen.generator.close()
    if chosen.trouble:
        said = f"{chosen.engine.reason}. {chosen.trouble.message}"
        return Check("model", False, said, chosen.trouble.mend), chosen.cloud
    said = chosen.engine.reason + (f" ({' '.join(chosen.notices)})" if chosen.notices else "")
    return Check("model", True, said), chosen.cloud


def _network(model: str, ollama_host: str, openai_base_url: str, host: str, offline: bool, cloud: str = "") -> Check:
    """Where words go. Only what the settings name can make a question leave the machine."""
    try:
        asked = [address(ollama_host)] if model == "auto" or model.startswith("ollama:") else []
    except UserError as error:
        return _failed("network", error)
    asked += [openai_base_url] if openai_base_url and model.split(":")[0] in {"auto", "openai"} else []
    away = [elsewhere(url) for url in asked if elsewhere(url)]
    away += [cloud.split("://")[-1]] if cloud else []
    said = f"questions may be sent to {', '.join(away)}" if away else "questions stay on this machine"
    said += f"; model files come from {'a package registry only' if offline else 'a model hub or a package registry'}"
    if host not in {"127.0.0.1", "localhost", "::1"}:
        said += f"; the page is served on {host}, to other machines too"
    return Check("network", True, said)


def _failed(name: str, error: UserError, *, needed: bool = False) -> Check:
    return Check(name, False, error.message, error.mend, needed)
