"""Fetching of public documents: what is never reached, and what is broken off."""

from __future__ import annotations

import http.server
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from samsvar.interchange import fetching
from samsvar.interchange.fetching import (
    Fetcher,
    FetchFailed,
    FetchTooLarge,
    FetchTooSlow,
    ForbiddenByRobots,
    PrivateAddress,
    RedirectedElsewhere,
    UnsupportedAddress,
    fetch_public_document,
    is_public_address,
    split_address,
)

CONTACT = "secretariat@example.org"
Answer = Callable[[http.server.BaseHTTPRequestHandler], None]


@contextmanager
def answering(answer: Answer) -> Iterator[str]:
    """Serve every request with this function, and yield the address of the server."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            try:
                answer(self)
            except OSError:
                self.close_connection = True

        def log_message(self, *_: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def redirect_to(target: str) -> Answer:
    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(302)
        handler.send_header("Location", target)
        handler.end_headers()

    return answer


def make_fetcher(**options: Any) -> Fetcher:
    settings = {"interval": 0.0, "first_pause": 0.0, "seconds": 2.0, "attempts": 1, "keeps_robots": False}
    return Fetcher(CONTACT, **{**settings, "allow_private": True, **options})


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
        "100.64.0.1", "0.0.0.0", "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "::1", "::",
        "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "fec0::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
        "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:c0a8:101::", "2001:db8::1",
        "2001:0:7f00:1::",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public_address(address)


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07::1", "64:ff9b::5db8:d70e", "172.32.0.1"])
def test_addresses_that_are_public(address: str) -> None:
    assert is_public_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd", "ftp://example.org/a.pdf", "gopher://example.org", "javascript:alert(1)", "report.pdf",
        "", "http://", "https:///a.pdf", "http://user:secret@example.org/", "http://example.org:99999/", "http://[::1/",
        f"https://example.org/{'a' * 9000}", "http://a..example.org/", f"http://{'a' * 64}.example.org/",
    ],
)  # fmt: skip
def test_addresses_that_are_not_of_a_public_document(address: str) -> None:
    with pytest.raises(UnsupportedAddress):
        fetch_public_document(address, contact=CONTACT)


def test_an_address_cannot_add_a_header() -> None:
    parts = split_address("https://example.org/a b\u00e9.pdf?x=1 HTTP/1.1\r\nX: 1#part")
    assert "\r" not in parts.geturl()
    assert " " not in parts.geturl()
    assert parts.path == "/a%20b%C3%A9.pdf"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "[::ffff:127.0.0.1]"])
def test_this_machine_is_never_reached(host: str) -> None:
    asked: list[str] = []
    with answering(lambda handler: asked.append(handler.path)) as address:
        port = address.rpartition(":")[2]
        with pytest.raises((PrivateAddress, FetchFailed)):
            fetch_public_document(f"http://{host}:{port}/secret", contact=CONTACT)
    assert asked == []


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0", "017700000001"])
def test_a_private_address_in_another_notation_is_not_reached(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def resolve(name: str, port: int, **_: Any) -> Any:  # as the C library does, which the tests may not ask
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (socket.inet_ntoa(socket.inet_aton(name)), port))]

    monkeypatch.setattr(fetching.socket, "getaddrinfo", resolve)
    monkeypatch.setattr(fetching.socket, "create_connection", lambda *_, **__: pytest.fail("it was reached"))
    with pytest.raises(PrivateAddress):
        fetch_public_document(f"http://{host}/secret", contact=CONTACT)


def test_a_redirect_to_a_private_address_is_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    with (
        answering(lambda handler: asked.append(handler.path)) as inner,
        answering(redirect_to(f"{inner}/secret")) as outer,
    ):
        outer_port = outer.rpartition(":")[2]
        _resolve_public_names(monkeypatch, int(outer_port))
        with pytest.raises(PrivateAddress):
            fetch_public_document(f"http://reports.example.org:{outer_port}/", contact=CONTACT)
    assert asked == []


def _resolve_public_names(monkeypatch: pytest.MonkeyPatch, port: int) -> list[Any]:
    """Let example.org be a public server, whose connections are those to `port` of this machine."""
    real_resolve, real_connect = socket.getaddrinfo, socket.create_connection
    connected: list[Any] = []

    def resolve(host: str, *args: Any, **kwargs: Any) -> Any:
        if host == "reports.example.org":
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.215.14", port))]
        return real_resolve(host, *args, **kwargs)

    def connect(address: Any, **kwargs: Any) -> socket.socket:
        connected.append(address)
        return real_connect(("127.0.0.1", port) if address[0] == "93.184.215.14" else address, **kwargs)

    monkeypatch.setattr(fetching.socket, "getaddrinfo", resolve)
    monkeypatch.setattr(fetching.socket, "create_connection", connect)
    return connected


def test_the_connection_is_made_to_the_address_that_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    # a name that resolves to another address the next time cannot lead elsewhere: it is resolved once
    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(handler.headers["Host"].encode())

    with answering(answer) as address:
        port = int(address.rpartition(":")[2])
        connected = _resolve_public_names(monkeypatch, port)
        response = fetch_public_document(f"http://reports.example.org:{port}/", contact=CONTACT)
    assert connected == [("93.184.215.14", port)]
    assert response.content == f"reports.example.org:{port}".encode()


def test_a_name_with_a_private_address_among_its_addresses_is_not_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, 80)) for host in ("93.184.215.14", "10.0.0.1")]
    monkeypatch.setattr(fetching.socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(PrivateAddress):
        fetch_public_document("http://reports.example.org/", contact=CONTACT)


def test_a_document_above_the_limit_is_broken_off_whether_or_not_its_size_is_stated() -> None:
    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        if handler.path == "/stated":
            handler.send_header("Content-Length", "1000000000000000000000")
        handler.end_headers()
        while True:
            handler.wfile.write(b"x" * 65_536)

    with answering(answer) as address:
        for path in ("/stated", "/unstated"):
            with pytest.raises(FetchTooLarge):
                make_fetcher(max_bytes=200_000).fetch(address + path)


def test_a_document_that_never_ends_is_broken_off() -> None:
    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        if handler.path == "/body":
            handler.send_response(200)
            handler.end_headers()
        else:
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        for _ in range(200):
            handler.wfile.write(b"x")
            time.sleep(0.02)

    with answering(answer) as address:
        for path in ("/body", "/headers"):
            start = time.monotonic()
            with pytest.raises(FetchTooSlow):
                make_fetcher(total_seconds=0.15).fetch(address + path)
            assert time.monotonic() - start < 2


def test_a_server_that_says_nothing_is_left() -> None:
    with answering(lambda _: time.sleep(1)) as address, pytest.raises(FetchTooSlow):
        make_fetcher(seconds=0.1).fetch(address)


def test_endless_redirects_are_left() -> None:
    with answering(redirect_to("/again")) as address, pytest.raises(FetchFailed) as caught:
        make_fetcher().fetch(address)
    assert "redirects" in caught.value.message


def test_a_missing_document_is_not_asked_for_again() -> None:
    asked: list[str] = []

    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        asked.append(handler.path)
        handler.send_error(404)

    with answering(answer) as address, pytest.raises(FetchFailed) as caught:
        make_fetcher(attempts=5).fetch(f"{address}/missing.pdf")
    assert (asked, caught.value.status, caught.value.code) == (["/missing.pdf"], 404, "fetch_failed")


def test_rules_that_cannot_be_read_forbid_everything_and_a_delay_is_kept() -> None:
    statuses = [500]

    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        if handler.path == "/robots.txt" and statuses:
            handler.send_error(statuses.pop())
            return
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(b"User-agent: *\nCrawl-delay: 3\n")

    with answering(answer) as address:
        fetcher = make_fetcher(keeps_robots=True, sleep=lambda _: None)
        with pytest.raises(FetchFailed):
            fetcher.fetch(address)
        assert fetcher.fetch(address).status == 200
        assert fetcher.interval == 3


def test_a_program_that_keeps_rules_is_not_sent_to_another_server_or_to_what_is_forbidden() -> None:
    asked: list[str] = []

    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        asked.append(handler.path)
        if handler.path == "/robots.txt":
            handler.send_response(200)
            handler.end_headers()
            handler.wfile.write(b"User-agent: *\nDisallow: /private\n")
        else:
            redirect_to(targets[handler.path])(handler)

    with answering(lambda handler: asked.append("elsewhere")) as elsewhere, answering(answer) as address:
        targets = {"/moved": f"{elsewhere}/maintenance", "/in": "/private/text"}
        fetcher = make_fetcher(keeps_robots=True, attempts=5)
        with pytest.raises(RedirectedElsewhere, match="another server, so nothing was fetched there"):
            fetcher.fetch(f"{address}/moved")
        with pytest.raises(ForbiddenByRobots):
            fetcher.fetch(f"{address}/in")
    assert asked == ["/robots.txt", "/moved", "/in"]


def test_a_server_that_asks_for_a_long_pause_is_asked_for_nothing_else_until_it_ends() -> None:
    asked: list[str] = []
    time_now = [100.0]

    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        asked.append(handler.path)
        handler.send_response(429 if handler.path == "/a" else 200)
        handler.send_header("Retry-After", "3600")
        handler.end_headers()

    with answering(answer) as address:
        fetcher = make_fetcher(attempts=5, clock=lambda: time_now[0])
        for path in ("/a", "/b"):
            with pytest.raises(FetchFailed, match="asks us to wait for 60 minutes"):
                fetcher.fetch(address + path)
        assert asked == ["/a"]
        time_now[0] += 3600
        assert fetcher.fetch(f"{address}/b").status == 200


def test_a_short_pause_that_a_server_asks_for_is_kept_for_all_its_documents() -> None:
    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(429 if handler.path == "/a" else 200)
        handler.send_header("Retry-After", "7")
        handler.end_headers()

    pauses: list[float] = []
    with answering(answer) as address:
        fetcher = make_fetcher(attempts=1, clock=lambda: 100.0, sleep=pauses.append)
        with pytest.raises(FetchFailed, match="answered 429"):
            fetcher.fetch(f"{address}/a")
        assert fetcher.fetch(f"{address}/b").status == 200
    assert pauses == [7.0]


def test_a_contact_in_any_script_is_sent_as_utf_8() -> None:
    agents: list[str] = []

    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        agents.append(handler.headers["User-Agent"].encode("latin-1").decode())
        handler.send_response(200)
        handler.end_headers()

    with answering(answer) as address:
        fetcher = make_fetcher()
        fetcher.contact = "Ștefan, Министерство\r\nX-Other: 1"
        fetcher.fetch(address)
    assert agents[0].endswith(" (Ștefan, Министерство X-Other: 1)")


def test_a_pause_until_a_date_counts_from_the_servers_own_date() -> None:
    later = "Thu, 04 Jun 2026 10:02:00 GMT"
    assert fetching._parse_retry_after({"retry-after": later, "date": "Thu, 04 Jun 2026 10:00:30 GMT"}) == 90
    assert fetching._parse_retry_after({"retry-after": later, "date": "Fri, 05 Jun 2026 10:00:00 GMT"}) == 0
    assert fetching._parse_retry_after({"retry-after": later}) is None
    assert fetching._parse_retry_after({"retry-after": "7"}) == 7
    assert fetching._parse_retry_after({"retry-after": "soon", "date": later}) is None
