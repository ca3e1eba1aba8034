"""A server of our own that behaves like HUDOC, and misbehaves like it: slow, empty, cut off, doubled, renamed, failing.

Feeds and texts are in the structure that was seen in public code and in saved feeds; their words are our own.
"""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

from samsvar.interchange.hudoc import site_settings

Item = tuple[str, str, str, str]  # identifier, title, description, date
DAY = "Thu, 04 Jun 2026 00:00:00 GMT"


def make_feed(items: Sequence[Item], key: str = "greviosectionid") -> bytes:
    """Return a feed as HUDOC writes it."""
    body = "".join(
        f"<item><title>{escape(title)}</title><description>{escape(description)}</description><pubDate>{date}</pubDate>"
        f'<link>http://hudoc.example.org/eng#{{"{key}":["{escape(identifier)}"]}}</link></item>'
        for identifier, title, description, date in items
    )
    return f"<rss version='2.0'><channel><title>Feed</title>{body}</channel></rss>".encode()


def report_items(base: str, about: str, *headings: str, day: str = DAY) -> list[Item]:
    """Return the items of a document and its sections, in the structure of HUDOC-GREVIO."""
    whole = (f"{base}-0", "", f"{about} - 0", day)
    return [
        whole,
        *((f"{base}-{n}", heading, f"{about} - {n}/{len(headings)}", day) for n, heading in enumerate(headings, 1)),
    ]


def section_page(*paragraphs: str, bold: Sequence[int] = ()) -> bytes:
    """Return the page of a section as a converter of office documents writes it: every style is a class."""
    body = "".join(
        f'<p class="s1"><span class="{"s3" if number in bold else "s2"}">{escape(text)}</span></p>'
        for number, text in enumerate(paragraphs)
    )
    return (
        "<html><head><style>.s1 {margin-top:0pt} .s2 {font-size:10pt} .s3 {font-size:10pt; font-weight:bold}</style>"
        f"</head><body><div><script>track()</script>{body}</div></body></html>"
    ).encode()


@dataclass
class HudocServer:
    """The content of the server, its faults, and what it was asked.

    `faults` are used up one by one for each text or list (by identifier, or by the query of a list): "empty", "tags",
    "truncated", "reset", "slow", "garbage", "json", "no items", "elsewhere" (a redirect to another server) or a status,
    which may have a Retry-After ("429:0").
    """

    site: str = "grevio"
    items: list[Item] = field(default_factory=list)
    texts: dict[str, bytes] = field(default_factory=dict)
    faults: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    limit: int = 2000
    after_limit: str = "more"  # or "same", "nothing" and "error", as the services that do not go beyond their limit
    filters_by_state: bool = True
    robots: str = ""
    slow_seconds: float = 0.5
    sends_etags: bool = True
    requests: list[tuple[str, dict[str, str], float]] = field(default_factory=list)
    open_requests: int = 0
    most_open_requests: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    address: str = ""

    def list_window(self, query: str, start: int) -> bytes:
        """Return a list from its n-th item, at most `limit` of them."""
        items = self.items
        if "state=" in query and self.filters_by_state:
            name = query.partition('state="')[2].partition('"')[0].casefold()
            items = [item for item in items if name in item[0].casefold() or name in item[2].casefold()]
        if start and self.after_limit == "same":
            start = 0
        if start and self.after_limit == "nothing":
            items = []
        return make_feed(items[start : start + self.limit], site_settings(self.site)["key"])

    def asked(self, part: str) -> list[dict[str, str]]:
        """Return the headers of the requests whose address contains this."""
        return [headers for path, headers, _ in self.requests if part in path]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hudoc: HudocServer

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        hudoc = self.hudoc
        with hudoc.lock:
            hudoc.requests.append((self.path, {k.lower(): v for k, v in self.headers.items()}, time.monotonic()))
            hudoc.open_requests += 1
            hudoc.most_open_requests = max(hudoc.most_open_requests, hudoc.open_requests)
        try:
            self.answer()
        except OSError:
            self.close_connection = True
        finally:
            with hudoc.lock:
                hudoc.open_requests -= 1

    def answer(self) -> None:
        hudoc, parts = self.hudoc, urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/robots.txt":
            self.send(200 if hudoc.robots else 404, hudoc.robots.encode())
            return
        if parts.path == "/app/transform/rss" and query.get("library") == f"{hudoc.site}eng":
            key, content = query["query"], hudoc.list_window(query["query"], int(query["start"]))
            if int(query["start"]) and hudoc.after_limit == "error":
                self.send(404, b"")
                return
        elif parts.path == "/app/conversion/docx/html/body" and query.get("library") == hudoc.site.upper():
            key, content = query["id"], hudoc.texts.get(query["id"], b"")
        else:
            self.send(404, b"")
            return
        with hudoc.lock:
            fault = hudoc.faults[key].pop(0) if hudoc.faults[key] else ""
        self.send_with_fault(fault, content)

    def send_with_fault(self, fault: str, content: bytes) -> None:
        match fault:
            case "empty":
                self.send(200, b"")
            case "tags":
                self.send(200, b"<html><body><div></div></body></html>")
            case "garbage":
                self.send(200, b"<html><body>Service unavailable</body>")
            case "json":
                self.send(200, b'{"error": "try again"}', content_type="application/json")
            case "no items":
                self.send(200, make_feed([]))
            case "elsewhere":
                self.send(302, b"", location="http://localhost:1/maintenance")
            case "slow":
                time.sleep(self.hudoc.slow_seconds)
                self.send(200, content)
            case "truncated":
                self.send_response(200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content[: len(content) // 2])
                self.close_connection = True
            case "reset":
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
                raise ConnectionResetError
            case "":
                etag = f'"{hash(content)}"'
                if self.hudoc.sends_etags and content and self.headers.get("If-None-Match") == etag:
                    self.send(304, b"", etag)
                else:
                    self.send(200, content, etag if self.hudoc.sends_etags else "")
            case _:
                status, _, retry_after = fault.partition(":")
                self.send(int(status), b"Try again.", retry_after=retry_after)

    def send(
        self,
        status: int,
        content: bytes,
        etag: str = "",
        retry_after: str = "",
        content_type: str = "",
        location: str = "",
    ) -> None:
        self.send_response(status)
        headers = {"ETag": etag, "Retry-After": retry_after, "Content-Type": content_type, "Location": location}
        for name, value in headers.items():
            if value:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def serve(hudoc: HudocServer) -> Iterator[HudocServer]:
    """Serve on a free port of this machine; its address is in `address`."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"hudoc": hudoc}))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    hudoc.address = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield hudoc
    finally:
        server.shutdown()
        server.server_close()
