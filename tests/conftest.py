"""Tests cannot touch the world: no settings from outside, a temporary home, no socket but loopback."""

from __future__ import annotations

import ipaddress
import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT.parent / "shared" / "corpus"
PROXIES = {"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"}

# Before any library is imported, because some read these once, at their import.
for name in [name for name in os.environ if name.startswith("PLAINSOURCE_") or name in PROXIES]:
    del os.environ[name]
os.environ.setdefault("TEST_OLLAMA_HOST", os.environ.get("OLLAMA_HOST", ""))  # for tests of a real Ollama
os.environ.update(
    HF_HUB_OFFLINE="1",
    TRANSFORMERS_OFFLINE="1",
    GRADIO_ANALYTICS_ENABLED="False",
    ANONYMIZED_TELEMETRY="False",
    TOKENIZERS_PARALLELISM="false",  # or a fork after its use warns
    OLLAMA_HOST="http://127.0.0.1:1",  # nothing listens there, even where a developer runs an Ollama
)


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for index, model files and logs: empty, and gone after the test."""
    home = tmp_path / "home"
    monkeypatch.setenv("PLAINSOURCE_HOME", str(home))
    return home


def is_local(address: object) -> bool:
    """Whether a socket address stays on this machine: a path, or a loopback address."""
    if not isinstance(address, tuple):
        return True
    host = str(address[0])
    try:
        return host in {"localhost", ""} or ipaddress.ip_address(host).is_loopback or host == "0.0.0.0"
    except ValueError:
        return False


@pytest.fixture(autouse=True)
def no_world(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A connection that leaves the machine fails the test that asked for it, unless it is marked ``network``."""
    if request.node.get_closest_marker("network"):
        yield
        return
    asked: list[object] = []
    connect, connect_ex, getaddrinfo = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def guard(address: object) -> None:
        if not is_local(address):
            asked.append(address)
            raise OSError(f"a test may not reach {address}")

    def guarded_connect(self: socket.socket, address: object) -> None:
        guard(address)
        connect(self, address)  # type: ignore[arg-type]

    def guarded_connect_ex(self: socket.socket, address: object) -> int:
        guard(address)
        return connect_ex(self, address)  # type: ignore[arg-type]

    def guarded_getaddrinfo(host: object, *rest: object, **more: object) -> object:
        name = host.decode() if isinstance(host, bytes) else str(host or "")
        try:
            getaddrinfo(name or None, 0, flags=socket.AI_NUMERICHOST)  # an address in any spelling asks no name server
        except socket.gaierror:
            guard((name, 0))
        return getaddrinfo(host, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", guarded_connect)
    monkeypatch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
    monkeypatch.setattr(socket, "getaddrinfo", guarded_getaddrinfo)
    yield
    assert not asked, f"the test asked for {asked}; mark it `network` if it must"


@pytest.fixture(scope="session")
def corpus_folder() -> Path:
    """A folder of sources as `python -m ingest --from` reads it; it is not part of the repository."""
    if not (CORPUS / "sources.toml").is_file():
        pytest.skip("there is no folder ../shared/corpus beside this checkout")
    return CORPUS


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of a browser. Playwright's own download is not used: it comes from the machine's packages."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    pytest.skip("no Chromium on this machine; on Debian and Ubuntu: sudo apt-get install chromium")
