"""What a letter tells whoever is invited: enough to know what it is, and no more than their page tells."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from samsvar.meetings.meeting import Access
from samsvar.site.meetings import models
from samsvar.site.meetings.registration.actions import invitations
from samsvar.site.meetings.registration.actions import registering as actions
from samsvar.site.network.models import Letter
from tests.factories.meetings import make_meeting, organiser_of
from tests.factories.people import make_network

pytestmark = pytest.mark.django_db

SITE = "https://samsvar.example/"


def invited_to(**more: object) -> models.Meeting:
    meeting = make_meeting(
        begins=date(2099, 9, 14), ends=date(2099, 9, 16), network=make_network(), place="Great Hall",
        address="Quay 1", opens_at=timezone.now() - timedelta(days=1), **more,
    )  # fmt: skip
    until = timezone.now() + timedelta(days=9)
    for address, language in (("a@guests.example", "en"), ("b@guests.example", "fr")):
        invitations.invite(
            meeting=meeting, addresses=[address], by=organiser_of(meeting), site=SITE, expires_at=until,
            language=language,
        )  # fmt: skip
    return meeting


def letter_to(address: str) -> str:
    return str(Letter.objects.filter(to=address).order_by("-pk")[0].body)


def test_an_invitation_says_what_when_where_and_who_invites():
    meeting = invited_to()
    body = letter_to("a@guests.example")
    wanted = ("“Shelters near everybody”", "2099, Great Hall, Quay 1, Harbour", "It is held by: Lantern.")
    assert [one for one in wanted if one not in body] == []
    assert "Des refuges près de chacun" in letter_to("b@guests.example")
    row = meeting.invitations.get(email="a@guests.example")
    actions.register(meeting=meeting, said=actions.Said(name="Guest"), site=SITE, invitation=row)
    assert "You have a place at “Shelters near everybody”: " in letter_to("a@guests.example")
    assert "Great Hall" in letter_to("a@guests.example")


def test_an_invitation_to_a_meeting_that_is_not_public_names_no_house_and_no_street():
    invited_to(access=Access.PARTICIPANTS)
    body = letter_to("a@guests.example")
    assert ("2099, Harbour." in body, "Great Hall" in body, "Quay" in body) == (True, False, False)
