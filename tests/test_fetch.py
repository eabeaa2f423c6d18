"""Where bytes come from, and what is not asked."""

from __future__ import annotations

import threading
import zipfile
from collections.abc import Iterator
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from errors import SourceError
from ingest import web as web_module
from ingest.web import Web, is_public, raw_address
from ingest.wheel import Wheel, licence_texts


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "::1", "::",
        "fe80::1%eth0", "fc00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1",
        "ff02::1", "x",
    ],
)  # fmt: skip
def test_an_address_of_this_machine_or_network_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"])
def test_the_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd", "ftp://x.example/", "gopher://x.example", "javascript:alert(1)", "http://", "//x.example",
        "http://user:word@x.example/", "http://x.example:22/", "http://x.example:99999/", "http://[::1",
        "http://127.0.0.1/", "http://2130706433/", "http://0x7f.1/", "http://[::ffff:127.0.0.1]/", "http://localhost/",
    ],
)  # fmt: skip
def test_what_is_no_public_web_address_is_not_asked(url: str) -> None:
    with pytest.raises(SourceError):
        Web(resolver=lambda host, _: [host if ":" in host else "127.0.0.1"]).get(url)  # as a resolver reads odd numbers


class Site(BaseHTTPRequestHandler):
    """A small site with every kind of answer."""

    def do_GET(self) -> None:
        port = self.server.server_port  # type: ignore[attr-defined]
        kind, body = "text/html; charset=utf-8", b"<p>words</p>"
        match self.path:
            case "/to-inside":
                return self._redirect(f"http://inside.example:{port}/page")
            case "/round":
                return self._redirect("/round")
            case "/moved":
                return self._redirect("/page")
            case "/to-file":
                return self._redirect("file:///etc/passwd")
            case "/picture":
                kind = "image/png"
            case "/huge":
                body = b"x" * 5000
            case "/gone":
                self.send_error(404)
                return None
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body) + (10 if self.path == "/cut" else 0)))
        self.end_headers()
        self.wfile.write(body)
        return None

    def _redirect(self, to: str) -> None:
        self.send_response(302)
        self.send_header("Location", to)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture
def site() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    thread.join()
    server.server_close()


def web_of(port: int) -> Web:
    """A web in which open.example is public although it is the loopback, and inside.example is not."""
    names = {"open.example": "127.0.0.1", "inside.example": "10.0.0.7"}
    return Web(resolver=lambda host, _: [names[host]], public=lambda ip: ip == "127.0.0.1", ports=frozenset({port}))


def test_a_page_is_read(site: int) -> None:
    for path in ("/page", "/moved"):
        page = web_of(site).get(f"http://open.example:{site}{path}")
        assert (page.data, page.format) == (b"<p>words</p>", "html")


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/to-inside", "not on the public web"),
        ("/to-file", "not an http"),
        ("/round", "redirects more"),
        ("/picture", "image/png"),
        ("/gone", "404"),
        ("/huge", "larger"),
        ("/cut", "broke off"),
    ],
)
def test_an_answer_that_cannot_be_used_is_a_sentence(
    site: int, path: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web_module, "MAX_BYTES", 4000)
    with pytest.raises(SourceError, match=said):
        web_of(site).get(f"http://open.example:{site}{path}")


def test_a_dead_network_is_asked_twice_and_no_more() -> None:
    asked = []

    def dead(host: str, _: int) -> list[str]:
        asked.append(host)
        raise OSError("no route")

    web = Web(resolver=dead)
    for number in range(20):
        with pytest.raises(SourceError, match="reached"):
            web.get(f"https://site{number}.example/")
    assert asked == ["site0.example", "site1.example"]
    assert web.away


def test_a_github_page_is_asked_for_its_file() -> None:
    assert (
        raw_address("https://github.com/o/r/blob/main/a/LICENSE")
        == "https://raw.githubusercontent.com/o/r/main/a/LICENSE"
    )


def wheel(home: Path, members: dict[str, str], digest: str = "") -> Wheel:
    path = home / "wheels" / "w.whl"
    path.parent.mkdir(parents=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return Wheel("w", "1", "w.whl", digest or sha256(path.read_bytes()).hexdigest(), "d/{key}.LICENSE")


def test_licences_are_read_from_the_wheel(tmp_path: Path) -> None:
    found = licence_texts(wheel(tmp_path, {"d/mit.LICENSE": "x"}), ["mit", "none"], tmp_path, download=False, say=print)
    assert found == {"mit": b"x"}


def test_another_wheel_than_the_published_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="sha256"):
        licence_texts(wheel(tmp_path, {}, "0" * 64), ["mit"], tmp_path, download=False, say=print)


def test_a_wheel_that_is_not_here_is_not_downloaded_unasked(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="not here"):
        licence_texts(Wheel("w", "1", "w.whl", "0" * 64, "{key}"), ["mit"], tmp_path, download=False, say=print)
