"""Reads a public web address, and nothing else: http and https, public addresses only, at most 20 MB, bounded in time.

The name is resolved once and the connection goes to the very address that was vetted, so that a second answer of the
name server cannot lead elsewhere; every redirect is vetted again. On a machine without network the web is given up
after two hosts, seconds in all, not a timeout for each source.
"""

from __future__ import annotations

import http.client
import ipaddress
import queue
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from errors import SourceError

MAX_BYTES = 20_000_000
CONNECT_SECONDS = 4.0
TOTAL_SECONDS = 30.0
REDIRECTS = 5
HOSTS_BEFORE_GIVING_UP = 2  # one host may be gone; when two are, it is the network
FORMATS = {
    "text/html": "html",
    "application/xhtml+xml": "html",
    "application/pdf": "pdf",
    "text/markdown": "markdown",
    "text/x-markdown": "markdown",
    "text/plain": "text",
    "text/yaml": "text",
    "application/yaml": "text",
    "application/x-yaml": "text",
}
GITHUB_PAGE = re.compile(r"https://github\.com/([^/]+/[^/]+)/blob/(.+)")
AGENT = "Plainsource ingest (reads a listed source once and keeps it)"


@dataclass(frozen=True)
class Page:
    """What an address gave: its bytes, and their format by the server's word ("html", "text", …)."""

    data: bytes
    format: str


def resolve(host: str, port: int) -> list[str]:
    """Addresses of a host. In a thread, because the resolver has no time limit of its own."""
    answers: queue.Queue[list[str] | OSError] = queue.Queue()

    def ask() -> None:
        try:
            answers.put([str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)])
        except (OSError, UnicodeError) as error:
            answers.put(error if isinstance(error, OSError) else OSError(str(error)))

    threading.Thread(target=ask, daemon=True).start()
    try:
        answer = answers.get(timeout=CONNECT_SECONDS)
    except queue.Empty:
        raise OSError("the name server does not answer") from None
    if isinstance(answer, OSError):
        raise answer
    return answer


def is_public(address: str) -> bool:
    """Whether an address is of the public internet: not this machine, not its network, not a cloud's metadata."""
    try:
        ip = ipaddress.ip_address(address.split("%")[0])
    except ValueError:
        return False
    inner = getattr(ip, "ipv4_mapped", None) or getattr(ip, "sixtofour", None)
    if inner is not None and not is_public(str(inner)):
        return False
    nat64 = ip.version == 6 and ip in ipaddress.ip_network("64:ff9b::/96")
    return ip.is_global and not ip.is_multicast and not nat64


class Web:
    """The web as one run sees it: once it is found to be away, it is not asked again."""

    def __init__(
        self,
        *,
        resolver: Callable[[str, int], list[str]] = resolve,
        public: Callable[[str], bool] = is_public,
        ports: frozenset[int] | None = None,
    ) -> None:
        self._resolver, self._public = resolver, public
        self._ports = ports or frozenset({80, 443})
        self._silent: set[str] = set()
        self._answered = False

    @property
    def away(self) -> bool:
        """Whether this run has given up on the web."""
        return len(self._silent) >= HOSTS_BEFORE_GIVING_UP and not self._answered

    def get(self, url: str) -> Page:
        """The page at an address. Raises SourceError, in a sentence, when it cannot be had."""
        deadline = time.monotonic() + TOTAL_SECONDS
        address = raw_address(url)
        for _ in range(REDIRECTS + 1):
            answer = self._ask(address, deadline)
            if isinstance(answer, Page):
                return answer
            address = raw_address(urljoin(address, answer))
        raise SourceError(f"{url} redirects more than {REDIRECTS} times.")

    def _ask(self, url: str, deadline: float) -> Page | str:
        """One request: a page, or the address that it is redirected to."""
        parts = self._vetted(url)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        connection = self._connect(parts.scheme, host, port)
        try:
            path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._") + (f"?{parts.query}" if parts.query else "")
            headers = {"User-Agent": AGENT, "Accept": ", ".join(FORMATS), "Accept-Encoding": "identity"}
            connection.request("GET", path, headers=headers)
            response = connection.getresponse()
            self._answered = True
            if response.status in (301, 302, 303, 307, 308):
                return response.headers.get("Location") or ""
            if response.status != 200:
                raise SourceError(f"{url} answers with status {response.status}.")
            return Page(_body(response, url, deadline), _format(response, url))
        except (OSError, http.client.HTTPException) as error:
            raise SourceError(f"{url} broke off: {error or type(error).__name__}.") from None
        finally:
            connection.close()

    def _vetted(self, url: str) -> SplitResult:
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise SourceError(f"{url!r} is not a web address.") from None
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise SourceError(f"{url!r} is not an http or https address.")
        if parts.username is not None or parts.password is not None:
            raise SourceError(f"The address of {parts.hostname} carries a name or a password; take them out.")
        if port is not None and port not in self._ports:
            raise SourceError(f"{url} names port {port}; only the web's own ports are asked.")
        return parts

    def _connect(self, scheme: str, host: str, port: int) -> http.client.HTTPConnection:
        if self.away:
            raise SourceError("The web cannot be reached from this machine.")
        try:
            addresses = self._resolver(host, port)
            refused = [address for address in addresses if not self._public(address)]
            if refused or not addresses:
                raise SourceError(f"{host} is not on the public web ({', '.join(refused) or 'no address'}).")
            plain = socket.create_connection((addresses[0], port), timeout=CONNECT_SECONDS)
        except OSError as error:
            self._silent.add(host)
            raise SourceError(f"{host} cannot be reached: {error.strerror or error}.") from None
        connection = http.client.HTTPConnection(host, port, timeout=CONNECT_SECONDS * 2)
        try:
            tls = ssl.create_default_context() if scheme == "https" else None
            connection.sock = tls.wrap_socket(plain, server_hostname=host) if tls else plain
        except OSError as error:  # ssl's errors are OSErrors
            plain.close()
            self._silent.add(host)
            raise SourceError(f"{host} cannot be reached safely: {error}.") from None
        return connection


def raw_address(url: str) -> str:
    """The address of the file itself where a GitHub page about the file is named."""
    found = GITHUB_PAGE.fullmatch(url)
    return f"https://raw.githubusercontent.com/{found[1]}/{found[2]}" if found else url


def _format(response: http.client.HTTPResponse, url: str) -> str:
    kind = response.headers.get_content_type()
    if kind not in FORMATS:
        raise SourceError(f"{url} is of type {kind}, not text, Markdown, HTML or PDF.")
    return "markdown" if FORMATS[kind] == "text" and url.lower().endswith((".md", ".markdown")) else FORMATS[kind]


def _body(response: http.client.HTTPResponse, url: str, deadline: float) -> bytes:
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise SourceError(f"{url} is compressed although that was not asked for.")
    held = bytearray()
    while piece := response.read1(65536):
        held += piece
        if len(held) > MAX_BYTES:
            raise SourceError(f"{url} is larger than {MAX_BYTES // 1_000_000} MB.")
        if time.monotonic() > deadline:
            raise SourceError(f"{url} takes longer than {TOTAL_SECONDS:.0f} seconds.")
    if response.length:
        raise SourceError(f"{url} broke off before its end.")
    return bytes(held)
