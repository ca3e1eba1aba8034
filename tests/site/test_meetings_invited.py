"""What an invitation email says: enough to know what it is about, and nothing that the page of the meeting hides."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from samsvar.meetings.meeting import AccessLevel
from samsvar.site.meetings import models
from samsvar.site.meetings.registration.actions import invitations
from samsvar.site.meetings.registration.actions import registering as actions
from samsvar.site.network.models import OutgoingEmail
from tests.factories.meetings import make_meeting, make_organiser
from tests.factories.people import make_network

pytestmark = pytest.mark.django_db


def make_meeting_with_invitations(**more: object) -> models.Meeting:
    meeting = make_meeting(
        begins=date(2099, 9, 14), ends=date(2099, 9, 16), network=make_network(), place="Great Hall",
        address="Quay 1", opens_at=timezone.now() - timedelta(days=1), **more,
    )  # fmt: skip
    until = timezone.now() + timedelta(days=9)
    for address, language in (("a@guests.example", "en"), ("b@guests.example", "fr")):
        invitations.invite_addresses(
            meeting=meeting, addresses=[address], by=make_organiser(meeting), expires_at=until,
            language=language,
        )  # fmt: skip
    return meeting


def latest_email_to(address: str) -> str:
    return str(OutgoingEmail.objects.filter(to=address).order_by("-pk")[0].body)


def test_an_invitation_says_what_when_where_and_who_invites():
    meeting = make_meeting_with_invitations()
    body = latest_email_to("a@guests.example")
    wanted = ("“Shelters near everybody”", "2099, Great Hall, Quay 1, Harbour", "The meeting is organised by Lantern.")
    assert [one for one in wanted if one not in body] == []
    assert "Des refuges près de chacun" in latest_email_to("b@guests.example")
    row = meeting.invitations.get(email="a@guests.example")
    actions.register_person(meeting=meeting, data=actions.RegistrationData(name="Guest"), invitation=row)
    assert "You have a place at “Shelters near everybody”: " in latest_email_to("a@guests.example")
    assert "Great Hall" in latest_email_to("a@guests.example")


def test_an_invitation_to_a_private_meeting_names_no_venue_and_no_street():
    make_meeting_with_invitations(access=AccessLevel.PARTICIPANTS)
    body = latest_email_to("a@guests.example")
    assert ("2099, Harbour." in body, "Great Hall" in body, "Quay" in body) == (True, False, False)
