"""A page for everybody is computed once for each change of the database, and a stale one cannot be served."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from typing import Any

import brotli
import pytest
from django.db import connection
from django.http import HttpResponse, StreamingHttpResponse
from django.test import RequestFactory
from django.urls import URLResolver, get_resolver, reverse
from django.urls.resolvers import ResolverMatch
from hypothesis import given
from hypothesis import strategies as st

from samsvar.network.rights import Role
from samsvar.site.audit.queries import LastingNumber
from samsvar.site.convention.models import State
from samsvar.site.shell import cache
from samsvar.site.shell.cache import Kept, Memory, Page, Public
from tests.factories.people import make_account

LONG = "<p>Article 25 asks for support for victims of sexual violence.</p>" * 40


class Site:
    """A WSGI application that counts how often it was asked, and says what `body` returns."""

    def __init__(self, body=lambda: LONG, headers=(("Cache-Control", cache.MARK),), status="200 OK") -> None:
        self.asked = 0
        self.body, self.headers, self.status = body, headers, status

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        self.asked += 1
        text = self.body().encode()
        start_response(self.status, [("Content-Type", "text/html; charset=utf-8"), *self.headers])
        return iter([text])


def ask(application, path="/en/", **extra) -> tuple[str, dict[str, str], bytes]:
    path, _, query = path.partition("?")
    environ = RequestFactory(headers=None).generic(extra.pop("method", "GET"), path, **extra).environ | {
        "QUERY_STRING": query
    }
    heard: list[Any] = []
    body = b"".join(application(environ, lambda status, headers, *_: heard.extend([status, dict(headers)])))
    return heard[0], heard[1], body


def keeping(site, number=lambda: 1, limit=1_000_000) -> Kept:
    return Kept(site, limit=limit, number=number)


def test_the_second_reader_gets_what_the_first_one_got():
    site = Site()
    kept = keeping(site)
    first, second = ask(kept), ask(kept)
    assert first == second
    assert (second[0], second[2].decode(), site.asked) == ("200 OK", LONG, 1)


def test_a_new_change_number_computes_anew():
    number = iter([1, 1, 2, 2])
    site = Site(body=lambda: f"{LONG}{site.asked}")
    kept = keeping(site, number=lambda: next(number))
    assert [ask(kept)[2][-1:] for _ in range(4)] == [b"1", b"1", b"2", b"2"]


def test_a_new_day_computes_anew(monkeypatch):
    site = Site()
    kept = keeping(site)
    for now in (86_399, 86_399.5, 86_400):
        monkeypatch.setattr(cache.time, "time", lambda now=now: now)
        ask(kept)
    assert site.asked == 2


def test_who_has_the_page_is_told_so_and_nothing_more():
    kept = keeping(Site())
    etag = ask(kept)[1]["ETag"]
    for known in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        status, headers, body = ask(kept, HTTP_IF_NONE_MATCH=known)
        assert (status, body, headers["ETag"]) == ("304 Not Modified", b"", etag)
        assert "Content-Length" not in headers
    assert ask(kept, HTTP_IF_NONE_MATCH='"other"')[0] == "200 OK"


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
def test_a_page_comes_in_the_encoding_that_the_client_takes(accepted, encoding, unpack):
    status, headers, body = ask(keeping(Site()), HTTP_ACCEPT_ENCODING=accepted)
    assert (status, headers.get("Content-Encoding"), unpack(body).decode()) == ("200 OK", encoding, LONG)
    assert headers["Content-Length"] == str(len(body))
    assert headers["Vary"] == "Accept-Encoding, Cookie"


def test_two_encodings_are_two_names():
    kept = keeping(Site())
    assert len({ask(kept, HTTP_ACCEPT_ENCODING=accepted)[1]["ETag"] for accepted in ("br", "gzip", "")}) == 3


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
def test_requests_that_differ_get_pages_of_their_own(difference):
    site = Site()
    kept = keeping(site)
    ask(kept)
    ask(kept, **difference)
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
def test_what_is_personal_changing_or_too_long_goes_past_the_cache(personal):
    site = Site()
    kept = keeping(site)
    ask(kept, **personal)
    ask(kept, **personal)
    assert (site.asked, kept.memory.weight) == (2, 0)


@pytest.mark.parametrize(
    "site",
    [
        Site(status="404 Not Found"),
        Site(headers=()),
        Site(headers=(("Cache-Control", "private"),)),
        Site(headers=(("Cache-Control", "max-age=0, no-cache, no-store"),)),
    ],
)
def test_what_is_not_marked_is_passed_on_as_it_is(site):
    kept = keeping(site)
    status, headers, body = ask(kept)
    assert (status, body.decode()) == (site.status, LONG)
    assert "ETag" not in headers
    assert kept.memory.weight == 0


def test_a_head_request_has_the_headers_and_no_body():
    kept = keeping(Site())
    _, headers, body = ask(kept)
    assert ask(kept, method="HEAD") == ("200 OK", headers, b"")
    assert len(body) == int(headers["Content-Length"])


def test_without_a_change_number_every_page_is_computed():
    site = Site()
    kept = keeping(site, number=lambda: None)
    assert [ask(kept)[0], ask(kept)[0], site.asked] == ["200 OK", "200 OK", 2]


def page(size: int) -> Page:
    return Page("200 OK", (), '"x"', b"x" * size)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 40), st.integers(0, 9_000), st.booleans()), max_size=200))
def test_the_memory_never_holds_more_than_its_limit(steps):
    memory = Memory(50_000)
    for edition, key, size, reading in steps:
        if reading:
            found = memory.find(edition, key)
            assert found is None or isinstance(found, Page)
        else:
            memory.keep(edition, key, page(size))
        held = [*memory._once.values(), *memory._again.values()]
        assert memory.weight == sum(one.weight for one in held) <= 50_000
        assert not set(memory._once) & set(memory._again)


def test_a_crawler_with_a_million_questions_does_not_push_out_what_people_read():
    memory = Memory(100_000)
    memory.keep(1, "home", page(4_000))
    assert memory.find(1, "home")
    for question in range(1_000):
        memory.keep(1, question, page(4_000))
    assert memory.find(1, "home")
    assert memory.find(1, 0) is None


# --- What may be kept -------------------------------------------------------------------------------------------------


def answer(**headers: str) -> HttpResponse:
    return HttpResponse("page", headers={name.replace("_", "-"): value for name, value in headers.items()})


def with_cookie() -> HttpResponse:
    response = answer()
    response.set_cookie("csrftoken", "abc")
    return response


@pytest.mark.parametrize(
    ("request_headers", "response", "marked"),
    [
        ({}, answer(), True),
        ({"HTTP_COOKIE": "csrftoken=abc"}, answer(), True),
        ({}, answer(Vary="Cookie, HX-Request"), True),
        ({}, HttpResponse("{}", content_type="application/json"), True),
        ({"HTTP_COOKIE": "sessionid=abc"}, answer(), False),
        ({}, with_cookie(), False),
        ({}, answer(Vary="Accept-Language"), False),
        ({}, answer(Cache_Control="private"), False),
        ({}, HttpResponse("no", status=404), False),
        ({}, HttpResponse(b"%PDF", content_type="application/pdf"), False),
        ({}, StreamingHttpResponse(iter(["a"])), False),
    ],
)
def test_an_answer_is_marked_only_where_it_is_the_same_for_everybody(request_headers, response, marked):
    request = RequestFactory().get("/en/", **request_headers)
    assert (Public(lambda _: response)(request).get("Cache-Control") == cache.MARK) is marked


@pytest.mark.parametrize(
    ("response", "said"),
    [
        (answer(), cache.PERSONAL),
        (HttpResponse(b"%PDF", content_type="application/pdf"), cache.PERSONAL),
        (HttpResponse("a,b", content_type="text/csv"), cache.PERSONAL),
        (StreamingHttpResponse(iter(["a"]), content_type="application/jsonl"), cache.PERSONAL),
        (HttpResponse(status=302, headers={"Location": "/en/people/x/"}), cache.PERSONAL),
        (HttpResponse("not yours", status=404), cache.PERSONAL),
        (answer(Cache_Control="public, max-age=60"), "public, max-age=60"),
    ],
)
def test_a_page_for_somebody_signed_in_is_kept_nowhere_unless_its_view_says_so(response, said):
    request = RequestFactory().get("/en/", HTTP_COOKIE="sessionid=abc")
    assert Public(lambda _: response)(request)["Cache-Control"] == said


@pytest.mark.parametrize("part", sorted(cache.TOKENS))
@pytest.mark.parametrize(
    "response",
    [
        answer,
        lambda: answer(Cache_Control="public, max-age=60"),
        lambda: HttpResponse("this link is over", status=404),
        lambda: HttpResponse(status=302, headers={"Location": "/en/join/"}),
    ],
)
def test_a_page_behind_a_link_that_opens_something_once_is_kept_nowhere(part, response):
    request = RequestFactory().get("/en/join/with/abc/")
    request.resolver_match = ResolverMatch(lambda _: None, (), {part: "abc"})
    assert Public(lambda _: response())(request)["Cache-Control"] == cache.PERSONAL


# Every part of an address that changes, and is no token. A new one fails the test below until somebody has said which
# it is: what opens something belongs into `cache.TOKENS`.
NO_TOKENS = set(
    "asked basis code form grant network number page person pk provider_id public_id purpose question refusal seat "
    "seen_as session slug upload verb what".split()
)


def parts_of_addresses(resolver, above=()):
    for pattern in resolver.url_patterns:
        here = (*above, pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from parts_of_addresses(pattern, here)
        else:
            for one in here:
                yield from getattr(one, "converters", {})
                yield from getattr(getattr(one, "regex", None), "groupindex", {})


def test_of_every_part_of_an_address_somebody_has_said_whether_it_is_a_token():
    there = set(parts_of_addresses(get_resolver()))
    assert {"key", "token"} <= there  # there is something to keep
    assert there - NO_TOKENS - cache.TOKENS == set()


@pytest.mark.django_db
def test_the_pages_behind_links_in_letters_say_so_themselves(client):
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
        ("samsvar.site.shell.messages.HostMessages", "__Host-messages"),
    ],
)
def test_a_sentence_for_the_next_page_is_for_one_reader_whatever_its_cookie_is_called(settings, storage, cookie):
    settings.MESSAGE_STORAGE = storage
    site = Site()
    kept = keeping(site)
    ask(kept)
    ask(kept, HTTP_COOKIE=f"a=b; {cookie}=abc")
    ask(kept, HTTP_COOKIE=f"a=b; {cookie}=abc")
    assert site.asked == 3


def test_a_session_is_known_by_the_name_that_the_settings_give_its_cookie(settings):
    settings.SESSION_COOKIE_NAME = "__Host-session"
    site = Site()
    kept = keeping(site)
    for cookies in ("sessionid=abc", "sessionid=abc", "__Host-session=abc", "__Host-session=abc"):
        ask(kept, HTTP_COOKIE=cookies)
    assert site.asked == 3


# --- Never stale, on both databases -----------------------------------------------------------------------------------


@pytest.fixture
def number():
    lasting = LastingNumber()
    yield lasting
    lasting.close()


def in_another_thread(write) -> None:
    """Run `write` over a connection of its own, committed when this returns."""

    def run() -> None:
        try:
            write()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(timeout=30)
    assert not thread.is_alive()


def states() -> str:
    return f"{LONG}{','.join(State.objects.values_list('code', flat=True))}"


@pytest.mark.django_db(transaction=True)
def test_a_write_elsewhere_is_seen_by_the_next_reader(number):
    site = Site(body=states)
    kept = keeping(site, number=number)
    assert ask(kept)[2].endswith(b"</p>")
    for code in ("XA", "XB", "XC"):
        in_another_thread(lambda code=code: State.objects.create(code=code, kind="invented"))
        assert ask(kept)[2].decode() == ask(kept)[2].decode() == states()
    assert site.asked == 4


@pytest.mark.django_db(transaction=True)
def test_a_write_while_a_page_is_computed_is_seen_by_the_next_reader(number):
    def slow() -> str:
        before = states()
        if not before.endswith("XA"):
            in_another_thread(lambda: State.objects.create(code="XA", kind="invented"))
        return before  # the page that this reader gets is of a moment ago

    kept = keeping(Site(body=slow), number=number)
    assert not ask(kept)[2].endswith(b"XA")
    assert ask(kept)[2].endswith(b"XA")


@pytest.mark.django_db(transaction=True)
def test_a_write_that_is_not_committed_yet_is_not_seen_and_loses_no_page(number):
    from django.db import transaction

    site = Site(body=states)
    kept = keeping(site, number=number)
    ask(kept)
    with transaction.atomic():
        State.objects.create(code="XA", kind="invented")
        ask(kept)
        assert site.asked == 1
    assert ask(kept)[2].endswith(b"XA")


@pytest.mark.django_db(transaction=True)
def test_a_lost_connection_is_made_anew(number):
    assert number() == number() != 0
    number._own.wrapper.connection.close()
    assert isinstance(number(), int)


# --- The site itself --------------------------------------------------------------------------------------------------


@pytest.fixture
def the_site(number):
    """Django's own application behind the page cache, as gunicorn gets it."""
    from django.core.wsgi import get_wsgi_application

    return keeping(get_wsgi_application(), number=number, limit=10_000_000)


def ask_site(site, path, **extra):
    """As `ask`, and Django's own ends of a request with it, so that connections are given back."""
    answer = ask(site, path, HTTP_HOST="testserver", **extra)
    connection.close()
    return answer


@pytest.mark.django_db(transaction=True)
def test_every_page_for_everybody_is_kept_and_answers_conditional_requests(the_site):
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
        status, headers, _ = ask_site(the_site, path)
        assert (status, headers.get("Cache-Control"), "Set-Cookie" in headers) == ("200 OK", cache.MARK, False), path
        assert ask_site(the_site, path, HTTP_IF_NONE_MATCH=headers["ETag"])[0] == "304 Not Modified", path


@pytest.mark.django_db(transaction=True)
def test_a_decision_shows_on_every_page_at_once(the_site):
    from samsvar.site.convention.actions import load_convention
    from samsvar.site.monitoring.actions import review_finding
    from tests.factories.reports import make_report

    load_convention()
    finding = make_report().findings.first()
    editor = make_account(Role.EDITOR)
    pages = (f"/en/findings/{finding.public_id}/", "/en/countries/XA/", "/en/findings/", "/en/articles/7/")
    before = [ask_site(the_site, path) for path in pages]
    review_finding(finding=finding, by=editor, review="rejected")
    for path, (_, headers, body) in zip(pages, before, strict=True):
        status, _, new = ask_site(the_site, path, HTTP_IF_NONE_MATCH=headers["ETag"])
        assert status == "200 OK", path
        assert new != body, path


@pytest.mark.django_db(transaction=True)
def test_who_is_signed_in_gets_pages_of_their_own(the_site, client):
    from django.conf import settings

    client.force_login(make_account())
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    _, headers, body = ask_site(the_site, "/en/", HTTP_COOKIE=f"{settings.SESSION_COOKIE_NAME}={session}")
    assert b"Sign out" in body
    assert headers.get("Cache-Control") != cache.MARK
    assert b"Sign out" not in ask_site(the_site, "/en/")[2]
