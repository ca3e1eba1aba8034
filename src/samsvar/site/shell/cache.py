"""Pages for readers without an account: computed once for each change of the database, and never served stale.

`Kept` stands in front of Django as a thin WSGI application (site/wsgi.py). On every request it reads the change number
from the database (site/audit) and answers from memory only what was computed under that number, on that day. The number
is read *before* a page is computed, so a change in the middle makes the page newer than its number, never older.
`Public` is the middleware that says which answers may be kept: it sees what Django set (cookies, status, headers).
"""

from __future__ import annotations

import gzip
import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.module_loading import import_string

try:
    import brotli
except ImportError:  # a platform without the wheel: gzip serves as well
    brotli = None

KEPT_TYPES = ("text/html", "image/svg+xml", "application/json")
MARK = "public, no-cache"  # anybody may keep it, everybody asks again before showing it
PERSONAL = "private, no-store"  # after signing out, a shared computer shows nothing of it, not even by going back
# Parts of addresses that open something once: a page behind one is kept by nobody, whatever it shows.
TOKENS = frozenset({"key", "token", "uidb36", "uidb64"})
LONGEST_QUERY = 512  # characters; a longer question is nobody's bookmark
SMALLEST_COMPRESSED = 256  # bytes; below it the header weighs more than what is saved
VARY = frozenset({"cookie", "accept-encoding", "hx-request", "hx-target", "hx-boosted", "hx-history-restore-request"})
_HTMX = ("HTTP_HX_REQUEST", "HTTP_HX_TARGET", "HTTP_HX_BOOSTED", "HTTP_HX_HISTORY_RESTORE_REQUEST")

type Environ = dict[str, Any]
type StartResponse = Callable[..., Any]
type Application = Callable[[Environ, StartResponse], Iterable[bytes]]


class Public:
    """Marks the answers that are the same for everybody; stands first, so that it sees them whole."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        personal = _is_personal(request.META.get("HTTP_COOKIE", ""), request.META)
        if request.resolver_match is not None and TOKENS & request.resolver_match.kwargs.keys():
            if "no-store" not in response.get("Cache-Control", ""):
                response["Cache-Control"] = PERSONAL
            response["X-Robots-Tag"] = "noindex"
        elif (
            request.method in {"GET", "HEAD"}
            and response.status_code == 200
            and isinstance(response, HttpResponse)
            and not response.cookies  # a form's token sets one, and so do messages and sessions
            and not response.has_header("Cache-Control")  # a view that says something itself is heard
            and response.get("Content-Type", "").startswith(KEPT_TYPES)
            and not personal
            and {name.strip().lower() for name in response.get("Vary", "Cookie").split(",")} <= VARY
        ):
            response["Cache-Control"] = MARK
        elif (
            not response.has_header("Cache-Control")
            and response.status_code != 304  # says nothing new about what a browser keeps already
            and (response.cookies or personal)
        ):  # whatever it is: a page, a list to download, a way on to somewhere
            response["Cache-Control"] = PERSONAL
        return response


@dataclass(frozen=True, slots=True)
class Page:
    """One answer as it leaves: compressed already, named by its content."""

    status: str
    headers: tuple[tuple[str, str], ...]  # without ETag and Content-Length
    etag: str
    body: bytes

    @property
    def weight(self) -> int:
        """Bytes that it holds in memory; a thousand for everything that is not its body."""
        return len(self.body) + 1_000


class Memory:
    """Pages of one edition (change number and day), bounded in bytes; a new edition begins empty.

    A page that was asked for once only is the first to go: a crawler that asks a million questions pushes out its own
    pages and not those that people read. Safe to use from several threads.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._lock = threading.Lock()
        self._edition: Hashable = None
        self._once: OrderedDict[Hashable, Page] = OrderedDict()
        self._again: OrderedDict[Hashable, Page] = OrderedDict()
        self._weight_once = self._weight_again = 0

    @property
    def weight(self) -> int:
        return self._weight_once + self._weight_again

    def find(self, edition: Hashable, key: Hashable) -> Page | None:
        with self._lock:
            if edition != self._edition:
                return None
            if (page := self._again.get(key)) is not None:
                self._again.move_to_end(key)
            elif (page := self._once.pop(key, None)) is not None:
                self._weight_once -= page.weight
                self._again[key] = page
                self._weight_again += page.weight
                while self._weight_again > self.limit * 3 // 4:
                    self._weight_again -= self._again.popitem(last=False)[1].weight
            return page

    def keep(self, edition: Hashable, key: Hashable, page: Page) -> None:
        if page.weight > self.limit // 16:
            return
        with self._lock:
            if edition != self._edition:  # also when a slow thread brings an old one: it is asked for by nobody
                self._once.clear()
                self._again.clear()
                self._weight_once = self._weight_again = 0
                self._edition = edition
            for part, weight in ((self._once, "_weight_once"), (self._again, "_weight_again")):
                if (old := part.pop(key, None)) is not None:
                    setattr(self, weight, getattr(self, weight) - old.weight)
            self._once[key] = page
            self._weight_once += page.weight
            while self.weight > self.limit:
                if self._once:
                    self._weight_once -= self._once.popitem(last=False)[1].weight
                else:
                    self._weight_again -= self._again.popitem(last=False)[1].weight


class Numbers(Protocol):
    """Where the change number comes from; None where the database does not answer."""

    def __call__(self) -> int | None: ...


class Kept:
    """The WSGI application in front of Django's."""

    def __init__(self, application: Application, *, limit: int, number: Numbers) -> None:
        self.application = application
        self.memory = Memory(limit)
        self.number = number

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        key = _key(environ) if self.memory.limit else None
        number = self.number() if key else None
        if key is None or number is None:
            return self.application(environ, start_response)
        edition = (number, int(time.time() // 86_400))  # "today" stands on pages, in UTC as everywhere in the site
        page = self.memory.find(edition, key)
        if page is None:
            if environ["REQUEST_METHOD"] == "HEAD":  # nothing to keep: Django leaves the body out
                return self.application(environ, start_response)
            return self._computed(environ, start_response, edition, key)
        return _answer(page, environ, start_response)

    def _computed(
        self, environ: Environ, start_response: StartResponse, edition: Hashable, key: tuple[Any, ...]
    ) -> Iterable[bytes]:
        """Ask Django; keep what it marks, pass on everything else as it comes."""
        heard: list[Any] = []

        def listen(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], object]:
            heard[:] = [status, headers, exc_info]
            return lambda _: None  # Django never writes this way

        parts = self.application(environ, listen)
        status, headers, exc_info = heard
        if not status.startswith("200") or ("Cache-Control", MARK) not in headers:
            start_response(status, headers, *([exc_info] if exc_info else []))
            return parts
        try:
            body = b"".join(parts)
        finally:
            if close := getattr(parts, "close", None):
                close()
        page = _page(status, headers, body, encoding=key[-1])
        self.memory.keep(edition, key, page)
        return _answer(page, environ, start_response)


def kept(application: Application, *, number: Numbers) -> Application:
    """The application with the page cache before it, as the settings ask; `SAMSVAR_PAGE_CACHE_BYTES=0` is none."""
    limit = settings.SAMSVAR_PAGE_CACHE_BYTES
    return Kept(application, limit=limit, number=number) if limit else application


def _key(environ: Environ) -> tuple[Any, ...] | None:
    """All that an answer for everybody depends on; None where the request is personal, or nothing to keep."""
    if (
        environ["REQUEST_METHOD"] not in {"GET", "HEAD"}
        or len(query := environ.get("QUERY_STRING", "")) > LONGEST_QUERY
        or (path := environ.get("PATH_INFO", "")).startswith(settings.STATIC_URL)
        or _is_personal(environ.get("HTTP_COOKIE", ""), environ)
    ):
        return None
    return (
        path,
        query,
        environ.get("SCRIPT_NAME", ""),
        environ.get("HTTP_HOST") or environ.get("SERVER_NAME"),
        environ.get("wsgi.url_scheme"),
        environ.get("HTTP_X_FORWARDED_PROTO"),
        *(environ.get(name) for name in _HTMX),
        _encoding(environ.get("HTTP_ACCEPT_ENCODING", "")),
    )


def _is_personal(cookies: str, environ: Environ) -> bool:
    names = (settings.SESSION_COOKIE_NAME, *_message_cookies(settings.MESSAGE_STORAGE))
    return any(f"{name}=" in cookies for name in names) or "HTTP_AUTHORIZATION" in environ


@cache
def _message_cookies(storage: str) -> tuple[str, ...]:
    """The cookies in which a storage of messages keeps them: one page's sentence for the next is for one reader."""
    there = import_string(storage)
    kinds = getattr(there, "storage_classes", (there,))
    return tuple(kind.cookie_name for kind in kinds if hasattr(kind, "cookie_name"))


def _encoding(accepted: str) -> str:
    """ "br" or "gzip", the best that the client takes; "" for none. `gzip;q=0` is a refusal."""
    offers = {}
    for offer in accepted.lower().split(","):
        name, _, rest = offer.partition(";")
        offers[name.strip()] = rest.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    if brotli is not None and offers.get("br"):
        return "br"
    return "gzip" if offers.get("gzip") else ""


def _page(status: str, headers: list[tuple[str, str]], body: bytes, *, encoding: str) -> Page:
    kept_headers = [(n, v) for n, v in headers if n.lower() not in {"content-length", "etag", "vary"}]
    names = [v for n, v in headers if n.lower() == "vary"]
    vary = dict.fromkeys(name.strip() for value in (*names, "Accept-Encoding, Cookie") for name in value.split(","))
    if encoding and len(body) >= SMALLEST_COMPRESSED and not any(n.lower() == "content-encoding" for n, _ in headers):
        # the same answer for everybody holds no secret that its length could betray
        body = brotli.compress(body, quality=5) if encoding == "br" else gzip.compress(body, 6, mtime=0)
        kept_headers.append(("Content-Encoding", encoding))
    kept_headers.append(("Vary", ", ".join(vary)))
    return Page(status, tuple(kept_headers), f'"{hashlib.sha256(body).hexdigest()[:24]}"', body)


def _answer(page: Page, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    headers = [*page.headers, ("ETag", page.etag)]
    if _is_known(page.etag, environ.get("HTTP_IF_NONE_MATCH", "")):
        unsaid = {"content-type", "content-encoding"}
        start_response("304 Not Modified", [(n, v) for n, v in headers if n.lower() not in unsaid])
        return [b""]
    start_response(page.status, [*headers, ("Content-Length", str(len(page.body)))])
    return [b""] if environ["REQUEST_METHOD"] == "HEAD" else [page.body]


def _is_known(etag: str, header: str) -> bool:
    return header.strip() == "*" or etag in (name.strip().removeprefix("W/") for name in header.split(","))
