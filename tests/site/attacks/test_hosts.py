"""Forged hosts and headers change no page, no email and nothing that is cached for others."""

from __future__ import annotations

import pytest
from django.conf import settings as configured
from django.test import Client, RequestFactory
from django.test.client import ClientHandler

from samsvar.site.convention.actions import load_convention
from samsvar.site.network import models
from samsvar.site.shell import cache
from samsvar.site.shell.cache import PageCacheMiddleware
from tests.factories.attacks import content_of
from tests.factories.people import make_account

FORGED = {
    "X-Forwarded-Host": "evil.example",
    "X-Host": "evil.example",
    "X-Forwarded-Server": "evil.example",
    "X-HTTP-Host-Override": "evil.example",
    "Forwarded": "host=evil.example;proto=https",
    "X-Original-URL": "/en/upload/",
    "X-Rewrite-URL": "/en/upload/",
    "X-Forwarded-Prefix": "/evil.example",
    "X-Forwarded-Port": "1337",
    "X-Forwarded-Scheme": "evil",
    "X-Original-Host": "evil.example",
    "X-Method-Override": "POST",
    "X-HTTP-Method-Override": "DELETE",
    "Accept-Language": "evil.example",
    "Referer": "https://evil.example/",
    "User-Agent": "<script>evil.example</script>",
    "Via": "evil.example",
    "True-Client-IP": "evil.example",
}


@pytest.mark.parametrize(
    "host", ["evil.example", "samsvar.example.evil.example", "evil.example:80", "samsvar.example@evil.example"]
)
def test_an_unknown_host_is_rejected(client, db, settings, host):
    settings.ALLOWED_HOSTS = ["samsvar.example"]
    assert client.get("/en/", headers={"host": "samsvar.example"}).status_code == 200
    answer = client.get("/en/", headers={"host": host})
    assert (answer.status_code, "evil.example" in answer.content.decode()) == (400, False)


@pytest.mark.parametrize(
    "path", ["/en/", "/en/countries/", "/en/sign-in/", "/en/people/", "/.well-known/security.txt", "/"]
)
def test_no_request_header_appears_on_a_page(client, db, settings, path):
    load_convention()
    settings.ALLOWED_HOSTS = ["samsvar.example"]
    settings.SAMSVAR_SECURITY_CONTACT = "security@samsvar.example"
    honest = client.get(path, headers={"host": "samsvar.example"})
    for name, value in FORGED.items():
        answer = Client().get(path, headers={"host": "samsvar.example", name: value})
        assert (name, answer.status_code) == (name, honest.status_code)
        assert b"evil" not in answer.content.lower()
        assert "evil" not in str(answer.headers).lower()


def test_links_in_emails_lead_only_to_this_site(client, db, settings):
    """Try the classic attack: request a new password in someone else's name, with another host."""
    settings.ALLOWED_HOSTS = ["samsvar.example"]
    account = make_account()
    for name, value in FORGED.items():
        client.post("/en/password/reset/", {"email": account.email}, headers={"host": "samsvar.example", name: value})
    letters = models.OutgoingEmail.objects.filter(to=account.email)
    assert letters.exists()
    assert [letter.body for letter in letters if "evil" in letter.body + letter.html] == []
    assert "samsvar.example/" in letters.first().body


# --- Pages cached for everyone ----------------------------------------------------------------------------------------


@pytest.fixture
def site(db, settings):
    """Return the site as WSGI servers see it, with its page cache; the change number stays the same."""
    load_convention()
    settings.ALLOWED_HOSTS = ["samsvar.example", "www.samsvar.example"]
    return PageCacheMiddleware(django_application, limit=10_000_000, change_number=lambda: 1)


def django_application(environ, start_response):
    """Call Django behind the cache, on this test's database connection, which a real server would close."""
    answer = ClientHandler(enforce_csrf_checks=False)(environ)
    cookies = [("Set-Cookie", cookie.OutputString()) for cookie in answer.cookies.values()]
    start_response(f"{answer.status_code} {answer.reason_phrase}", [*answer.items(), *cookies])
    return [content_of(answer)]


def request_page(site, path: str, **more: str) -> tuple[str, dict[str, str], bytes]:
    path, _, query = path.partition("?")
    environ = RequestFactory().get(path, SERVER_NAME="samsvar.example", **more).environ
    environ["QUERY_STRING"] = query
    heard: list = []
    parts = site(environ, lambda status, headers, *_: heard.extend([status, dict(headers)]))
    return heard[0], heard[1], b"".join(parts)


@pytest.mark.parametrize("path", ["/en/", "/en/countries/", "/en/articles/7/"])
def test_a_forged_request_cannot_poison_the_page_cache(site, path):
    """Send one request with a forged header; the next visitor must not see a trace of it."""
    clean = request_page(PageCacheMiddleware(site.application, limit=10_000_000, change_number=lambda: 1), path)
    assert (clean[0], clean[1]["Cache-Control"]) == ("200 OK", cache.SHARED_CACHE_CONTROL)  # this page is cached
    for name, value in FORGED.items():
        key = "HTTP_" + name.upper().replace("-", "_")
        fresh = PageCacheMiddleware(site.application, limit=10_000_000, change_number=lambda: 1)
        request_page(fresh, path, **{key: value})
        after = request_page(fresh, path)
        assert (name, after[0], after[2]) == (name, clean[0], clean[2])


def test_a_page_cached_for_one_host_is_not_served_for_another(site):
    here, there = (request_page(site, "/en/", HTTP_HOST=host) for host in ("samsvar.example", "www.samsvar.example"))
    assert b"http://samsvar.example/" in here[2]
    assert b"http://www.samsvar.example/" in there[2]
    assert b"http://samsvar.example/" not in there[2]


def test_no_page_of_a_signed_in_visitor_is_cached_for_others(site, client):
    account = make_account()
    client.force_login(account)
    cookie = f"{configured.SESSION_COOKIE_NAME}={client.session.session_key}"
    mine = request_page(site, "/en/", HTTP_COOKIE=cookie)
    assert (
        account.email.encode() in request_page(site, "/en/account/", HTTP_COOKIE=cookie)[2]
    )  # the browser is signed in
    assert mine[1]["Cache-Control"] == cache.PRIVATE_CACHE_CONTROL
    theirs = request_page(site, "/en/")
    assert account.email.encode() not in theirs[2]
    for tail in ("?x.css", "style.css", ";x.css", "%2fx.css", "x.svg", "?x.js"):  # web cache deception
        status, headers, body = request_page(site, f"/en/account/{tail}", HTTP_COOKIE=cookie)
        assert not (account.email.encode() in body and "public" in headers.get("Cache-Control", "")), (tail, status)


def test_pages_are_cached_by_their_query(site):
    first, second = request_page(site, "/en/countries/?on=2015-01-01"), request_page(site, "/en/countries/")
    assert first[2] != second[2]


# --- Frames ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/en/", "/en/sign-in/", "/en/sign-out/", "/en/account/", "/en/upload/", "/en/nowhere/"]
)
def test_no_page_can_be_framed_by_another(client, db, path):
    load_convention()
    client.force_login(make_account())
    for browser in (client, Client()):
        answer = browser.get(path)
        assert answer["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
        assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
