"""A meeting that is cancelled, held after all, or moved: everybody concerned is told once, and everything says so."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from samsvar.meetings.meeting import Access
from samsvar.meetings.registration import Standing
from samsvar.network.consent import Ground, Purpose
from samsvar.network.people import Field
from samsvar.site.audit.models import Entry as Line
from samsvar.site.meetings import models
from samsvar.site.meetings.letters.actions import NotHeld, issue_letter
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
from samsvar.site.network.models import Basis, Letter
from tests.factories.meetings import make_guest, make_meeting, make_session, organiser_of, published
from tests.factories.people import make_account, make_person, sign_in

pytestmark = pytest.mark.django_db

SITE = "https://samsvar.example/"
WHY = "The quay is flooded."


def coming(**more: Any) -> models.Meeting:
    first = timezone.now().date() + timedelta(days=90)
    days = {"begins": first, "ends": first + timedelta(days=2)}
    return make_meeting(**{"public_id": "harbour", "opens_at": timezone.now() - timedelta(days=1), **days, **more})


def invited(meeting: models.Meeting, address: str, **more: Any) -> models.MeetingInvitation:
    return invitations.make_invitation(
        meeting, address, by=make_account(), expires_at=timezone.now() + timedelta(days=9),
        **{"language": "en", **more},
    )  # fmt: skip


def everybody(meeting: models.Meeting) -> None:
    """Somebody of each kind: confirmed, waiting, declined, named, invited, a head, two speakers."""
    for address, standing, language in (
        ("confirmed@guests.example", Standing.CONFIRMED, "fr"), ("waiting@guests.example", Standing.WAITING, "en"),
        ("declined@guests.example", Standing.DECLINED, "en"),
    ):  # fmt: skip
        row = invited(meeting, address, language=language)
        make_guest(meeting, invitation=row, standing=standing, language=language)
    invited(meeting, "invited@guests.example", language="nb")
    by = organiser_of(meeting)
    head = delegations.make_delegation(
        meeting=meeting, by=by, site=SITE, places=2, head_email="head@delegations.example",
        nominate_until=timezone.now() + timedelta(days=9),
    )  # fmt: skip
    delegations.nominate(delegation=head, by=None, site=SITE, name="Named", email="named@delegations.example")
    account = make_account(email="speaker@network.example")
    people = make_person(account=account), make_person(details={Field.NAME: "Vol", Field.EMAIL: "vol@guests.example"})
    Basis.objects.create(
        person=people[1], purpose=Purpose.MEETINGS, ground=Ground.PUBLIC_TASK, since=timezone.now(), note="speaks"
    )
    session = make_session(meeting)
    for number, person in enumerate(people):
        session.appearances.create(person=person, key=f"person-{number}", order=number)
    Letter.objects.all().delete()


CONCERNED = {
    "confirmed@guests.example", "waiting@guests.example", "invited@guests.example", "head@delegations.example",
    "named@delegations.example", "speaker@network.example", "vol@guests.example",
}  # fmt: skip


def test_who_is_concerned_by_a_cancelled_meeting_gets_one_letter_with_the_reason_in_their_language():
    meeting = coming()
    everybody(meeting)
    told = actions.cancel(by=organiser_of(meeting), meeting=meeting, why=WHY, site=SITE)
    letters = {one.to: one for one in Letter.objects.all()}
    assert (told, Letter.objects.count(), set(letters)) == (len(CONCERNED), len(CONCERNED), CONCERNED)
    assert all(WHY in one.body for one in letters.values())
    assert "Des refuges près de chacun" in letters["confirmed@guests.example"].body
    assert f"{SITE}fr/meetings/harbour/registration/" in letters["confirmed@guests.example"].body
    assert f"{SITE}nb/meetings/harbour/invitation/" in letters["invited@guests.example"].body
    assert Line.objects.get(verb="cancelled a meeting").details == {"letters": len(CONCERNED)}


def test_letters_about_a_meeting_that_is_not_public_lead_to_no_page_that_their_reader_cannot_open():
    meeting = coming(access=Access.PARTICIPANTS)
    everybody(meeting)
    actions.cancel(by=organiser_of(meeting), meeting=meeting, why=WHY, site=SITE)
    assert "http" not in Letter.objects.get(to="vol@guests.example").body.replace("Samsvar, samsvar.example", "")
    assert f"{SITE}en/meetings/harbour/\n" in Letter.objects.get(to="speaker@network.example").body


def test_a_meeting_that_was_held_is_cancelled_in_silence():
    meeting = make_meeting()
    make_guest(meeting, invitation=invited(meeting, "there@guests.example"))
    assert actions.cancel(by=organiser_of(meeting), meeting=meeting, why=WHY, site=SITE) == 0


def words(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_the_pages_of_a_cancelled_meeting_say_so_and_take_nothing_any_more():
    meeting = coming()
    by = organiser_of(meeting)
    row = registrations.register(
        meeting=meeting, said=registrations.Said(name="Guest"), site=SITE,
        invitation=invited(meeting, "guest@guests.example"),
    )  # fmt: skip
    other = invited(meeting, "other@guests.example")
    head = delegations.make_delegation(
        meeting=meeting, by=by, site=SITE, places=2, head_email="head@delegations.example",
        nominate_until=timezone.now() + timedelta(days=9),
    )  # fmt: skip
    actions.cancel(by=by, meeting=meeting, why=WHY, site=SITE)
    own = Client().get(actions_emails.link_of(row, site="/", language="en"))
    assert ("You have a place." in words(own), "Change it" in words(own), WHY in words(own)) == (False, False, True)
    answer = actions_emails.link_of(other, site="/", language="en")
    sent = Client().post(answer, {"name": "A Guest", "language": "en"})
    assert (WHY in words(Client().get(answer)), sent.status_code) == (True, 409)
    names = Client().get(actions_emails.link_of(head, site="/", language="en"))
    assert (WHY in words(names), "Name this person" in words(names)) == (True, False)
    for refused in (
        lambda: registrations.change(registration=row, said=registrations.Said(), site=SITE, by=None),
        lambda: delegations.nominate(delegation=head, by=None, site=SITE, name="N", email="n@guests.example"),
        lambda: invitations.invite(
            meeting=meeting, addresses=["a@guests.example"], by=by, site=SITE, expires_at=timezone.now()
        ),
        lambda: delegations.make_delegation(meeting=meeting, by=by, site=SITE, places=1, head_email="h@h.example"),
    ):
        with pytest.raises(errors.MeetingIsCancelled):
            refused()


def test_a_place_given_up_at_a_cancelled_meeting_goes_on_only_when_it_is_held_after_all():
    meeting = coming()
    models.Quota.objects.create(meeting=meeting, kind="whole", places=1)
    first, second = (
        registrations.register(
            meeting=meeting, said=registrations.Said(name="Guest"), site=SITE,
            invitation=invited(meeting, f"guest-{number}@guests.example"),
        )
        for number in (1, 2)
    )  # fmt: skip
    by = organiser_of(meeting)
    actions.cancel(by=by, meeting=meeting, why=WHY, site=SITE)
    first.refresh_from_db()
    decisions.decline(registration=first, site=SITE, by=None)
    second.refresh_from_db()
    assert second.standing == "waiting"
    Letter.objects.all().delete()
    assert actions.hold_after_all(by=by, meeting=meeting, why="The water has gone.", site=SITE) == 1
    second.refresh_from_db()
    assert (second.standing, meeting.cancelled_at, meeting.cancelled_why) == ("confirmed", None, "")
    assert [one.subject for one in Letter.objects.order_by("pk")] == [
        "Samsvar: “Shelters near everybody” is held after all",
        "Samsvar: You have a place at “Shelters near everybody”",
    ]
    with pytest.raises(actions.NotCancelled):
        actions.hold_after_all(by=by, meeting=meeting, why="Again.", site=SITE)


def test_an_organiser_cancels_and_takes_it_back_on_one_page():
    meeting = coming()
    make_guest(meeting, invitation=invited(meeting, "guest@guests.example"))
    client = sign_in(Client(), organiser_of(meeting), staff_session="runs it")
    address = reverse("meetings:cancel-meeting", args=["harbour"])
    for said, cancelled in (({"why": WHY}, True), ({"why": "The water has gone.", "do": "hold"}, False)):
        after = client.post(address, said, follow=True)
        meeting.refresh_from_db()
        assert ("1 letter is on its way." in words(after), meeting.cancelled_at is not None) == (True, cancelled)


def test_the_calendar_of_a_cancelled_meeting_says_cancelled():
    meeting = coming()
    make_session(meeting)
    published(meeting)
    address = reverse("meetings:schedule-ics", args=["harbour"])
    before = Client().get(address).content.decode()
    actions.cancel(by=organiser_of(meeting), meeting=meeting, why=WHY, site=SITE)
    after = Client().get(address).content.decode()
    assert ("STATUS:CONFIRMED" in before, "STATUS:CONFIRMED" in after) == (True, False)
    assert after.count("STATUS:CANCELLED") == after.count("BEGIN:VEVENT") == 1
    for form in ("json", "xml"):
        feed = Client().get(reverse(f"meetings:schedule-{form}", args=["harbour"]))
        assert (feed.status_code, b"Session at 9" in feed.content) == (200, False)


def test_a_letter_for_a_cancelled_meeting_is_not_made_and_one_that_was_made_says_so_at_its_code():
    meeting = coming()
    by, guest = organiser_of(meeting), make_guest(meeting)
    letter = models.IssuedLetter.objects.create(
        code="AAAA-BBBB-CCCC", meeting=meeting, registration=guest, kind="visa", language="en"
    )
    address = reverse("meetings:letter", args=[letter.code])
    assert "issued here and holds" in words(Client().get(address))
    actions.cancel(by=by, meeting=meeting, why=WHY, site=SITE)
    assert "issued here, and the meeting is cancelled." in words(Client().get(address))
    guest.refresh_from_db()
    for kind in ("visa", "invitation", "confirmation"):
        with pytest.raises(NotHeld):
            issue_letter(by=by, registration=guest, kind=kind, site=SITE)


def test_who_gives_up_a_place_has_no_letter_that_says_they_are_expected():
    meeting = coming()
    guest = make_guest(meeting)
    letter = models.IssuedLetter.objects.create(
        code="AAAA-BBBB-CCCC", meeting=meeting, registration=guest, kind="visa", language="en"
    )
    decisions.decline(registration=guest, site=SITE, by=None)
    assert "was revoked" in words(Client().get(reverse("meetings:letter", args=[letter.code])))


def edited(meeting: models.Meeting, **changed: Any) -> dict[str, Any]:
    return {
        "kind": "conference", "begins": str(meeting.begins), "ends": str(meeting.ends), "zone": "Europe/Bucharest",
        "attendance": "in_person", "city": "Harbour", "access": "public", "original": "en", "languages": ["fr"],
        "title_en": "Shelters near everybody", "title_fr": "Des refuges près de chacun", "tell": "on", **changed,
    }  # fmt: skip


def test_other_days_and_another_place_are_told_to_everybody_concerned_with_what_was_and_why():
    meeting = coming()
    everybody(meeting)
    client = sign_in(Client(), organiser_of(meeting), staff_session="runs it")
    address = reverse("meetings:edit-meeting", args=["harbour"])
    assert client.post(address, edited(meeting, practical_en="Bring a coat.")).status_code == 302
    assert Letter.objects.count() == 0  # neither the days nor the place have changed
    later = meeting.begins + timedelta(days=7), meeting.ends + timedelta(days=7)
    moved = edited(meeting, begins=str(later[0]), ends=str(later[1]), place="Great Hall", why=WHY)
    assert client.post(address, moved).status_code == 302
    assert {one.to for one in Letter.objects.all()} == CONCERNED
    letter = Letter.objects.get(to="waiting@guests.example").body
    assert all(one in letter for one in (WHY, "Great Hall", str(later[1].day), str(meeting.begins.day), "Before"))
    Letter.objects.all().delete()
    assert client.post(address, {**moved, "place": "Greater Hall", "tell": ""}).status_code == 302
    assert Letter.objects.count() == 0  # an organiser who mends a word tells nobody


def test_letters_with_the_days_before_hold_no_more():
    meeting = coming()
    guest = make_guest(meeting)
    for number, kind in enumerate(("visa", "attendance")):
        models.IssuedLetter.objects.create(
            code=f"AAAA-BBBB-CCC{number}", meeting=meeting, registration=guest, kind=kind, language="en"
        )
    said = {"ends": meeting.ends + timedelta(days=1)}
    actions.change(by=organiser_of(meeting), meeting=meeting, said=said)
    assert list(meeting.issued.filter(revoked_at=None).values_list("kind", flat=True)) == ["attendance"]
