"""Page cache for readers without an account: a page is computed once per database change and is never stale.

`PageCacheMiddleware` is a thin WSGI middleware around Django (site/wsgi.py). On every request it reads the change
number from the database (site/audit), and serves from memory only pages that were computed under that number on that
day. The number is read *before* a page is computed, so a concurrent change makes the page newer than its number, never
older.

`CacheHeadersMiddleware` is the Django middleware that decides which responses may be cached, because it sees what
Django set (cookies, status, headers) and whether the session or the user was asked for.
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
from django.core.handlers.wsgi import get_str_from_wsgi
from django.http import HttpRequest, HttpResponse, parse_cookie
from django.http.response import HttpResponseBase
from django.utils.module_loading import import_string

try:
    import brotli
except ImportError:  # a platform without the wheel: gzip is used instead
    brotli = None

CACHEABLE_TYPES = ("text/html", "image/svg+xml", "application/json")
SHARED_CACHE_CONTROL = "public, no-cache"  # may be stored by anyone, but must be revalidated before use
# after sign-out, nothing remains visible on a shared computer, not even by going back
PRIVATE_CACHE_CONTROL = "private, no-store"
# URL arguments that grant one-time access: such a page is never cached, whatever it shows.
TOKEN_ARGUMENTS = frozenset({"key", "token", "uidb36", "uidb64"})
MAX_QUERY_LENGTH = 512  # characters; longer queries are unlikely to be requested twice
MIN_COMPRESSED_SIZE = 256  # bytes; below this, the header outweighs the saving
CACHEABLE_VARY = frozenset(
    {"cookie", "accept-encoding", "hx-request", "hx-target", "hx-boosted", "hx-history-restore-request"}
)
_HTMX_HEADERS = ("HTTP_HX_REQUEST", "HTTP_HX_TARGET", "HTTP_HX_BOOSTED", "HTTP_HX_HISTORY_RESTORE_REQUEST")

type Environ = dict[str, Any]
type StartResponse = Callable[..., Any]
type Application = Callable[[Environ, StartResponse], Iterable[bytes]]


class CacheHeadersMiddleware:
    """Middleware that marks responses as shared or private. It is listed first, so that it sees the final response."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        personal = _has_personal_headers(request.META) or _has_personal_state(request)
        if request.resolver_match is not None and TOKEN_ARGUMENTS & request.resolver_match.kwargs.keys():
            if "no-store" not in response.get("Cache-Control", ""):
                response["Cache-Control"] = PRIVATE_CACHE_CONTROL
            response["X-Robots-Tag"] = "noindex"
        elif (
            request.method in {"GET", "HEAD"}
            and response.status_code == 200
            and isinstance(response, HttpResponse)
            and not response.cookies  # set by CSRF tokens, messages and sessions
            and not response.has_header("Cache-Control")  # a view's own header takes precedence
            and response.get("Content-Type", "").startswith(CACHEABLE_TYPES)
            and not personal
            and {name.strip().lower() for name in response.get("Vary", "Cookie").split(",")} <= CACHEABLE_VARY
        ):
            response["Cache-Control"] = SHARED_CACHE_CONTROL
        elif (
            not response.has_header("Cache-Control")
            and response.status_code != 304  # must not change the headers of what the browser has stored
            and (response.cookies or personal)
        ):  # any other response: a page, a download, a redirect
            response["Cache-Control"] = PRIVATE_CACHE_CONTROL
        return response


@dataclass(frozen=True, slots=True)
class CachedPage:
    """A response in its final form: compressed, with an ETag of its content."""

    status: str
    headers: tuple[tuple[str, str], ...]  # without ETag and Content-Length
    etag: str
    body: bytes

    @property
    def weight(self) -> int:
        """Return the size in memory, in bytes, with an allowance of 1,000 for everything except the body."""
        return len(self.body) + 1_000


class PageCache:
    """A size-limited cache of the pages of one edition (change number and day); a new edition starts empty.

    Pages requested only once are evicted first, so that a crawler with a million URLs evicts its own pages and not the
    popular ones. The cache is thread-safe.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._lock = threading.Lock()
        self._edition: Hashable = None
        self._once: OrderedDict[Hashable, CachedPage] = OrderedDict()
        self._again: OrderedDict[Hashable, CachedPage] = OrderedDict()
        self._weight_once = self._weight_again = 0

    @property
    def weight(self) -> int:
        return self._weight_once + self._weight_again

    def find(self, edition: Hashable, key: Hashable) -> CachedPage | None:
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

    def store(self, edition: Hashable, key: Hashable, page: CachedPage) -> None:
        if page.weight > self.limit // 16:
            return
        with self._lock:
            if edition != self._edition:  # also if a slow thread stores an old edition, which no request will ask for
                self._once.clear()
                self._again.clear()
                self._weight_once = self._weight_again = 0
                self._edition = edition
            for segment, weight in ((self._once, "_weight_once"), (self._again, "_weight_again")):
                if (old := segment.pop(key, None)) is not None:
                    setattr(self, weight, getattr(self, weight) - old.weight)
            self._once[key] = page
            self._weight_once += page.weight
            while self.weight > self.limit:
                if self._once:
                    self._weight_once -= self._once.popitem(last=False)[1].weight
                else:
                    self._weight_again -= self._again.popitem(last=False)[1].weight


class ChangeNumberSource(Protocol):
    """A function that returns the change number, or None if the database does not respond."""

    def __call__(self) -> int | None: ...


class PageCacheMiddleware:
    """WSGI middleware that serves pages from the page cache and otherwise calls Django."""

    def __init__(self, application: Application, *, limit: int, change_number: ChangeNumberSource) -> None:
        self.application = application
        self.cache = PageCache(limit)
        self.get_change_number = change_number

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        key = _cache_key(environ) if self.cache.limit else None
        number = self.get_change_number() if key else None
        if key is None or number is None:
            return self.application(environ, start_response)
        edition = (number, int(time.time() // 86_400))  # pages show today's date, in UTC like the whole site
        page = self.cache.find(edition, key)
        if page is None:
            if environ["REQUEST_METHOD"] == "HEAD":  # nothing to cache: Django omits the body
                return self.application(environ, start_response)
            return self._compute_and_cache(environ, start_response, edition, key)
        return _serve_page(page, environ, start_response)

    def _compute_and_cache(
        self, environ: Environ, start_response: StartResponse, edition: Hashable, key: tuple[Any, ...]
    ) -> Iterable[bytes]:
        """Call Django, and cache the response if it is marked as shared; pass on any other response unchanged."""
        captured: list[Any] = []

        def capture_response(
            status: str, headers: list[tuple[str, str]], exc_info: Any = None
        ) -> Callable[[bytes], object]:
            captured[:] = [status, headers, exc_info]
            return lambda _: None  # Django never uses write()

        chunks = self.application(environ, capture_response)
        status, headers, exc_info = captured
        if not status.startswith("200") or ("Cache-Control", SHARED_CACHE_CONTROL) not in headers:
            start_response(status, headers, *([exc_info] if exc_info else []))
            return chunks
        try:
            body = b"".join(chunks)
        finally:
            if close := getattr(chunks, "close", None):
                close()
        page = _build_page(status, headers, body, encoding=key[-1])
        self.cache.store(edition, key, page)
        return _serve_page(page, environ, start_response)


def wrap_in_page_cache(application: Application, *, change_number: ChangeNumberSource) -> Application:
    """Wrap an application in the page cache, as configured; `SAMSVAR_PAGE_CACHE_BYTES=0` disables it."""
    limit = settings.SAMSVAR_PAGE_CACHE_BYTES
    return PageCacheMiddleware(application, limit=limit, change_number=change_number) if limit else application


def _cache_key(environ: Environ) -> tuple[Any, ...] | None:
    """Return all parts of the request that a shared response depends on, or None if the response must not be cached."""
    if (
        environ["REQUEST_METHOD"] not in {"GET", "HEAD"}
        or len(query := environ.get("QUERY_STRING", "")) > MAX_QUERY_LENGTH
        or (path := environ.get("PATH_INFO", "")).startswith(settings.STATIC_URL)
        or _has_personal_headers(environ)
    ):
        return None
    return (
        path,
        query,
        environ.get("SCRIPT_NAME", ""),
        environ.get("HTTP_HOST") or environ.get("SERVER_NAME"),
        environ.get("wsgi.url_scheme"),
        environ.get("HTTP_X_FORWARDED_PROTO"),
        *(environ.get(name) for name in _HTMX_HEADERS),
        _choose_encoding(environ.get("HTTP_ACCEPT_ENCODING", "")),
    )


def _has_personal_headers(environ: Environ) -> bool:
    """Return whether a request has a session, a message for the next page or other credentials.

    The cookies are parsed exactly as Django parses them: a cookie that only one of the two recognises would put a
    personal page into the cache.
    """
    if "HTTP_AUTHORIZATION" in environ:
        return True
    cookies = parse_cookie(get_str_from_wsgi(environ, "HTTP_COOKIE", "")) if environ.get("HTTP_COOKIE") else {}
    names = (settings.SESSION_COOKIE_NAME, *_message_cookie_names(settings.MESSAGE_STORAGE))
    return any(name in cookies for name in names)


def _has_personal_state(request: HttpRequest) -> bool:
    """Return whether the response may depend on a person, however the request was recognised as theirs.

    Pages for everyone ask for the user too, and thereby read a session. Without a key and without data it is no one's.
    """
    session: Any = getattr(request, "session", None)
    user: Any = getattr(request, "user", None)
    return bool(
        (session is not None and session.accessed and not session.is_empty())
        or getattr(user, "is_authenticated", False)
        or getattr(user, "holds_link", False)
    )


@cache
def _message_cookie_names(storage: str) -> tuple[str, ...]:
    """Return the cookie names of a message storage: a request with one of them is personal and is not cached."""
    storage_class = import_string(storage)
    storage_classes = getattr(storage_class, "storage_classes", (storage_class,))
    return tuple(class_.cookie_name for class_ in storage_classes if hasattr(class_, "cookie_name"))


def _choose_encoding(accepted: str) -> str:
    """Return the best encoding that the client accepts: "br", "gzip" or "". `gzip;q=0` means not accepted."""
    offers = {}
    for offer in accepted.lower().split(","):
        name, _, rest = offer.partition(";")
        offers[name.strip()] = rest.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    if brotli is not None and offers.get("br"):
        return "br"
    return "gzip" if offers.get("gzip") else ""


def _build_page(status: str, headers: list[tuple[str, str]], body: bytes, *, encoding: str) -> CachedPage:
    cached_headers = [(n, v) for n, v in headers if n.lower() not in {"content-length", "etag", "vary"}]
    vary_values = [v for n, v in headers if n.lower() == "vary"]
    vary = dict.fromkeys(
        name.strip() for value in (*vary_values, "Accept-Encoding, Cookie") for name in value.split(",")
    )
    if encoding and len(body) >= MIN_COMPRESSED_SIZE and not any(n.lower() == "content-encoding" for n, _ in headers):
        # a response that is the same for everyone contains no secret that its compressed length could reveal
        body = brotli.compress(body, quality=5) if encoding == "br" else gzip.compress(body, 6, mtime=0)
        cached_headers.append(("Content-Encoding", encoding))
    cached_headers.append(("Vary", ", ".join(vary)))
    return CachedPage(status, tuple(cached_headers), f'"{hashlib.sha256(body).hexdigest()[:24]}"', body)


def _serve_page(page: CachedPage, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    headers = [*page.headers, ("ETag", page.etag)]
    if _etag_matches(page.etag, environ.get("HTTP_IF_NONE_MATCH", "")):
        omitted = {"content-type", "content-encoding"}
        start_response("304 Not Modified", [(n, v) for n, v in headers if n.lower() not in omitted])
        return [b""]
    start_response(page.status, [*headers, ("Content-Length", str(len(page.body)))])
    return [b""] if environ["REQUEST_METHOD"] == "HEAD" else [page.body]


def _etag_matches(etag: str, header: str) -> bool:
    return header.strip() == "*" or etag in (name.strip().removeprefix("W/") for name in header.split(","))
