"""What an Ollama server says about itself: its version, its models, and whether somebody is there at all.

Read raw, without the official client: it drops the fields by which a cloud model can be told, and such a model sends
the user's text to another company through a port of this machine.
"""

from __future__ import annotations

import contextlib
import ipaddress
import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from errors import EngineUnavailable, SettingsError

PORT = 11434
ANOTHER = "choose another model: python -m assistant models"
SMALLER = "choose a smaller model: python -m assistant models"
SUGGESTED = "granite4:3b"  # to those who have Ollama and no model for this
CLOUD = "a cloud service"
PROBE = 1.0  # seconds to answer /api/version; a server on the same network needs a hundredth


@dataclass(frozen=True)
class Installed:
    """A model that a server offers. remote: where the text would be sent on to, "" for a model that runs there."""

    name: str
    size: int = 0
    remote: str = ""
    parameters: str = ""
    quantization: str = ""

    @property
    def is_cloud(self) -> bool:
        return bool(self.remote)


def address(host: str) -> str:
    """``OLLAMA_HOST`` as people write it, as an address to call: 0.0.0.0 is where a server listens, not where it is."""
    text = host.strip().rstrip("/") or "127.0.0.1"
    text = f"[{text}]" if text.count(":") > 1 and "[" not in text and "//" not in text else text
    scheme, _, rest = text.rpartition("://")
    try:
        parts = urlsplit(f"{scheme or 'http'}://{rest}")
        port = parts.port or {"http": 80, "https": 443}.get(scheme, PORT)
        (parts.hostname or "").encode("idna")  # as the client will: an empty or endless part is a ValueError
    except ValueError:
        parts, port = None, 0
    if parts is None or parts.scheme not in {"http", "https"} or parts.username or re.search(r"\s", text):
        raise SettingsError(
            f"OLLAMA_HOST is not an address: {_without_login(host)!r}.", mend="export OLLAMA_HOST=127.0.0.1:11434"
        )
    name = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(parts.hostname or "", parts.hostname)
    name = f"[{name}]" if name and ":" in name else name
    return f"{parts.scheme}://{name}:{port}{parts.path.rstrip('/')}"


def is_loopback(url: str) -> bool:
    name = urlsplit(url).hostname or ""
    try:
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def models(host: str, *, timeout: float = PROBE) -> list[Installed]:
    """What the server has, cloud models marked. Raises EngineUnavailable where there is none."""
    found = _get(address(host), "/api/tags", timeout).get("models")
    if not isinstance(found, list):
        raise other_program(address(host))
    entries = (entry for entry in found if isinstance(entry, dict))
    return [_installed(entry) for entry in entries if entry.get("name") or entry.get("model")]


def version(host: str, *, timeout: float = PROBE) -> str:
    """The server's version. Raises EngineUnavailable where nobody answers, or something that is not Ollama."""
    found = _get(address(host), "/api/version", timeout).get("version")
    if not isinstance(found, str):
        raise other_program(address(host))
    return found


def context_length(host: str, model: str, *, timeout: float = PROBE) -> int:
    """The longest context that the model was made for, 0 if the server does not say."""
    try:
        info = _get(address(host), "/api/show", timeout, {"model": model}).get("model_info")
    except EngineUnavailable:
        return 0
    facts = info.items() if isinstance(info, dict) else ()
    return max((v for k, v in facts if str(k).endswith(".context_length") and isinstance(v, int)), default=0)


def _get(url: str, path: str, timeout: float, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """One small question to the server, raw: the client drops the fields that tell a cloud model."""
    import httpx

    here = is_loopback(url)
    key = "" if here else os.environ.get("OLLAMA_API_KEY", "")
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    try:
        with httpx.Client(trust_env=not here, timeout=timeout, headers=headers) as client:
            answer = client.post(url + path, json=body) if body else client.get(url + path)
        if answer.status_code in {401, 403}:
            raise forbidden(url, answer.status_code, server_words(answer.text))
        found = answer.json() if answer.status_code == 200 else None
    except (httpx.ConnectError, httpx.TimeoutException):
        raise nobody(url) from None
    except (httpx.HTTPError, ValueError):
        found = None
    if not isinstance(found, dict):
        raise other_program(url)
    return found


def _installed(entry: dict[str, Any]) -> Installed:
    name = str(entry.get("name") or entry.get("model"))
    details = entry.get("details")
    details = details if isinstance(details, dict) else {}
    remote = str(entry.get("remote_host") or is_cloud_name(name) or (CLOUD if entry.get("remote_model") else ""))
    size = entry.get("size")
    return Installed(
        name, size if isinstance(size, int) else 0, remote,
        str(details.get("parameter_size") or ""), str(details.get("quantization_level") or ""),
    )  # fmt: skip


def is_cloud_name(name: str) -> str:
    """Who runs a model of that name, as far as the name tells; "" where it tells nothing."""
    return CLOUD if re.search(r"[:-]cloud$", name.lower()) else ""


def nobody(url: str) -> EngineUnavailable:
    return EngineUnavailable(f"No Ollama answers at {url}.", mend="ollama serve, or set OLLAMA_HOST to where it runs")


def other_program(url: str) -> EngineUnavailable:
    return EngineUnavailable(
        f"The server at {url} does not speak Ollama's API.", mend="set OLLAMA_HOST to where Ollama runs"
    )


def forbidden(url: str, code: int, words: str) -> EngineUnavailable:
    """A key goes to other machines only; here, a sign-in is kept by Ollama itself, for models that run elsewhere."""
    mend = f"ollama signin, or {ANOTHER}" if is_loopback(url) else "export OLLAMA_API_KEY=… and start again"
    return EngineUnavailable(f"The server at {url} refuses to answer us ({code}){words and f': {words}'}.", mend=mend)


def missing(url: str, model: str, names: Sequence[str]) -> EngineUnavailable:
    has = f"it has {', '.join(names[:8])}" if names else "it has no other"
    return EngineUnavailable(f"Ollama at {url} does not have the model {model}; {has}.", mend=f"ollama pull {model}")


def server_words(error: object) -> str:
    """A server's own words, short: an HTML page or another program's object is not for reading."""
    with contextlib.suppress(ValueError):
        error = json.loads(error) if isinstance(error, str) else error
    for name in ("error", "message"):
        error = error.get(name, error) if isinstance(error, dict) else error
    text = error if isinstance(error, str) else ""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", text)).strip().rstrip(".")[:200]


def _without_login(host: str) -> str:
    """A password in an address is not repeated on a screen."""
    return re.sub(r"//[^/@]*@", "//…@", host)
