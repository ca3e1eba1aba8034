"""A meeting that is cancelled, reinstated or moved: everyone concerned is emailed once, and all pages show it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from samsvar.meetings.meeting import AccessLevel
from samsvar.meetings.registration import RegistrationStatus
from samsvar.network.consent import LegalBasis, Purpose
from samsvar.network.people import Field
from samsvar.site.audit.models import AuditEntry as Line
from samsvar.site.meetings import models
from samsvar.site.meetings.letters.actions import issue_letter
from samsvar.site.meetings.organising.actions import meetings as actions
from samsvar.site.meetings.registration import errors
from samsvar.site.meetings.registration.actions import (
    decisions,
    delegations,
    invitations,
)
from samsvar.site.meetings.registration.actions import (
    emails as actions_emails,
)
from samsvar.site.meetings.registration.actions import (
    registering as registrations,
)
from samsvar.site.network.models import Basis, OutgoingEmail
from tests.factories.meetings import make_meeting, make_organiser, make_registration, make_session, publish_programme
from tests.factories.people import make_account, make_person, sign_in

pytestmark = pytest.mark.django_db

SITE = "https://samsvar.example/"
WHY = "The quay is flooded."


def make_upcoming_meeting(**more: Any) -> models.Meeting:
    first = timezone.now().date() + timedelta(days=90)
    days = {"begins": first, "ends": first + timedelta(days=2)}
    return make_meeting(**{"public_id": "harbour", "opens_at": timezone.now() - timedelta(days=1), **days, **more})


def make_invitation(meeting: models.Meeting, address: str, **more: Any) -> models.MeetingInvitation:
    return invitations.create_invitation(
        meeting, address, by=make_account(), expires_at=timezone.now() + timedelta(days=9),
        **{"language": "en", **more},
    )  # fmt: skip


def add_everyone(meeting: models.Meeting) -> None:
    """Add one person of each kind: confirmed, waiting, declined, nominated, invited, a head, two speakers."""
    for address, status, language in (
        ("confirmed@guests.example", RegistrationStatus.CONFIRMED, "fr"),
        ("waiting@guests.example", RegistrationStatus.WAITING, "en"),
        ("declined@guests.example", RegistrationStatus.DECLINED, "en"),
    ):  # fmt: skip
        row = make_invitation(meeting, address, language=language)
        make_registration(meeting, invitation=row, status=status, language=language)
    make_invitation(meeting, "invited@guests.example", language="nb")
    by = make_organiser(meeting)
    head = delegations.create_delegation(
        meeting=meeting, by=by, places=2, head_email="head@delegations.example",
        nominate_until=timezone.now() + timedelta(days=9),
    )  # fmt: skip
    delegations.nominate_person(delegation=head, by=None, name="Named", email="named@delegations.example")
    account = make_account(email="speaker@network.example")
    people = make_person(account=account), make_person(details={Field.NAME: "Vol", Field.EMAIL: "vol@guests.example"})
    Basis.objects.create(
        person=people[1], purpose=Purpose.MEETINGS, ground=LegalBasis.PUBLIC_TASK, since=timezone.now(), note="speaks"
    )
    session = make_session(meeting)
    for number, person in enumerate(people):
        session.appearances.create(person=person, key=f"person-{number}", order=number)
    OutgoingEmail.objects.all().delete()


CONCERNED = {
    "confirmed@guests.example", "waiting@guests.example", "invited@guests.example", "head@delegations.example",
    "named@delegations.example", "speaker@network.example", "vol@guests.example",
}  # fmt: skip


def test_everyone_concerned_by_a_cancellation_gets_one_email_in_their_own_language():
    meeting = make_upcoming_meeting()
    add_everyone(meeting)
    told = actions.cancel_meeting(by=make_organiser(meeting), meeting=meeting, why=WHY)
    letters = {one.to: one for one in OutgoingEmail.objects.all()}
    assert (told, OutgoingEmail.objects.count(), set(letters)) == (len(CONCERNED), len(CONCERNED), CONCERNED)
    assert all(WHY in one.body for one in letters.values())
    assert "Des refuges près de chacun" in letters["confirmed@guests.example"].body
    assert f"{SITE}fr/meetings/harbour/registration/" in letters["confirmed@guests.example"].body
    assert f"{SITE}nb/meetings/harbour/invitation/" in letters["invited@guests.example"].body
    assert Line.objects.get(verb="cancelled a meeting").details == {"letters": len(CONCERNED)}


def test_emails_about_a_private_meeting_link_only_to_pages_the_recipient_can_open():
    meeting = make_upcoming_meeting(access=AccessLevel.PARTICIPANTS)
    add_everyone(meeting)
    actions.cancel_meeting(by=make_organiser(meeting), meeting=meeting, why=WHY)
    assert "http" not in OutgoingEmail.objects.get(to="vol@guests.example").body.replace("Samsvar, samsvar.example", "")
    assert f"{SITE}en/meetings/harbour/\n" in OutgoingEmail.objects.get(to="speaker@network.example").body


def test_cancelling_a_past_meeting_sends_no_emails():
    meeting = make_meeting()
    make_registration(meeting, invitation=make_invitation(meeting, "there@guests.example"))
    assert actions.cancel_meeting(by=make_organiser(meeting), meeting=meeting, why=WHY) == 0


def visible_text(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_the_pages_of_a_cancelled_meeting_say_so_and_accept_no_changes():
    meeting = make_upcoming_meeting()
    by = make_organiser(meeting)
    row = registrations.register_person(
        meeting=meeting, data=registrations.RegistrationData(name="Guest"),
        invitation=make_invitation(meeting, "guest@guests.example"),
    )  # fmt: skip
    other = make_invitation(meeting, "other@guests.example")
    head = delegations.create_delegation(
        meeting=meeting, by=by, places=2, head_email="head@delegations.example",
        nominate_until=timezone.now() + timedelta(days=9),
    )  # fmt: skip
    actions.cancel_meeting(by=by, meeting=meeting, why=WHY)
    own = Client().get(actions_emails.link_url(row, language="en"))
    own = visible_text(own)
    assert ("You have a place." in own, "Change your registration" in own, WHY in own) == (False, False, True)
    answer = actions_emails.link_url(other, language="en")
    sent = Client().post(answer, {"name": "A Guest", "language": "en"})
    assert (WHY in visible_text(Client().get(answer)), sent.status_code) == (True, 409)
    names = Client().get(actions_emails.link_url(head, language="en"))
    assert (WHY in visible_text(names), "Nominate this person" in visible_text(names)) == (True, False)
    for refused in (
        lambda: registrations.change_registration(registration=row, data=registrations.RegistrationData(), by=None),
        lambda: delegations.nominate_person(delegation=head, by=None, name="N", email="n@guests.example"),
        lambda: invitations.invite_addresses(
            meeting=meeting, addresses=["a@guests.example"], by=by, expires_at=timezone.now()
        ),
        lambda: delegations.create_delegation(meeting=meeting, by=by, places=1, head_email="h@h.example"),
    ):
        with pytest.raises(errors.MeetingIsCancelled):
            refused()


def test_a_place_released_at_a_cancelled_meeting_is_reassigned_only_on_reinstatement():
    meeting = make_upcoming_meeting()
    models.Quota.objects.create(meeting=meeting, kind="whole", places=1)
    first, second = (
        registrations.register_person(
            meeting=meeting, data=registrations.RegistrationData(name="Guest"),
            invitation=make_invitation(meeting, f"guest-{number}@guests.example"),
        )
        for number in (1, 2)
    )  # fmt: skip
    by = make_organiser(meeting)
    actions.cancel_meeting(by=by, meeting=meeting, why=WHY)
    first.refresh_from_db()
    decisions.decline_registration(registration=first, by=None)
    second.refresh_from_db()
    assert second.status == "waiting"
    OutgoingEmail.objects.all().delete()
    assert actions.reinstate_meeting(by=by, meeting=meeting, why="The water has gone.") == 1
    second.refresh_from_db()
    assert (second.status, meeting.cancelled_at, meeting.cancelled_why) == ("confirmed", None, "")
    assert [one.subject for one in OutgoingEmail.objects.order_by("pk")] == [
        "Samsvar: “Shelters near everybody” will go ahead after all",
        "Samsvar: Your registration for “Shelters near everybody” is confirmed",
    ]
    with pytest.raises(actions.NotCancelled):
        actions.reinstate_meeting(by=by, meeting=meeting, why="Again.")


def test_an_organiser_can_cancel_and_reinstate_a_meeting_on_one_page():
    meeting = make_upcoming_meeting()
    make_registration(meeting, invitation=make_invitation(meeting, "guest@guests.example"))
    client = sign_in(Client(), make_organiser(meeting), staff_session="runs it")
    address = reverse("meetings:cancel-meeting", args=["harbour"])
    for said, cancelled in (({"why": WHY}, True), ({"why": "The water has gone.", "do": "hold"}, False)):
        after = client.post(address, said, follow=True)
        meeting.refresh_from_db()
        assert ("1 email sent." in visible_text(after), meeting.cancelled_at is not None) == (True, cancelled)


def test_the_calendar_of_a_cancelled_meeting_says_cancelled():
    meeting = make_upcoming_meeting()
    make_session(meeting)
    publish_programme(meeting)
    address = reverse("meetings:schedule-ics", args=["harbour"])
    before = Client().get(address).content.decode()
    actions.cancel_meeting(by=make_organiser(meeting), meeting=meeting, why=WHY)
    after = Client().get(address).content.decode()
    assert ("STATUS:CONFIRMED" in before, "STATUS:CONFIRMED" in after) == (True, False)
    assert after.count("STATUS:CANCELLED") == after.count("BEGIN:VEVENT") == 1
    for form in ("json", "xml"):
        feed = Client().get(reverse(f"meetings:schedule-{form}", args=["harbour"]))
        assert (feed.status_code, b"Session at 9" in feed.content) == (200, False)


def test_no_letter_is_issued_for_a_cancelled_meeting_and_earlier_letters_show_it():
    meeting = make_upcoming_meeting()
    by, guest = make_organiser(meeting), make_registration(meeting)
    letter = models.IssuedLetter.objects.create(
        code="AAAA-BBBB-CCCC", meeting=meeting, registration=guest, kind="visa", language="en"
    )
    address = reverse("meetings:letter", args=[letter.code])
    assert "issued here and is valid" in visible_text(Client().get(address))
    actions.cancel_meeting(by=by, meeting=meeting, why=WHY)
    assert "issued here, but the meeting has been cancelled." in visible_text(Client().get(address))
    guest.refresh_from_db()
    for kind in ("visa", "invitation", "confirmation"):
        with pytest.raises(errors.MeetingIsCancelled):
            issue_letter(by=by, registration=guest, kind=kind)


def test_declining_a_place_revokes_the_letters_issued_for_it():
    meeting = make_upcoming_meeting()
    guest = make_registration(meeting)
    letter = models.IssuedLetter.objects.create(
        code="AAAA-BBBB-CCCC", meeting=meeting, registration=guest, kind="visa", language="en"
    )
    decisions.decline_registration(registration=guest, by=None)
    assert "has been revoked" in visible_text(Client().get(reverse("meetings:letter", args=[letter.code])))


def edit_form_data(meeting: models.Meeting, **changed: Any) -> dict[str, Any]:
    return {
        "kind": "conference", "begins": str(meeting.begins), "ends": str(meeting.ends), "zone": "Europe/Bucharest",
        "attendance": "in_person", "city": "Harbour", "original": "en", "languages": ["fr"],
        "title_en": "Shelters near everybody", "title_fr": "Des refuges près de chacun", "tell": "on", **changed,
    }  # fmt: skip


def test_a_change_of_dates_or_venue_is_emailed_to_everyone_concerned_with_the_reason():
    meeting = make_upcoming_meeting()
    add_everyone(meeting)
    client = sign_in(Client(), make_organiser(meeting), staff_session="runs it")
    address = reverse("meetings:edit-meeting", args=["harbour"])
    assert client.post(address, edit_form_data(meeting, practical_en="Bring a coat.")).status_code == 302
    assert OutgoingEmail.objects.count() == 0  # neither the dates nor the venue have changed
    later = meeting.begins + timedelta(days=7), meeting.ends + timedelta(days=7)
    moved = edit_form_data(meeting, begins=str(later[0]), ends=str(later[1]), place="Great Hall", why=WHY)
    assert client.post(address, moved).status_code == 302
    assert {one.to for one in OutgoingEmail.objects.all()} == CONCERNED
    letter = OutgoingEmail.objects.get(to="waiting@guests.example").body
    assert all(
        one in letter
        for one in (WHY, "Great Hall", str(later[1].day), str(meeting.begins.day), "previously planned for")
    )
    OutgoingEmail.objects.all().delete()
    assert client.post(address, {**moved, "place": "Greater Hall", "tell": ""}).status_code == 302
    assert OutgoingEmail.objects.count() == 0  # no one is told when an organiser corrects a word


def test_letters_with_the_old_dates_are_revoked():
    meeting = make_upcoming_meeting()
    guest = make_registration(meeting)
    for number, kind in enumerate(("visa", "attendance")):
        models.IssuedLetter.objects.create(
            code=f"AAAA-BBBB-CCC{number}", meeting=meeting, registration=guest, kind=kind, language="en"
        )
    said = {"ends": meeting.ends + timedelta(days=1)}
    actions.update_meeting(by=make_organiser(meeting), meeting=meeting, data=said)
    assert list(meeting.issued.filter(revoked_at=None).values_list("kind", flat=True)) == ["attendance"]
