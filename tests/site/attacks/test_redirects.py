"""Nothing redirects to another site: not after signing in, and not through forged addresses."""

from __future__ import annotations

import pytest
from django.utils.http import urlencode

from tests.factories.attacks import REDIRECT_TARGETS, World, address_of, content_of, make_browser, routes
from tests.factories.people import PASSWORD, sign_in

FORMS = (
    ("/en/sign-in/", {"login": "LOGIN", "password": PASSWORD}, "nobody"),
    ("/en/sign-out/", {}, "owner"),
    ("/en/account/confirm/", {"password": PASSWORD}, "owner"),
    ("/en/staff/session/", {"reason": "the tests of attacks", "minutes": "15"}, "administrator"),
)


def leaves_the_site(location: str) -> bool:
    """Return whether following this address leaves the site, parsed as browsers do it and not as Python does."""
    plain = "".join(c for c in location if ord(c) > 32).replace("\\", "/")
    return not plain.startswith("/") or plain.startswith("//")


def test_the_redirect_check_recognises_each_external_address():
    assert [one for one in REDIRECT_TARGETS if not leaves_the_site(one) and "%09" not in one] == []
    assert not leaves_the_site("/en/account/?next=//evil.example/")


@pytest.mark.parametrize(("address", "sent", "visitor"), FORMS, ids=[form[0] for form in FORMS])
def test_no_form_redirects_to_another_site(world: World, address, sent, visitor):
    login = {"LOGIN": world.accounts["reader"].email}
    sent = {name: login.get(value, value) for name, value in sent.items()}

    def gone_to(place: str, *, in_address: bool) -> str:
        client = make_browser(REMOTE_ADDR=f"192.0.2.{1 + len(seen) % 250}")
        if visitor != "nobody":
            sign_in(client, world.accounts[visitor])
        seen.append(place)
        target = f"{address}?{urlencode({'next': place})}" if in_address else address
        answer = client.post(target, sent if in_address else {**sent, "next": place})
        return answer.get("Location", "") if answer.status_code in {301, 302, 303, 307, 308} else ""

    seen: list[str] = []
    assert gone_to("/en/countries/", in_address=False) == "/en/countries/"  # a redirect within the site is followed
    for place in REDIRECT_TARGETS:
        for in_address in (False, True):
            location = gone_to(place, in_address=in_address)
            assert not (location and leaves_the_site(location)), (place, location)


def test_no_address_with_a_redirect_parameter_leads_to_another_site(world: World, without_rendering):
    followed = 0
    for route in routes():
        for name in ("nobody", "owner", "administrator"):
            for place in ("//evil.example/", "https://evil.example/", "/\\evil.example"):
                said = dict.fromkeys(("next", "url", "to", "redirect", "return", "return_to", "process", "back"), place)
                answer = world.clients[name].get(address_of(route, world), said)
                content_of(answer)
                if "Location" not in answer:
                    break  # an address that does not redirect to one target redirects to none
                followed += 1
                assert not leaves_the_site(answer["Location"].partition("?")[0]), (route.name, answer["Location"])
    assert followed > 30


@pytest.mark.parametrize(
    "path", ["//evil.example", "//evil.example/", "/\\evil.example", "///evil.example/en", "/en//evil.example"]
)
def test_adding_a_missing_slash_leads_to_no_other_host(client, db, path):
    for one in (path, f"{path}/..", f"{path}%2f.."):
        answer = client.generic("GET", one)
        assert not leaves_the_site(answer.get("Location", "/")), answer["Location"]


def test_the_sign_in_page_contains_no_external_return_address(client, db):
    for place in REDIRECT_TARGETS:
        page = client.get("/en/sign-in/", {"next": place}).content.decode()
        assert 'href="https://evil' not in page
        assert 'href="//evil' not in page
