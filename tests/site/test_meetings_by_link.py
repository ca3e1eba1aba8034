"""A participant without an account uses the meeting through the emailed link, only as themselves."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from samsvar.ids import hash_secret
from samsvar.meetings.meeting import AccessLevel
from samsvar.meetings.registration import RegistrationStatus
from samsvar.network.people import Field
from samsvar.site.audit.models import AuditEntry
from samsvar.site.meetings import models
from samsvar.site.meetings.registration.actions import decisions, invitations
from samsvar.site.meetings.registration.actions import emails as actions_emails
from samsvar.site.meetings.registration.actions import registering as actions
from samsvar.site.network.models import OutgoingEmail
from tests.factories.meetings import (
    make_meeting,
    make_registration,
    make_session,
    make_survey_question,
    publish_programme,
)
from tests.factories.people import make_account, make_person

pytestmark = pytest.mark.django_db


def in_days(number: int) -> Any:
    return (timezone.now() + timedelta(days=number)).date()


def make_participants_meeting(**more: Any) -> models.Meeting:
    return make_meeting(
        **{"access": AccessLevel.PARTICIPANTS, "opens_at": timezone.now() - timedelta(days=1), "begins": in_days(30),
           "ends": in_days(32)} | more
    )  # fmt: skip


def register_guest(meeting: models.Meeting, address: str = "guest@network.example", **said: Any) -> models.Registration:
    invitation = invitations.create_invitation(
        meeting, address, by=make_account(), expires_at=timezone.now() + timedelta(days=9), language="en"
    )
    said.setdefault("name", "Ilvane Brookmantle")
    return actions.register_person(meeting=meeting, data=actions.RegistrationData(**said), invitation=invitation)


def registration_link(row: models.Registration) -> str:
    return reverse("meetings:registration-link", args=[row.meeting.public_id, actions_emails.link_token(row)])


def meeting_url(name: str, meeting: models.Meeting, *more: str) -> str:
    return reverse(f"meetings:{name}", args=[meeting.public_id, *more])


def meeting_links(html: str) -> list[str]:
    return sorted(set(re.findall(r'href="(/en/meetings/[^"#]+)"', html.partition("<main")[2])))


@pytest.fixture
def states(db: None) -> None:
    from samsvar.site.convention.actions import load_convention

    load_convention()


def test_a_registration_link_opens_every_page_of_the_meeting_without_an_account(client, states):
    meeting = make_participants_meeting()
    shown = make_session(meeting, access=AccessLevel.PARTICIPANTS, title={"en": "Behind the door"})
    publish_programme(meeting)
    row = register_guest(meeting)
    assert client.get(meeting_url("meeting", meeting)).status_code == 404
    waiting, met = [registration_link(row)], {}
    while waiting:
        address = waiting.pop()
        answer = client.get(address)
        met[address] = answer.status_code
        if answer.get("Content-Type", "").startswith("text/html"):
            waiting += [one for one in meeting_links(answer.content.decode()) if one not in met and one not in waiting]
    assert {address: code for address, code in met.items() if code != 200} == {}
    wanted = ["meeting", "programme", "speakers", "documents", "my-schedule", "my-letters", "one-to-one"]
    assert {meeting_url(one, meeting) for one in wanted} <= set(met)
    assert "Behind the door" in client.get(meeting_url("session", meeting, shown.public_id)).content.decode()


def test_a_link_allows_issuing_letters_and_after_check_in_a_certificate(client, states):
    meeting = make_participants_meeting()
    row = register_guest(meeting)
    client.get(registration_link(row))
    where = meeting_url("my-letters", meeting)
    for kind in ("invitation", "visa", "confirmation"):
        said = (
            {"kind": kind, "language": "en", "number": "N1234567"}
            if kind == "visa"
            else {"kind": kind, "language": "en"}
        )
        answer = client.post(where, said)
        assert (answer["Content-Type"], answer["Cache-Control"]) == ("application/pdf", "private, no-store"), kind
    assert client.post(where, {"kind": "attendance", "language": "en"}).status_code == 409
    models.CheckIn.objects.create(meeting=meeting, registration=row, at=timezone.now())
    assert client.post(where, {"kind": "attendance", "language": "en"}).status_code == 409  # before the meeting
    models.Meeting.objects.update(begins=in_days(-1), ends=in_days(0))
    assert client.post(where, {"kind": "attendance", "language": "en"})["Content-Type"] == "application/pdf"
    assert set(models.IssuedLetter.objects.values_list("registration", "by")) == {(row.pk, None)}


def test_a_link_allows_choosing_sessions_answering_the_survey_and_declining(client, states):
    meeting = make_participants_meeting()
    session = make_session(meeting, access=AccessLevel.PARTICIPANTS)
    publish_programme(meeting)
    row = register_guest(meeting)
    now = timezone.now()
    make_survey_question(meeting, opens_at=now - timedelta(days=1), closes_at=now + timedelta(days=7))
    client.get(registration_link(row))
    client.post(meeting_url("choose-session", meeting, "choose"), {"session": session.public_id})
    assert list(models.ScheduleEntry.objects.values_list("registration", "account")) == [(row.pk, None)]
    assert client.get(meeting_url("survey", meeting)).status_code == 200
    client.post(meeting_url("my-registration", meeting), {"do": "decline"})
    row.refresh_from_db()
    assert row.status == RegistrationStatus.DECLINED
    assert [client.get(meeting_url(one, meeting)).status_code for one in ("meeting", "my-schedule")] == [404, 302]


def test_a_link_opens_only_what_its_own_registration_may_see(client, states):
    here, elsewhere, outer = (
        make_participants_meeting(),
        make_participants_meeting(),
        make_participants_meeting(access=AccessLevel.ORGANISERS),
    )
    row, other = register_guest(here), register_guest(here, "other@network.example", name="Somebody Else")
    client.get(registration_link(row))
    assert [client.get(meeting_url("meeting", one)).status_code for one in (here, elsewhere, outer)] == [200, 404, 404]
    assert client.get(meeting_url("my-schedule", elsewhere)).status_code == 404
    # redirected to sign-in: the link is not an account
    assert client.get(meeting_url("manage", here)).status_code == 302
    assert client.get(reverse("network:my-data")).status_code == 302
    own = client.get(meeting_url("my-registration", here)).content.decode()
    assert ("Ilvane Brookmantle" in own, "Somebody Else" in own) == (True, False)
    assert other.pk != row.pk


def test_someone_on_the_waiting_list_sees_their_own_page_but_not_the_meeting(client, states):
    meeting = make_participants_meeting()
    models.Quota.objects.create(meeting=meeting, kind="whole", key="", places=0)
    row = register_guest(meeting)
    assert (row.status, client.get(registration_link(row)).status_code) == (RegistrationStatus.WAITING, 200)
    assert [client.get(meeting_url(one, meeting)).status_code for one in ("meeting", "my-schedule")] == [404, 404]


def test_the_session_stores_no_token_and_every_page_checks_the_database_again(client, states):
    meeting = make_participants_meeting()
    row = register_guest(meeting)
    answer = client.get(registration_link(row))
    kept = str(dict(client.session))
    assert (actions_emails.link_token(row) in kept, hash_secret(actions_emails.link_token(row)) in kept) == (
        False,
        True,
    )
    assert ("no-store" in answer["Cache-Control"], answer["X-Robots-Tag"]) == (True, "noindex")
    assert answer["Referrer-Policy"] == "same-origin"
    assert client.get(meeting_url("meeting", meeting))["Cache-Control"] == "private, no-store"
    models.Registration.objects.update(token_hash="")
    assert client.get(meeting_url("meeting", meeting)).status_code == 404


def test_a_link_stops_working_once_the_participant_has_an_account(client, states):
    meeting = make_participants_meeting()
    row = register_guest(meeting)
    client.get(registration_link(row))
    type(row.person).objects.filter(pk=row.person_id).update(account=make_account())
    assert [client.get(meeting_url(one, meeting)).status_code for one in ("meeting", "my-schedule")] == [404, 302]


def test_a_participant_can_make_the_browser_forget_the_link(client, states):
    meeting = make_participants_meeting()
    client.get(registration_link(register_guest(meeting)))
    assert client.get(meeting_url("meeting", meeting)).status_code == 200
    client.post(meeting_url("my-registration", meeting), {"do": "forget"})
    assert client.get(meeting_url("meeting", meeting)).status_code == 404


def test_wrong_links_count_towards_one_limit_on_every_page(client, states, settings):
    settings.SAMSVAR_RATE_LIMITS = {"join": "3/m/ip"}
    meeting = make_participants_meeting()
    tried = [
        meeting_url(one, meeting, "wrong") for one in ("schedule-by-link", "survey-by-link", "registration-link")
    ] * 2
    assert [client.get(one).status_code for one in tried] == [404, 404, 404, 429, 429, 429]


def test_a_participant_by_link_finds_the_documents_for_participants(client, states):
    meeting = make_participants_meeting()
    for access in ("public", "participants", "organisers"):
        meeting.documents.create(
            access=access, title={"en": f"For {access}"}, filename="a.pdf", format="pdf", size=1, content_hash="0" * 64
        )
    row = register_guest(meeting)
    client.get(registration_link(row))
    pages = [client.get(meeting_url(name, meeting)).content.decode() for name in ("documents", "meeting")]
    shown = [[f"For {access}" in page for access in ("public", "participants", "organisers")] for page in pages]
    assert shown == [[True, True, False]] * 2
    models.Meeting.objects.update(access=AccessLevel.PUBLIC)
    page = Client().get(meeting_url("documents", meeting)).content.decode()
    assert ("For public" in page, "For participants" in page) == (True, False)


def test_a_lost_link_is_emailed_to_its_own_address_and_the_page_reveals_nothing(client, states):
    meeting = make_participants_meeting()
    row = register_guest(meeting)
    long_over = make_participants_meeting()
    register_guest(long_over)
    models.Meeting.objects.filter(pk=long_over.pk).update(begins=in_days(-500), ends=in_days(-499))
    OutgoingEmail.objects.all().delete()
    where = reverse("meetings:resend-link")
    asked = ["nobody@network.example", "Guest@network.example"]
    pages = [Client().post(where, {"email": one}).content for one in asked]
    first, second = (re.sub(rb'(nonce|value)="[^"]*"', b"", one) for one in pages)
    assert first == second
    (letter,) = OutgoingEmail.objects.all()
    assert (letter.to, registration_link(row) in letter.body) == ("guest@network.example", True)
    assert [Client().post(where, {"email": asked[1]}).status_code for _one in range(3)][-1] == 429


def test_two_people_without_accounts_can_meet_one_to_one_and_are_emailed(client, states):
    meeting = make_participants_meeting()
    starts = timezone.now() + timedelta(days=30)
    models.OneToOnePeriod.objects.create(
        meeting=meeting, starts=starts, ends=starts + timedelta(hours=1), minutes=20, tables=2
    )
    one, two = (
        register_guest(meeting, name="Ana Moreau"),
        register_guest(meeting, "two@network.example", name="Dorin Kest"),
    )
    walk_in = make_registration(meeting, "Nobody Reaches Them")
    models.NetworkingOptIn.objects.create(registration=walk_in)
    second = Client()
    client.get(registration_link(one)), second.get(registration_link(two))
    second.post(meeting_url("one-to-one-opt-in", meeting), {"about": "Shelters"})
    shown = client.get(meeting_url("one-to-one", meeting)).content.decode()
    assert ("Dorin Kest" in shown, "Nobody Reaches Them" in shown) == (True, False)
    saw = AuditEntry.objects.filter(saw=True, person=two.person.public_id, subject__contains=one.public_id)
    assert saw.exists()
    OutgoingEmail.objects.all().delete()
    client.post(meeting_url("request-one-to-one", meeting, two.public_id), {"about": "About shelters"})
    encounter = models.OneToOneMeeting.objects.get()
    client.post(
        meeting_url("answer-one-to-one", meeting, encounter.public_id, "accept")
    )  # the person who asked cannot accept
    second.post(meeting_url("answer-one-to-one", meeting, encounter.public_id, "accept"))
    encounter.refresh_from_db()
    assert encounter.state == "accepted"
    letters = list(OutgoingEmail.objects.order_by("pk").values_list("to", flat=True))
    assert letters == ["two@network.example", "guest@network.example"]
    assert registration_link(two) in OutgoingEmail.objects.order_by("pk")[0].body


def test_a_signed_in_user_keeps_their_identity_whatever_link_they_open(client, states):
    from tests.factories.people import sign_in

    meeting = make_participants_meeting()
    row, account = register_guest(meeting), make_account()
    make_person(account=account, details={Field.NAME: "Vero Lindqvist"})
    sign_in(client, account)
    assert client.get(registration_link(row)).status_code == 200
    assert client.get(meeting_url("meeting", meeting)).status_code == 404


def test_an_email_about_a_programme_change_contains_the_registration_link(states):
    meeting = make_participants_meeting()
    session, row = make_session(meeting, access=AccessLevel.PARTICIPANTS), register_guest(meeting)
    models.Appearance.objects.create(session=session, person=row.person, part="speaker")
    publish_programme(meeting)
    OutgoingEmail.objects.all().delete()
    models.Session.objects.filter(pk=session.pk).update(title={"en": "Another title"})
    publish_programme(meeting, notify=True)
    (letter,) = OutgoingEmail.objects.all()
    assert (letter.to, registration_link(row) in letter.body) == ("guest@network.example", True)


def create_calendar(client: Client, address: str) -> str:
    """Create a calendar on this page and return its secret URL."""
    answer = client.post(address)
    assert (answer.status_code, answer["Cache-Control"]) == (200, "private, no-store")
    found = re.search(r"https://samsvar\.example(/\S+schedule\.ics)", answer.content.decode())
    assert found
    return found[1]


def test_a_calendar_made_by_link_is_readable_by_its_url_until_it_is_replaced(client, states):
    meeting = make_participants_meeting()
    mine = make_session(meeting, access=AccessLevel.PARTICIPANTS, title={"en": "Behind the door"})
    make_session(meeting, 11, access=AccessLevel.PARTICIPANTS, title={"en": "Not chosen"})
    publish_programme(meeting)
    row = register_guest(meeting)
    token = actions_emails.link_token(row)
    schedule = meeting_url("schedule-by-link", meeting, token)
    client.post(f"{schedule}choose/", {"session": mine.public_id})
    assert "Create a link" in client.get(schedule).content.decode()
    assert "Delete my current link" not in client.get(schedule).content.decode()
    first = create_calendar(client, f"{schedule}calendar/")
    link = models.ScheduleLink.objects.get()
    assert (link.account, link.registration, token in first) == (None, row, False)
    body = Client().get(first).content.decode()
    assert (body.count("BEGIN:VEVENT"), "Behind the door" in body, "Brookmantle" in body) == (1, True, False)
    second = create_calendar(client, meeting_url("make-calendar", meeting))  # as the participant signed in by the link
    assert second != first
    assert [Client().get(one).status_code for one in (first, second)] == [404, 200]
    assert "Delete my current link" in client.get(schedule).content.decode()
    assert client.post(f"{schedule}calendar/", {"end": "1"})["Location"] == schedule
    assert (Client().get(second).status_code, models.ScheduleLink.objects.count()) == (404, 0)
    made = AuditEntry.objects.filter(verb="created a personal calendar")
    assert list(made.values_list("actor", "person")) == [(None, row.person.public_id)] * 2  # type: ignore[union-attr]


@pytest.mark.parametrize("end", ["declined", "put back", "account", "erased"])
def test_a_calendar_by_link_ends_with_the_registration(client, states, end):
    from samsvar.site.network.data_inventory import resolve_subject
    from samsvar.site.network.privacy.actions.privacy import erase_personal_data
    from tests.factories.meetings import make_organiser

    meeting = make_participants_meeting(approval=end == "put back")
    publish_programme(meeting)
    row = register_guest(meeting)
    if end == "put back":
        decisions.approve_registration(registration=row, by=make_organiser(meeting))
    address = create_calendar(
        client, f"{meeting_url('schedule-by-link', meeting, actions_emails.link_token(row))}calendar/"
    )
    assert Client().get(address).status_code == 200
    row.refresh_from_db()
    if end == "declined":
        decisions.decline_registration(registration=row, by=None)
    elif end == "put back":
        decisions.revert_to_pending(registration=row, by=make_organiser(meeting), reason="A mistake")
    elif end == "account":
        actions.claim_registration(account=make_account(email="guest@network.example"), meeting=meeting)
    else:
        erase_personal_data(subject=resolve_subject(person=row.person), by=None, channel="by letter")
    assert Client().get(address).status_code == 404
    assert models.ScheduleLink.objects.exists() == (end in {"put back", "account"})


def test_an_unknown_link_creates_no_calendar(client, states):
    meeting = make_participants_meeting()
    publish_programme(meeting)
    for address in (
        f"{meeting_url('schedule-by-link', meeting, 'none')}calendar/",
        meeting_url("make-calendar", meeting),
    ):
        assert client.post(address).status_code in {302, 404}
    assert not models.ScheduleLink.objects.exists()
