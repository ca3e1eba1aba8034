"""Requests forged by another site change nothing: none counts without a token from one of our pages."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.factories.attacks import World, address_of, database_snapshot, make_browser, routes, snapshot_difference

REFUSED = "403_csrf.html"
VISITORS = ("nobody", "owner", "secretariat", "administrator")


def csrf_checking_client(world: World, name: str) -> Client:
    """Return a client with the same session that enforces CSRF checks, as the real site does."""
    return make_browser(world.clients[name], checks=True)


def test_no_request_is_accepted_without_a_token_from_our_pages(world: World, without_rendering):
    """Try every route, whatever it does: CSRF protection comes first."""
    before, said = database_snapshot(), {}
    for name in VISITORS:
        client = csrf_checking_client(world, name)
        for route in routes():
            answer = client.post(address_of(route, world), {"reason": "forged by a page elsewhere"})
            if (answer.status_code, [one.name for one in answer.templates][:1]) != (403, [REFUSED]):
                said[name, route.name] = answer.status_code
    assert said == {}
    assert snapshot_difference(before, database_snapshot()) == {}


def test_the_same_request_is_accepted_with_the_token_of_a_page(world: World):
    client = csrf_checking_client(world, "owner")
    address = "/en/sign-out/"
    assert client.post(address).status_code == 403
    token = client.get(address).context["csrf_token"]
    assert client.post(address, {"csrfmiddlewaretoken": str(token)}).status_code == 302


def test_the_token_of_someone_else_is_rejected(world: World):
    client, other = csrf_checking_client(world, "owner"), csrf_checking_client(world, "reader")
    token = other.get("/en/sign-out/").context["csrf_token"]
    client.get("/en/sign-out/")
    assert client.post("/en/sign-out/", {"csrfmiddlewaretoken": str(token)}).status_code == 403


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://testserver.evil.example"])
def test_a_request_from_another_site_is_rejected_even_with_the_token(world: World, origin):
    client = csrf_checking_client(world, "owner")
    token = client.get("/en/sign-out/").context["csrf_token"]
    answer = client.post("/en/sign-out/", {"csrfmiddlewaretoken": str(token)}, headers={"origin": origin})
    assert answer.status_code == 403


def test_the_session_cookie_is_not_sent_from_other_sites(settings):
    assert (settings.SESSION_COOKIE_SAMESITE, settings.CSRF_COOKIE_SAMESITE) == ("Lax", "Lax")
