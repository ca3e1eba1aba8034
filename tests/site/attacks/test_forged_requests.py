"""A page elsewhere that sends our visitors' browsers here changes nothing: no request counts without our own token."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.factories.attacks import World, address_of, browser, difference, everything, routes

REFUSED = "403_csrf.html"
VISITORS = ("nobody", "owner", "secretariat", "administrator")


def unprotected(world: World, name: str) -> Client:
    """The same browser as in the world, sending to a site that looks for the token, as the real one does."""
    return browser(world.clients[name], checks=True)


def test_nothing_is_taken_without_the_token_of_a_page_of_ours(world: World, undrawn):
    """Every route, whatever it does: form protection stands before it."""
    before, said = everything(), {}
    for name in VISITORS:
        client = unprotected(world, name)
        for route in routes():
            answer = client.post(address_of(route, world), {"reason": "forged by a page elsewhere"})
            if (answer.status_code, [one.name for one in answer.templates][:1]) != (403, [REFUSED]):
                said[name, route.name] = answer.status_code
    assert said == {}
    assert difference(before, everything()) == {}


def test_with_the_token_of_a_page_the_same_request_is_taken(world: World):
    client = unprotected(world, "owner")
    address = "/en/sign-out/"
    assert client.post(address).status_code == 403
    token = client.get(address).context["csrf_token"]
    assert client.post(address, {"csrfmiddlewaretoken": str(token)}).status_code == 302


def test_a_token_of_somebody_else_is_no_token(world: World):
    client, other = unprotected(world, "owner"), unprotected(world, "reader")
    token = other.get("/en/sign-out/").context["csrf_token"]
    client.get("/en/sign-out/")
    assert client.post("/en/sign-out/", {"csrfmiddlewaretoken": str(token)}).status_code == 403


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://testserver.evil.example"])
def test_a_page_elsewhere_that_knows_the_token_is_refused_by_where_it_is(world: World, origin):
    client = unprotected(world, "owner")
    token = client.get("/en/sign-out/").context["csrf_token"]
    answer = client.post("/en/sign-out/", {"csrfmiddlewaretoken": str(token)}, headers={"origin": origin})
    assert answer.status_code == 403


def test_the_session_is_not_sent_along_from_elsewhere(settings):
    assert (settings.SESSION_COOKIE_SAMESITE, settings.CSRF_COOKIE_SAMESITE) == ("Lax", "Lax")
