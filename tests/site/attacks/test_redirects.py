"""Nobody is led elsewhere from here: not after signing in, not by a name that the site does not have."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.utils.http import urlencode

from tests.factories.attacks import ELSEWHERE, World, address_of, browser, content_of, routes
from tests.factories.people import PASSWORD, sign_in

FORMS = (
    ("/en/sign-in/", {"login": "LOGIN", "password": PASSWORD}, "nobody"),
    ("/en/sign-out/", {}, "owner"),
    ("/en/account/confirm/", {"password": PASSWORD}, "owner"),
    ("/en/staff/session/", {"reason": "the tests of attacks", "minutes": "15"}, "administrator"),
)


def leads_away(location: str) -> bool:
    """Whether a browser that follows this leaves the site: read as browsers read it, not as Python does."""
    plain = "".join(c for c in location if ord(c) > 32).replace("\\", "/")
    return not plain.startswith("/") or plain.startswith("//")


def test_the_measure_of_leaving_knows_each_address_elsewhere():
    assert [one for one in ELSEWHERE if not leads_away(one) and "%09" not in one] == []
    assert not leads_away("/en/account/?next=//evil.example/")


@pytest.mark.parametrize(("address", "sent", "visitor"), FORMS, ids=[form[0] for form in FORMS])
def test_after_a_form_nobody_is_led_elsewhere(world: World, address, sent, visitor):
    login = {"LOGIN": world.accounts["reader"].email}
    sent = {name: login.get(value, value) for name, value in sent.items()}

    def gone_to(place: str, *, in_address: bool) -> str:
        client = browser(REMOTE_ADDR=f"192.0.2.{1 + len(seen) % 250}")
        if visitor != "nobody":
            sign_in(client, world.accounts[visitor])
        seen.append(place)
        target = f"{address}?{urlencode({'next': place})}" if in_address else address
        answer = client.post(target, sent if in_address else {**sent, "next": place})
        return answer.get("Location", "") if answer.status_code in {301, 302, 303, 307, 308} else ""

    seen: list[str] = []
    assert gone_to("/en/countries/", in_address=False) == "/en/countries/"  # a place of ours is gone to
    for place in ELSEWHERE:
        for in_address in (False, True):
            location = gone_to(place, in_address=in_address)
            assert not (location and leads_away(location)), (place, location)


@pytest.mark.skipif(
    "postgresql" in settings.DATABASES["default"]["ENGINE"],
    reason="asked on SQLite: where an address leads is made of the request, and no database has a word in it",
)
def test_no_address_with_a_way_on_in_it_leads_elsewhere(world: World, undrawn):
    followed = 0
    for route in routes():
        for name in ("nobody", "owner", "administrator"):
            for place in ("//evil.example/", "https://evil.example/", "/\\evil.example"):
                said = dict.fromkeys(("next", "url", "to", "redirect", "return", "return_to", "process", "back"), place)
                answer = world.clients[name].get(address_of(route, world), said)
                content_of(answer)
                if "Location" not in answer:
                    break  # an address that leads nowhere leads nowhere else either
                followed += 1
                assert not leads_away(answer["Location"].partition("?")[0]), (route.name, answer["Location"])
    assert followed > 30


@pytest.mark.parametrize(
    "path", ["//evil.example", "//evil.example/", "/\\evil.example", "///evil.example/en", "/en//evil.example"]
)
def test_an_address_with_the_slash_left_out_leads_to_no_other_host(client, db, path):
    for one in (path, f"{path}/..", f"{path}%2f.."):
        answer = client.generic("GET", one)
        assert not leads_away(answer.get("Location", "/")), answer["Location"]


def test_the_way_back_after_signing_in_keeps_only_places_of_ours_on_the_page(client, db):
    for place in ELSEWHERE:
        page = client.get("/en/sign-in/", {"next": place}).content.decode()
        assert 'href="https://evil' not in page
        assert 'href="//evil' not in page
