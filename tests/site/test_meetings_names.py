"""A name on the badge that was mistyped is written as it is: by the person, or by whoever runs the meeting."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from samsvar.site.audit.models import Entry
from samsvar.site.meetings import models
from samsvar.site.meetings.registration import errors
from samsvar.site.meetings.registration.actions import emails as actions_emails
from samsvar.site.meetings.registration.actions import registering as actions
from samsvar.site.meetings.registration.actions.invitations import make_invitation
from samsvar.site.network.directory.actions.participants import EntryIsTheirs
from samsvar.site.network.directory.actions.people import hide_participant
from samsvar.site.network.models import Letter
from tests.factories.meetings import make_guest, make_meeting, organiser_of
from tests.factories.people import make_account, sign_in

pytestmark = pytest.mark.django_db

SITE = "https://samsvar.example/"


@pytest.fixture
def guest(db: None) -> models.Registration:
    first = timezone.now().date() + timedelta(days=90)
    meeting = make_meeting(begins=first, ends=first, opens_at=timezone.now() - timedelta(days=1))
    row = make_invitation(
        meeting, "guest@guests.example", by=make_account(), expires_at=timezone.now() + timedelta(days=9),
        language="en",
    )  # fmt: skip
    said = actions.Said(name="Mistyepd", title="Judge")
    return actions.register(meeting=meeting, said=said, site=SITE, invitation=row)


def test_a_guest_corrects_their_name_until_the_day_for_changes_and_the_trail_has_no_name(guest):
    address = actions_emails.link_of(guest, site="/", language="en")
    said = {"do": "correct", "name": "Mistyped", "title": ""}
    assert Client().post(address, said).status_code == 302
    assert actions.name_written(guest.person) == "Mistyped"
    line = Entry.objects.get(verb="corrected a participant")
    assert (line.details, line.actor) == ({"fields": ["name", "title"]}, None)
    models.Meeting.objects.update(changes_until=timezone.now() - timedelta(hours=1))
    assert "Correct your name" not in Client().get(address).content.decode()
    guest.meeting.refresh_from_db()
    with pytest.raises(errors.TooLateToChange):
        actions.correct_name(registration=guest, name="Again", title="", site=SITE)


def test_the_organiser_corrects_a_name_with_a_reason_and_the_person_gets_a_letter(guest):
    by = organiser_of(guest.meeting)
    letter = models.IssuedLetter.objects.create(
        code="AAAA-BBBB-CCCC", meeting=guest.meeting, registration=guest, kind="visa", language="en"
    )
    Letter.objects.all().delete()
    client = sign_in(Client(), by, staff_session="badges")
    address = reverse("meetings:manage-registration", args=[guest.meeting.public_id, guest.public_id])
    said = {"do": "correct", "name": "Mistyped", "title": "Judge"}
    assert client.post(address, said).status_code == 422  # no reason
    assert client.post(address, {**said, "why": "A slip in the table."}).status_code == 302
    assert (actions.name_written(guest.person), Letter.objects.get().to) == ("Mistyped", "guest@guests.example")
    line = Entry.objects.get(verb="corrected a participant")
    assert (line.why, line.details, line.actor) == ("A slip in the table.", {"fields": ["name"]}, by)
    letter.refresh_from_db()
    assert letter.revoked_at is None


def test_whoever_has_an_entry_writes_their_name_there_and_nobody_writes_that_of_somebody_hidden(guest):
    by, account = organiser_of(guest.meeting), make_account()
    with pytest.raises(EntryIsTheirs):
        actions.correct_name(
            registration=make_guest(guest.meeting, account=account), name="Other", title="", site=SITE, by=by, why="."
        )
    assert guest.person is not None
    hide_participant(person=guest.person, pseudonym="Fyr", by=None, meeting="x", own=True)
    with pytest.raises(errors.StandsOtherwise):
        actions.correct_name(registration=guest, name="Other", title="", site=SITE, by=by, why="A slip.")
