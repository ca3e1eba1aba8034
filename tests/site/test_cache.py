"""A public page is computed once for each change of the database, and a stale one is never served."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import brotli
import hypothesis
import pytest
from django.db import connection
from django.http import HttpResponse, StreamingHttpResponse
from django.test import RequestFactory
from django.urls import URLResolver, get_resolver, reverse
from django.urls.resolvers import ResolverMatch
from hypothesis import given
from hypothesis import strategies as st

from samsvar.network.rights import Role
from samsvar.site.audit.queries import ChangeNumberReader
from samsvar.site.convention.models import State
from samsvar.site.shell import cache
from samsvar.site.shell.cache import CachedPage, CacheHeadersMiddleware, PageCache, PageCacheMiddleware
from tests.factories.people import make_account

LONG_PAGE = "<p>Article 25 asks for support for victims of sexual violence.</p>" * 40


class CountingApplication:
    """A WSGI application that counts its requests and responds with the result of `body`."""

    def __init__(
        self, body=lambda: LONG_PAGE, headers=(("Cache-Control", cache.SHARED_CACHE_CONTROL),), status="200 OK"
    ) -> None:
        self.asked = 0
        self.body, self.headers, self.status = body, headers, status

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        self.asked += 1
        text = self.body().encode()
        start_response(self.status, [("Content-Type", "text/html; charset=utf-8"), *self.headers])
        return iter([text])


def request_page(application, path="/en/", **extra) -> tuple[str, dict[str, str], bytes]:
    path, _, query = path.partition("?")
    environ = RequestFactory(headers=None).generic(extra.pop("method", "GET"), path, **extra).environ | {
        "QUERY_STRING": query
    }
    heard: list[Any] = []
    body = b"".join(application(environ, lambda status, headers, *_: heard.extend([status, dict(headers)])))
    return heard[0], heard[1], body


def with_page_cache(site, number=lambda: 1, limit=1_000_000) -> PageCacheMiddleware:
    return PageCacheMiddleware(site, limit=limit, change_number=number)


def test_the_second_reader_gets_the_cached_page():
    site = CountingApplication()
    kept = with_page_cache(site)
    first, second = request_page(kept), request_page(kept)
    assert first == second
    assert (second[0], second[2].decode(), site.asked) == ("200 OK", LONG_PAGE, 1)


def test_a_page_is_recomputed_after_a_new_change_number():
    number = iter([1, 1, 2, 2])
    site = CountingApplication(body=lambda: f"{LONG_PAGE}{site.asked}")
    kept = with_page_cache(site, number=lambda: next(number))
    assert [request_page(kept)[2][-1:] for _ in range(4)] == [b"1", b"1", b"2", b"2"]


def test_a_page_is_recomputed_on_a_new_day(monkeypatch):
    site = CountingApplication()
    kept = with_page_cache(site)
    for now in (86_399, 86_399.5, 86_400):
        monkeypatch.setattr(cache.time, "time", lambda now=now: now)
        request_page(kept)
    assert site.asked == 2


def test_a_client_that_has_the_page_gets_not_modified_without_a_body():
    kept = with_page_cache(CountingApplication())
    etag = request_page(kept)[1]["ETag"]
    for known in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        status, headers, body = request_page(kept, HTTP_IF_NONE_MATCH=known)
        assert (status, body, headers["ETag"]) == ("304 Not Modified", b"", etag)
        assert "Content-Length" not in headers
    assert request_page(kept, HTTP_IF_NONE_MATCH='"other"')[0] == "200 OK"


@pytest.mark.parametrize(
    ("accepted", "encoding", "unpack"),
    [
        ("br, gzip", "br", brotli.decompress),
        ("gzip, deflate, br;q=0", "gzip", gzip.decompress),
        ("gzip;q=1.0", "gzip", gzip.decompress),
        ("identity", None, bytes),
        ("", None, bytes),
    ],
)
def test_a_page_is_sent_in_the_encoding_that_the_client_accepts(accepted, encoding, unpack):
    status, headers, body = request_page(with_page_cache(CountingApplication()), HTTP_ACCEPT_ENCODING=accepted)
    assert (status, headers.get("Content-Encoding"), unpack(body).decode()) == ("200 OK", encoding, LONG_PAGE)
    assert headers["Content-Length"] == str(len(body))
    assert headers["Vary"] == "Accept-Encoding, Cookie"


def test_each_encoding_has_its_own_etag():
    kept = with_page_cache(CountingApplication())
    assert len({request_page(kept, HTTP_ACCEPT_ENCODING=accepted)[1]["ETag"] for accepted in ("br", "gzip", "")}) == 3


@pytest.mark.parametrize(
    "difference",
    [
        {"path": "/fr/"},
        {"path": "/en/?on=2019-06-04"},
        {"HTTP_HOST": "other.example"},
        {"HTTP_X_FORWARDED_PROTO": "https"},
        {"HTTP_HX_REQUEST": "true"},
        {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "map"},
    ],
)
def test_requests_that_differ_are_cached_separately(difference):
    site = CountingApplication()
    kept = with_page_cache(site)
    request_page(kept)
    request_page(kept, **difference)
    assert site.asked == 2


@pytest.mark.parametrize(
    "personal",
    [
        {"HTTP_COOKIE": "sessionid=abc"},
        {"HTTP_COOKIE": "a=b; sessionid=abc"},
        {"HTTP_COOKIE": "messages=abc"},
        {"HTTP_AUTHORIZATION": "Basic abc"},
        {"method": "POST"},
        {"path": "/en/search/?q=" + "a" * 600},
    ],
)
def test_personal_unsafe_and_overlong_requests_bypass_the_cache(personal):
    site = CountingApplication()
    kept = with_page_cache(site)
    request_page(kept, **personal)
    request_page(kept, **personal)
    assert (site.asked, kept.cache.weight) == (2, 0)


@pytest.mark.parametrize(
    "site",
    [
        CountingApplication(status="404 Not Found"),
        CountingApplication(headers=()),
        CountingApplication(headers=(("Cache-Control", "private"),)),
        CountingApplication(headers=(("Cache-Control", "max-age=0, no-cache, no-store"),)),
    ],
)
def test_responses_without_the_cache_mark_are_passed_on_unchanged(site):
    kept = with_page_cache(site)
    status, headers, body = request_page(kept)
    assert (status, body.decode()) == (site.status, LONG_PAGE)
    assert "ETag" not in headers
    assert kept.cache.weight == 0


def test_a_head_request_has_the_headers_and_no_body():
    kept = with_page_cache(CountingApplication())
    _, headers, body = request_page(kept)
    assert request_page(kept, method="HEAD") == ("200 OK", headers, b"")
    assert len(body) == int(headers["Content-Length"])


def test_without_a_change_number_every_page_is_computed():
    site = CountingApplication()
    kept = with_page_cache(site, number=lambda: None)
    assert [request_page(kept)[0], request_page(kept)[0], site.asked] == ["200 OK", "200 OK", 2]


def make_page(size: int) -> CachedPage:
    return CachedPage("200 OK", (), '"x"', b"x" * size)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 40), st.integers(0, 9_000), st.booleans()), max_size=200))
def test_the_page_cache_never_exceeds_its_limit(steps):
    memory = PageCache(50_000)
    for edition, key, size, reading in steps:
        if reading:
            found = memory.find(edition, key)
            assert found is None or isinstance(found, CachedPage)
        else:
            memory.store(edition, key, make_page(size))
        held = [*memory._once.values(), *memory._again.values()]
        assert memory.weight == sum(one.weight for one in held) <= 50_000
        assert not set(memory._once) & set(memory._again)


def test_a_crawler_with_many_queries_does_not_evict_pages_that_people_read():
    memory = PageCache(100_000)
    memory.store(1, "home", make_page(4_000))
    assert memory.find(1, "home")
    for question in range(1_000):
        memory.store(1, question, make_page(4_000))
    assert memory.find(1, "home")
    assert memory.find(1, 0) is None


# --- What may be cached -----------------------------------------------------------------------------------------------


def make_response(**headers: str) -> HttpResponse:
    return HttpResponse("page", headers={name.replace("_", "-"): value for name, value in headers.items()})


def response_with_cookie() -> HttpResponse:
    response = make_response()
    response.set_cookie("csrftoken", "abc")
    return response


@pytest.mark.parametrize(
    ("request_headers", "response", "marked"),
    [
        ({}, make_response(), True),
        ({"HTTP_COOKIE": "csrftoken=abc"}, make_response(), True),
        ({}, make_response(Vary="Cookie, HX-Request"), True),
        ({}, HttpResponse("{}", content_type="application/json"), True),
        ({"HTTP_COOKIE": "sessionid=abc"}, make_response(), False),
        ({}, response_with_cookie(), False),
        ({}, make_response(Vary="Accept-Language"), False),
        ({}, make_response(Cache_Control="private"), False),
        ({}, HttpResponse("no", status=404), False),
        ({}, HttpResponse(b"%PDF", content_type="application/pdf"), False),
        ({}, StreamingHttpResponse(iter(["a"])), False),
    ],
)
def test_a_response_is_marked_only_if_it_is_the_same_for_everyone(request_headers, response, marked):
    request = RequestFactory().get("/en/", **request_headers)
    assert (
        CacheHeadersMiddleware(lambda _: response)(request).get("Cache-Control") == cache.SHARED_CACHE_CONTROL
    ) is marked


@pytest.mark.parametrize(
    ("response", "said"),
    [
        (make_response(), cache.PRIVATE_CACHE_CONTROL),
        (HttpResponse(b"%PDF", content_type="application/pdf"), cache.PRIVATE_CACHE_CONTROL),
        (HttpResponse("a,b", content_type="text/csv"), cache.PRIVATE_CACHE_CONTROL),
        (StreamingHttpResponse(iter(["a"]), content_type="application/jsonl"), cache.PRIVATE_CACHE_CONTROL),
        (HttpResponse(status=302, headers={"Location": "/en/people/x/"}), cache.PRIVATE_CACHE_CONTROL),
        (HttpResponse("not yours", status=404), cache.PRIVATE_CACHE_CONTROL),
        (make_response(Cache_Control="public, max-age=60"), "public, max-age=60"),
    ],
)
def test_pages_for_signed_in_users_are_not_stored_unless_their_view_allows_it(response, said):
    request = RequestFactory().get("/en/", HTTP_COOKIE="sessionid=abc")
    assert CacheHeadersMiddleware(lambda _: response)(request)["Cache-Control"] == said


@pytest.mark.parametrize("part", sorted(cache.TOKEN_ARGUMENTS))
@pytest.mark.parametrize(
    "response",
    [
        make_response,
        lambda: make_response(Cache_Control="public, max-age=60"),
        lambda: HttpResponse("this link is over", status=404),
        lambda: HttpResponse(status=302, headers={"Location": "/en/join/"}),
    ],
)
def test_pages_behind_single_use_links_are_not_stored(part, response):
    request = RequestFactory().get("/en/join/with/abc/")
    request.resolver_match = ResolverMatch(lambda _: None, (), {part: "abc"})
    assert CacheHeadersMiddleware(lambda _: response())(request)["Cache-Control"] == cache.PRIVATE_CACHE_CONTROL


# Every URL parameter that is not a token. A new one fails the test below until someone classifies it:
# whatever grants access belongs in `cache.TOKEN_ARGUMENTS`.
NON_TOKEN_PARAMETERS = set(
    "about article basis batch code concept file_id finding form grant kind language name network number page "
    "part_type person pk procedure proposal provider_id public_id purpose question recipient_id refusal remark sample "
    "seat section_id seen_as session slug tab upload verb".split()
)


def url_parameters(resolver, above=()):
    for pattern in resolver.url_patterns:
        here = (*above, pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from url_parameters(pattern, here)
        else:
            for one in here:
                yield from getattr(one, "converters", {})
                yield from getattr(getattr(one, "regex", None), "groupindex", {})


def test_every_url_parameter_is_classified_as_a_token_or_not():
    there = set(url_parameters(get_resolver()))
    assert {"key", "token"} <= there  # the check is not vacuous
    assert there - NON_TOKEN_PARAMETERS - cache.TOKEN_ARGUMENTS == set()


@pytest.mark.django_db
def test_pages_behind_links_in_emails_are_marked_no_store(client):
    for name, parts in (
        ("account_confirm_email", {"key": "a-key-that-is-none"}),
        ("account_reset_password_from_key", {"uidb36": "1", "key": "a-key-that-is-none"}),
    ):
        address = reverse(name, kwargs=parts)
        answer = client.get(address)
        assert "no-store" in answer["Cache-Control"], address


@pytest.mark.parametrize(
    ("storage", "cookie"),
    [
        ("django.contrib.messages.storage.fallback.FallbackStorage", "messages"),
        ("samsvar.site.shell.messages.HostCookieMessageStorage", "__Host-messages"),
    ],
)
def test_a_message_for_the_next_page_bypasses_the_cache_whatever_its_cookie_is_called(settings, storage, cookie):
    settings.MESSAGE_STORAGE = storage
    site = CountingApplication()
    kept = with_page_cache(site)
    request_page(kept)
    request_page(kept, HTTP_COOKIE=f"a=b; {cookie}=abc")
    request_page(kept, HTTP_COOKIE=f"a=b; {cookie}=abc")
    assert site.asked == 3


def test_a_session_is_recognised_by_the_cookie_name_in_the_settings(settings):
    settings.SESSION_COOKIE_NAME = "__Host-session"
    site = CountingApplication()
    kept = with_page_cache(site)
    for cookies in ("sessionid=abc", "sessionid=abc", "__Host-session=abc", "__Host-session=abc"):
        request_page(kept, HTTP_COOKIE=cookies)
    assert site.asked == 3


COOKIE_NAMES = ("sessionid", "__Host-session")
blank = st.text(st.sampled_from(" \t\x0b\x0c\x1c\xa0\x85\u2003"), max_size=3)  # all of these are removed by str.strip
noise = st.one_of(
    st.sampled_from(
        ["a=b", "=", "", "sessionid", "csrftoken=x", "SESSIONID=none", 'q="a; b"', "\xe5=\xf8", "$Version=1"]
    ),
    st.text(st.characters(max_codepoint=0xFF, exclude_characters="\r\n"), max_size=12),
)


@st.composite
def cookie_headers(draw: Any, name: str, value: str) -> str:
    """Draw a header as WSGI passes it (bytes as Latin-1) that contains the cookie in some spelling, or nearly so."""
    written = draw(
        st.sampled_from([value, f'"{value}"', f'"{"".join(f"\\{ord(one):03o}" for one in value)}"', value.upper()])
    )
    spelling = draw(st.sampled_from([name, name.upper(), name.removeprefix("__Host-"), f'"{name}"', f"$ {name}"]))
    spelling = draw(st.sampled_from([name, name, name, spelling]))  # mostly the right name
    around = [draw(blank).encode().decode("latin-1") for _ in range(4)]
    cookie = f"{around[0]}{spelling}{around[1]}={around[2]}{written}{around[3]}"
    parts = [*draw(st.lists(noise, max_size=3)), cookie, *draw(st.lists(st.one_of(noise, st.just(cookie)), max_size=2))]
    return draw(st.sampled_from([";", "; ", " ;", ","])).join(parts)


@pytest.mark.parametrize("cookie_name", COOKIE_NAMES)
@pytest.mark.parametrize("visitor", ["account", "guest"])
@pytest.mark.django_db(transaction=True)
def test_no_spelling_of_the_cookie_header_puts_a_personal_page_into_the_cache(
    cached_site, client, settings, cookie_name, visitor
):
    from django.conf import settings as configured

    from samsvar.meetings.meeting import AccessLevel
    from samsvar.site.convention.actions import load_convention
    from tests.factories.meetings import make_registration, make_session, publish_programme
    from tests.site.test_meetings_by_link import (
        make_participants_meeting,
        meeting_url,
        register_guest,
        registration_link,
    )

    load_convention()
    meeting = make_participants_meeting(access=AccessLevel.PUBLIC)
    make_session(meeting, access=AccessLevel.PARTICIPANTS, title={"en": "Behind the door"})
    publish_programme(meeting)
    if visitor == "account":
        account = make_account()
        make_registration(meeting, account=account)
        client.force_login(account)
    else:
        client.get(registration_link(register_guest(meeting)))
    key = client.cookies[configured.SESSION_COOKIE_NAME].value
    settings.SESSION_COOKIE_NAME = cookie_name
    path, recognised = meeting_url("programme", meeting), []
    public = request_site(cached_site, path)
    assert b"Behind the door" not in public[2]

    @given(cookie_headers(cookie_name, key))
    @hypothesis.settings(max_examples=30)
    def check(header: str) -> None:
        cached_site.cache.store(0, None, make_page(0))  # another edition: the cache is empty again
        _, headers, body = request_site(cached_site, path, HTTP_COOKIE=header)
        recognised.append(b"Behind the door" in body)
        assert (headers.get("Cache-Control") == cache.SHARED_CACHE_CONTROL) <= (body == public[2]), header
        assert request_site(cached_site, path)[2] == public[2], header

    check()
    assert any(recognised)
    assert not all(recognised)


@pytest.mark.parametrize(
    "state",
    [
        {"session": SimpleNamespace(accessed=True, is_empty=lambda: False)},
        {"user": SimpleNamespace(is_authenticated=True)},
        {"user": SimpleNamespace(is_authenticated=False, holds_link=True)},
    ],
)
def test_a_response_for_a_person_is_not_marked_whatever_the_cookies_say(state):
    request = RequestFactory().get("/en/")
    vars(request).update(state)
    answer = CacheHeadersMiddleware(lambda _: make_response())(request)
    assert answer["Cache-Control"] == cache.PRIVATE_CACHE_CONTROL


# --- Never stale, on both databases -----------------------------------------------------------------------------------


@pytest.fixture
def number():
    lasting = ChangeNumberReader()
    yield lasting
    lasting.close()


def run_in_another_thread(write) -> None:
    """Run `write` on its own connection; it is committed when this returns."""

    def run() -> None:
        try:
            write()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(timeout=30)
    assert not thread.is_alive()


def page_of_states() -> str:
    return f"{LONG_PAGE}{','.join(State.objects.values_list('code', flat=True))}"


@pytest.mark.django_db(transaction=True)
def test_a_write_elsewhere_is_seen_by_the_next_reader(number):
    site = CountingApplication(body=page_of_states)
    kept = with_page_cache(site, number=number)
    assert request_page(kept)[2].endswith(b"</p>")
    for code in ("XA", "XB", "XC"):
        run_in_another_thread(lambda code=code: State.objects.create(code=code, kind="fictional"))
        assert request_page(kept)[2].decode() == request_page(kept)[2].decode() == page_of_states()
    assert site.asked == 4


@pytest.mark.django_db(transaction=True)
def test_a_write_while_a_page_is_computed_is_seen_by_the_next_reader(number):
    def slow() -> str:
        before = page_of_states()
        if not before.endswith("XA"):
            run_in_another_thread(lambda: State.objects.create(code="XA", kind="fictional"))
        return before  # this reader gets the page as it was a moment ago

    kept = with_page_cache(CountingApplication(body=slow), number=number)
    assert not request_page(kept)[2].endswith(b"XA")
    assert request_page(kept)[2].endswith(b"XA")


@pytest.mark.django_db(transaction=True)
def test_an_uncommitted_write_is_not_visible_and_evicts_no_page(number):
    from django.db import transaction

    site = CountingApplication(body=page_of_states)
    kept = with_page_cache(site, number=number)
    request_page(kept)
    with transaction.atomic():
        State.objects.create(code="XA", kind="fictional")
        request_page(kept)
        assert site.asked == 1
    assert request_page(kept)[2].endswith(b"XA")


@pytest.mark.django_db(transaction=True)
def test_a_lost_connection_is_reopened(number):
    assert number() == number() != 0
    number._local.wrapper.connection.close()
    assert isinstance(number(), int)


# --- The site itself --------------------------------------------------------------------------------------------------


@pytest.fixture
def cached_site(number):
    """Return Django's own application behind the page cache, as gunicorn serves it."""
    from django.core.wsgi import get_wsgi_application

    return with_page_cache(get_wsgi_application(), number=number, limit=10_000_000)


def request_site(site, path, **extra):
    """Do as `request_page`, and end the request as Django does, so that connections are released."""
    answer = request_page(site, path, HTTP_HOST="testserver", **extra)
    connection.close()
    return answer


@pytest.mark.django_db(transaction=True)
def test_every_public_page_is_cached_and_answers_conditional_requests(cached_site):
    from samsvar.site.convention.actions import load_convention
    from tests.factories.reports import make_report

    load_convention()
    report = make_report()
    finding = report.findings.first()
    for path in (
        "/en/",
        "/fr/map/?on=2019-06-04",
        "/nb/countries/",
        "/ro/countries/XA/",
        "/en/articles/",
        "/en/articles/7/",
        "/en/matrix/",
        "/en/search/?q=secure",
        "/en/about-the-data/",
        "/en/findings/?state=XA",
        f"/en/findings/{finding.public_id}/",
        "/en/reports/",
        f"/en/reports/{report.public_id}/",
        f"/en/reports/{report.public_id}/text/",
    ):
        status, headers, _ = request_site(cached_site, path)
        assert (status, headers.get("Cache-Control"), "Set-Cookie" in headers) == (
            "200 OK",
            cache.SHARED_CACHE_CONTROL,
            False,
        ), path
        assert request_site(cached_site, path, HTTP_IF_NONE_MATCH=headers["ETag"])[0] == "304 Not Modified", path


@pytest.mark.django_db(transaction=True)
def test_a_review_decision_shows_on_every_page_at_once(cached_site):
    from samsvar.site.convention.actions import load_convention
    from samsvar.site.monitoring.actions.reviews import review_finding
    from tests.factories.reports import make_report

    load_convention()
    finding = make_report().findings.first()
    editor = make_account(Role.EDITOR)
    pages = (f"/en/findings/{finding.public_id}/", "/en/countries/XA/", "/en/findings/", "/en/articles/7/")
    before = [request_site(cached_site, path) for path in pages]
    review_finding(finding=finding, by=editor, review="rejected", note="told of")
    for path, (_, headers, body) in zip(pages, before, strict=True):
        status, _, new = request_site(cached_site, path, HTTP_IF_NONE_MATCH=headers["ETag"])
        assert status == "200 OK", path
        assert new != body, path


@pytest.mark.django_db(transaction=True)
def test_signed_in_users_get_pages_of_their_own(cached_site, client):
    from django.conf import settings

    client.force_login(make_account())
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    _, headers, body = request_site(cached_site, "/en/", HTTP_COOKIE=f"{settings.SESSION_COOKIE_NAME}={session}")
    assert b"Sign out" in body
    assert headers.get("Cache-Control") != cache.SHARED_CACHE_CONTROL
    assert b"Sign out" not in request_site(cached_site, "/en/")[2]
