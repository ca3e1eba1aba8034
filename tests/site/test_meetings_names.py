"""A misspelt name on a badge can be corrected by the person or by an organiser."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from samsvar.site.audit.models import AuditEntry
from samsvar.site.meetings import models
from samsvar.site.meetings.registration import errors
from samsvar.site.meetings.registration.actions import emails as actions_emails
from samsvar.site.meetings.registration.actions import registering as actions
from samsvar.site.meetings.registration.actions.invitations import create_invitation
from samsvar.site.network.directory.actions.participants import ProfileSelfManaged
from samsvar.site.network.directory.actions.people import hide_participant_profile
from samsvar.site.network.models import OutgoingEmail
from tests.factories.meetings import make_meeting, make_organiser, make_registration
from tests.factories.people import make_account, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def guest(db: None) -> models.Registration:
    first = timezone.now().date() + timedelta(days=90)
    meeting = make_meeting(begins=first, ends=first, opens_at=timezone.now() - timedelta(days=1))
    row = create_invitation(
        meeting, "guest@guests.example", by=make_account(), expires_at=timezone.now() + timedelta(days=9),
        language="en",
    )  # fmt: skip
    said = actions.RegistrationData(name="Mistyepd", title="Judge")
    return actions.register_person(meeting=meeting, data=said, invitation=row)


def test_a_guest_can_correct_their_name_until_the_deadline_and_no_name_is_in_the_audit_log(guest):
    address = actions_emails.link_url(guest, language="en")
    said = {"do": "correct", "name": "Mistyped", "title": ""}
    assert Client().post(address, said).status_code == 302
    assert actions.recorded_name(guest.person) == "Mistyped"
    line = AuditEntry.objects.get(verb="corrected a participant")
    assert (line.details, line.actor) == ({"fields": ["name", "title"]}, None)
    models.Meeting.objects.update(changes_until=timezone.now() - timedelta(hours=1))
    assert "Correct your name" not in Client().get(address).content.decode()
    guest.meeting.refresh_from_db()
    with pytest.raises(errors.ChangesClosed):
        actions.correct_name(registration=guest, name="Again", title="")


def test_the_organiser_corrects_a_name_with_a_reason_and_the_person_gets_an_email(guest):
    by = make_organiser(guest.meeting)
    letter = models.IssuedLetter.objects.create(
        code="AAAA-BBBB-CCCC", meeting=guest.meeting, registration=guest, kind="visa", language="en"
    )
    OutgoingEmail.objects.all().delete()
    client = sign_in(Client(), by, staff_session="badges")
    address = reverse("meetings:manage-registration", args=[guest.meeting.public_id, guest.public_id])
    said = {"do": "correct", "name": "Mistyped", "title": "Judge"}
    assert client.post(address, said).status_code == 422  # a reason is missing
    assert client.post(address, {**said, "why": "A slip in the table."}).status_code == 302
    assert (actions.recorded_name(guest.person), OutgoingEmail.objects.get().to) == ("Mistyped", "guest@guests.example")
    line = AuditEntry.objects.get(verb="corrected a participant")
    assert (line.why, line.details, line.actor) == ("A slip in the table.", {"fields": ["name"]}, by)
    letter.refresh_from_db()
    assert letter.revoked_at is None


def test_organisers_cannot_correct_names_of_people_with_an_account_or_at_risk(guest):
    by, account = make_organiser(guest.meeting), make_account()
    with pytest.raises(ProfileSelfManaged):
        actions.correct_name(
            registration=make_registration(guest.meeting, account=account),
            name="Other",
            title="",
            by=by,
            why=".",
        )
    assert guest.person is not None
    hide_participant_profile(person=guest.person, pseudonym="Fyr", by=None, meeting="x", own=True)
    with pytest.raises(errors.StatusConflict):
        actions.correct_name(registration=guest, name="Other", title="", by=by, why="A slip.")
