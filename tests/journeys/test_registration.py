"""Registration in a browser: from an invitation through the waiting list to a place; and a delegation."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from tests.journeys.roles import Journey

MEETING = "meetings/demo-meeting/"


@pytest.fixture
def journey(demo_site, open_page, axe):
    """Yield a journey that fails if a page it opened has an axe violation or is wider than its window."""
    walks = Journey(open_page, demo_site, axe)
    yield walks
    assert walks.faults() == {}


def latest_link_to(visitor, address: str) -> str:
    """Return the path of the link in the latest email to an address, from the demonstration's outbox."""
    visitor.go("outbox/")
    letter = visitor.main.locator("article.letter", has_text=f"{address},").first
    return urlsplit(letter.locator("a").first.get_attribute("href")).path.removeprefix("/en/")


def set_quota(organiser, what: str, places: int) -> None:
    organiser.go(f"{MEETING}manage/registrations/")
    organiser.main.locator("details summary").first.click()
    organiser.main.locator("#quota_what").select_option(what)
    organiser.fill(places=str(places))
    organiser.press("Set quota")


def test_an_invited_person_waits_and_gets_a_place_when_one_is_free(journey):
    organiser, guest = journey.visitor(), journey.visitor()
    organiser.become("organiser")
    organiser.go(f"{MEETING}manage/invitations/")
    organiser.main.locator("details summary").first.click()
    organiser.fill(addresses="journey@guests.example", until="2031-01-01")
    organiser.press("Send")
    invitation = latest_link_to(guest, "journey@guests.example")
    guest.go(invitation)
    guest.fill(name="Fictional Traveller")
    guest.choose(country="XC")
    guest.press("Register")
    assert guest.sees("on the waiting list")
    own = guest.path
    set_quota(organiser, "whole:", 60)
    set_quota(organiser, "country:XC", 40)
    guest.go(own)
    assert guest.sees("A place is reserved for you")


def test_an_organiser_creates_a_delegation_and_its_head_nominates_someone(journey):
    organiser, head = journey.visitor(), journey.visitor()
    organiser.become("organiser")
    set_quota(organiser, "whole:", 70)
    set_quota(organiser, "country:XB", 40)  # a delegation's places are reserved from the day it is created
    organiser.go(f"{MEETING}manage/delegations/")
    organiser.choose(country="XB")
    organiser.fill(head_email="journey-head@delegations.example", until="2031-01-01")
    organiser.main.locator('form.upload [name="places"]').fill("2")
    organiser.press("Create delegation")
    head.go(latest_link_to(head, "journey-head@delegations.example"))
    head.fill(name="Fictional Colleague", email="journey-colleague@delegations.example")
    head.press("Nominate this person")
    assert head.sees("Fictional Colleague")
    organiser.follow("Change")
    organiser.choose(language="fr")
    organiser.press("Save")
    assert organiser.sees("emails in French")
    organiser.go(f"{MEETING}manage/registrations/questions/")
    organiser.follow("Change")
    nominee = journey.visitor(looks=False)
    nominee.go(latest_link_to(nominee, "journey-colleague@delegations.example"))
    nominee.press("Register")
    assert nominee.sees("A place is reserved for you") or nominee.sees("You have a place")


def test_the_bulk_actions_of_registrations_are_in_view_on_a_desktop(journey):
    """At 1280 px the tick boxes were once in a part of the table that had to be scrolled to."""
    organiser = journey.visitor(looks=False)
    organiser.become("organiser")
    organiser.go(f"{MEETING}manage/registrations/")
    frame = organiser.main.locator(".table-frame:has(#people-caption)")
    assert frame.evaluate("frame => [window.innerWidth, frame.scrollWidth - frame.clientWidth]") == [1280, 0]
    box, first_cell = (
        organiser.main.locator("[name=registration]").first,
        organiser.main.locator("#people-caption ~ tbody td"),
    )
    assert first_cell.first.locator("[name=registration]").count() == 1
    assert 0 < box.bounding_box()["x"] < 200


def test_the_decision_on_ticked_rows_is_in_view_below_a_long_list(demo_site, open_page):
    organiser = Journey(open_page, demo_site, "").visitor()
    organiser.become("organiser")
    organiser.go(f"{MEETING}manage/registrations/")
    boxes = organiser.main.locator("input[name=registration]")
    assert boxes.count() > 20
    button = organiser.main.get_by_role("button", name="Decide", exact=True)
    for box in (boxes.first, boxes.nth(boxes.count() // 2)):
        box.focus()
        box.press("Space")
        bar, ticked = button.bounding_box(), box.bounding_box()
        assert bar["y"] + bar["height"] <= organiser.page.viewport_size["height"]
        assert ticked["y"] + ticked["height"] < organiser.main.locator(".bulk-bar").bounding_box()["y"]
