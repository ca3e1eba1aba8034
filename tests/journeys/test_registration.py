"""Registration in a browser: from an invitation to the waiting list and into a place, and a delegation."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from tests.journeys.roles import Walks

MEETING = "meetings/demo-meeting/"


@pytest.fixture
def walks(demo_site, open_page, axe):
    """Every page that a journey opens is looked at by axe; one with a fault, or wider than its window, fails it."""
    walks = Walks(open_page, demo_site, axe)
    yield walks
    assert walks.faults() == {}


def link_to(visitor, address: str) -> str:
    """Where the last letter to an address leads, in the demonstration's outbox."""
    visitor.go("outbox/")
    letter = visitor.main.locator("article.letter", has_text=f"{address},").first
    return urlsplit(letter.locator("a").first.get_attribute("href")).path.removeprefix("/en/")


def set_places(organiser, what: str, places: int) -> None:
    organiser.go(f"{MEETING}manage/registrations/")
    organiser.main.locator("details summary").first.click()
    organiser.main.locator("#quota_what").select_option(what)
    organiser.fill(places=str(places))
    organiser.press("Set")


def test_somebody_invited_waits_and_gets_the_place_that_becomes_free(walks):
    organiser, guest = walks.visitor(), walks.visitor()
    organiser.become("organiser")
    organiser.go(f"{MEETING}manage/invitations/")
    organiser.main.locator("details summary").first.click()
    organiser.fill(addresses="journey@guests.example", until="2031-01-01")
    organiser.press("Send")
    invitation = link_to(guest, "journey@guests.example")
    guest.go(invitation)
    guest.fill(name="Invented Traveller")
    guest.choose(country="XC")
    guest.press("Register")
    assert guest.sees("on the waiting list")
    own = guest.path
    set_places(organiser, "whole:", 60)
    set_places(organiser, "country:XC", 40)
    guest.go(own)
    assert guest.sees("A place is held for you")


def test_an_organiser_makes_a_delegation_and_its_head_names_somebody(walks):
    organiser, head = walks.visitor(), walks.visitor()
    organiser.become("organiser")
    set_places(organiser, "whole:", 70)
    set_places(organiser, "country:XB", 40)  # a delegation's places are kept from the day it is made
    organiser.go(f"{MEETING}manage/delegations/")
    organiser.choose(country="XB")
    organiser.fill(head_email="journey-head@delegations.example", until="2031-01-01")
    organiser.main.locator('form.upload [name="places"]').fill("2")
    organiser.press("Make the delegation")
    head.go(link_to(head, "journey-head@delegations.example"))
    head.fill(name="Invented Colleague", email="journey-colleague@delegations.example")
    head.press("Name this person")
    assert head.sees("Invented Colleague")
    organiser.follow("Change")
    organiser.choose(language="fr")
    organiser.press("Save")
    assert organiser.sees("letters in French")
    organiser.go(f"{MEETING}manage/registrations/questions/")
    organiser.follow("Change")
    nominee = walks.visitor(looks=False)
    nominee.go(link_to(nominee, "journey-colleague@delegations.example"))
    nominee.press("Register")
    assert nominee.sees("A place is held for you") or nominee.sees("You have a place")
