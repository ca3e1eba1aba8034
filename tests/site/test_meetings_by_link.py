"""A participant without an account goes on by the link of their letter, as themselves and as nobody else."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from samsvar.ids import secret_hash
from samsvar.meetings.meeting import Access
from samsvar.meetings.registration import Standing
from samsvar.network.people import Field
from samsvar.site.audit.models import Entry
from samsvar.site.meetings import models
from samsvar.site.meetings.registration.actions import decisions, invitations
from samsvar.site.meetings.registration.actions import emails as actions_emails
from samsvar.site.meetings.registration.actions import registering as actions
from samsvar.site.network.models import Letter
from tests.factories.meetings import make_guest, make_meeting, make_session, make_survey, published
from tests.factories.people import make_account, make_person

pytestmark = pytest.mark.django_db

SITE = "https://samsvar.example/"


def in_days(number: int) -> Any:
    return (timezone.now() + timedelta(days=number)).date()


def a_meeting(**more: Any) -> models.Meeting:
    return make_meeting(
        **{"access": Access.PARTICIPANTS, "opens_at": timezone.now() - timedelta(days=1), "begins": in_days(30),
           "ends": in_days(32)} | more
    )  # fmt: skip


def a_guest(meeting: models.Meeting, address: str = "guest@network.example", **said: Any) -> models.Registration:
    invitation = invitations.make_invitation(
        meeting, address, by=make_account(), expires_at=timezone.now() + timedelta(days=9), language="en"
    )
    said.setdefault("name", "Ilvane Brookmantle")
    return actions.register(meeting=meeting, said=actions.Said(**said), site=SITE, invitation=invitation)


def own_link(row: models.Registration) -> str:
    return reverse("meetings:registration-link", args=[row.meeting.public_id, actions_emails.token_of(row)])


def page(name: str, meeting: models.Meeting, *more: str) -> str:
    return reverse(f"meetings:{name}", args=[meeting.public_id, *more])


def links_in(html: str) -> list[str]:
    return sorted(set(re.findall(r'href="(/en/meetings/[^"#]+)"', html.partition("<main")[2])))


@pytest.fixture
def states(db: None) -> None:
    from samsvar.site.convention.actions import load_convention

    load_convention()


def test_the_link_leads_to_every_page_of_the_meeting_and_none_is_missing_or_asks_for_an_account(client, states):
    meeting = a_meeting()
    shown = make_session(meeting, access=Access.PARTICIPANTS, title={"en": "Behind the door"})
    published(meeting)
    row = a_guest(meeting)
    assert client.get(page("meeting", meeting)).status_code == 404
    waiting, met = [own_link(row)], {}
    while waiting:
        address = waiting.pop()
        answer = client.get(address)
        met[address] = answer.status_code
        if answer.get("Content-Type", "").startswith("text/html"):
            waiting += [one for one in links_in(answer.content.decode()) if one not in met and one not in waiting]
    assert {address: code for address, code in met.items() if code != 200} == {}
    wanted = ["meeting", "programme", "speakers", "documents", "my-schedule", "my-letters", "one-to-one"]
    assert {page(one, meeting) for one in wanted} <= set(met)
    assert "Behind the door" in client.get(page("session", meeting, shown.public_id)).content.decode()


def test_a_link_makes_ones_letters_with_the_passport_and_a_certificate_once_one_was_there(client, states):
    meeting = a_meeting()
    row = a_guest(meeting)
    client.get(own_link(row))
    where = page("my-letters", meeting)
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
    assert client.post(where, {"kind": "attendance", "language": "en"})["Content-Type"] == "application/pdf"
    assert set(models.IssuedLetter.objects.values_list("registration", "by")) == {(row.pk, None)}


def test_a_link_chooses_sessions_evaluates_the_meeting_and_gives_the_place_up(client, states):
    meeting = a_meeting()
    session = make_session(meeting, access=Access.PARTICIPANTS)
    published(meeting)
    row = a_guest(meeting)
    now = timezone.now()
    make_survey(meeting, opens_at=now - timedelta(days=1), closes_at=now + timedelta(days=7))
    client.get(own_link(row))
    client.post(page("choose-session", meeting, "choose"), {"session": session.public_id})
    assert list(models.MySession.objects.values_list("registration", "account")) == [(row.pk, None)]
    assert client.get(page("survey", meeting)).status_code == 200
    client.post(page("mine-registration", meeting), {"do": "decline"})
    row.refresh_from_db()
    assert row.standing == Standing.DECLINED
    assert [client.get(page(one, meeting)).status_code for one in ("meeting", "my-schedule")] == [404, 302]


def test_a_link_opens_what_its_own_registration_may_and_no_more(client, states):
    here, elsewhere, outer = a_meeting(), a_meeting(), a_meeting(access=Access.ORGANISERS)
    row, other = a_guest(here), a_guest(here, "other@network.example", name="Somebody Else")
    client.get(own_link(row))
    assert [client.get(page("meeting", one)).status_code for one in (here, elsewhere, outer)] == [200, 404, 404]
    assert client.get(page("my-schedule", elsewhere)).status_code == 404
    assert client.get(page("manage", here)).status_code == 302  # to signing in: it is no account
    assert client.get(reverse("network:my-data")).status_code == 302
    own = client.get(page("mine-registration", here)).content.decode()
    assert ("Ilvane Brookmantle" in own, "Somebody Else" in own) == (True, False)
    assert other.pk != row.pk


def test_who_waits_for_a_place_sees_their_own_page_and_not_the_meeting(client, states):
    meeting = a_meeting()
    models.Quota.objects.create(meeting=meeting, kind="whole", key="", places=0)
    row = a_guest(meeting)
    assert (row.standing, client.get(own_link(row)).status_code) == (Standing.WAITING, 200)
    assert [client.get(page(one, meeting)).status_code for one in ("meeting", "my-schedule")] == [404, 404]


def test_the_browser_keeps_no_token_and_every_page_asks_the_database_anew(client, states):
    meeting = a_meeting()
    row = a_guest(meeting)
    answer = client.get(own_link(row))
    kept = str(dict(client.session))
    assert (actions_emails.token_of(row) in kept, secret_hash(actions_emails.token_of(row)) in kept) == (False, True)
    assert ("no-store" in answer["Cache-Control"], answer["X-Robots-Tag"]) == (True, "noindex")
    assert answer["Referrer-Policy"] == "same-origin"
    assert client.get(page("meeting", meeting))["Cache-Control"] == "private, no-store"
    models.Registration.objects.update(token_hash="")
    assert client.get(page("meeting", meeting)).status_code == 404


def test_whoever_gets_an_account_signs_in_and_the_link_gives_nothing_more(client, states):
    meeting = a_meeting()
    row = a_guest(meeting)
    client.get(own_link(row))
    type(row.person).objects.filter(pk=row.person_id).update(account=make_account())
    assert [client.get(page(one, meeting)).status_code for one in ("meeting", "my-schedule")] == [404, 302]


def test_one_is_forgotten_in_a_browser_when_one_says_so(client, states):
    meeting = a_meeting()
    client.get(own_link(a_guest(meeting)))
    assert client.get(page("meeting", meeting)).status_code == 200
    client.post(page("mine-registration", meeting), {"do": "forget"})
    assert client.get(page("meeting", meeting)).status_code == 404


def test_a_wrong_link_is_counted_wherever_it_is_tried(client, states, settings):
    settings.SAMSVAR_RATE_LIMITS = {"join": "3/m/ip"}
    meeting = a_meeting()
    tried = [page(one, meeting, "wrong") for one in ("schedule-by-link", "survey-by-link", "registration-link")] * 2
    assert [client.get(one).status_code for one in tried] == [404, 404, 404, 429, 429, 429]


def test_a_lost_link_goes_to_its_own_address_and_the_page_says_the_same_to_everybody(client, states):
    meeting = a_meeting()
    row = a_guest(meeting)
    long_over = a_meeting()
    a_guest(long_over)
    models.Meeting.objects.filter(pk=long_over.pk).update(begins=in_days(-500), ends=in_days(-499))
    Letter.objects.all().delete()
    where = reverse("meetings:link-again")
    asked = ["nobody@network.example", "Guest@network.example"]
    pages = [Client().post(where, {"email": one}).content for one in asked]
    first, second = (re.sub(rb'(nonce|value)="[^"]*"', b"", one) for one in pages)
    assert first == second
    (letter,) = Letter.objects.all()
    assert (letter.to, own_link(row) in letter.body) == ("guest@network.example", True)
    assert [Client().post(where, {"email": asked[1]}).status_code for _one in range(3)][-1] == 429


def test_two_without_an_account_meet_one_to_one_and_read_of_it_by_letter(client, states):
    meeting = a_meeting()
    starts = timezone.now() + timedelta(days=30)
    models.EncounterTime.objects.create(
        meeting=meeting, starts=starts, ends=starts + timedelta(hours=1), minutes=20, tables=2
    )
    one, two = a_guest(meeting, name="Ana Moreau"), a_guest(meeting, "two@network.example", name="Dorin Kest")
    walk_in = make_guest(meeting, "Nobody Reaches Them")
    models.OpenToTalk.objects.create(registration=walk_in)
    second = Client()
    client.get(own_link(one)), second.get(own_link(two))
    second.post(page("open-to-talk", meeting), {"about": "Shelters"})
    shown = client.get(page("one-to-one", meeting)).content.decode()
    assert ("Dorin Kest" in shown, "Nobody Reaches Them" in shown) == (True, False)
    saw = Entry.objects.filter(saw=True, person=two.person.public_id, subject__contains=one.public_id)
    assert saw.exists()
    Letter.objects.all().delete()
    client.post(page("ask-to-talk", meeting, two.public_id), {"about": "About shelters"})
    encounter = models.Encounter.objects.get()
    client.post(page("answer-to-talk", meeting, encounter.public_id, "accept"))  # whoever asked does not agree to it
    second.post(page("answer-to-talk", meeting, encounter.public_id, "accept"))
    encounter.refresh_from_db()
    assert encounter.state == "accepted"
    letters = list(Letter.objects.order_by("pk").values_list("to", flat=True))
    assert letters == ["two@network.example", "guest@network.example"]
    assert own_link(two) in Letter.objects.order_by("pk")[0].body


def test_somebody_signed_in_stays_who_they_are_whatever_link_they_open(client, states):
    from tests.factories.people import sign_in

    meeting = a_meeting()
    row, account = a_guest(meeting), make_account()
    make_person(account=account, details={Field.NAME: "Vero Lindqvist"})
    sign_in(client, account)
    assert client.get(own_link(row)).status_code == 200
    assert client.get(page("meeting", meeting)).status_code == 404


def test_a_change_of_the_programme_is_told_by_the_link_that_opens_it(states):
    meeting = a_meeting()
    session, row = make_session(meeting, access=Access.PARTICIPANTS), a_guest(meeting)
    models.Appearance.objects.create(session=session, person=row.person, part="speaker")
    published(meeting)
    Letter.objects.all().delete()
    models.Session.objects.filter(pk=session.pk).update(title={"en": "Another title"})
    published(meeting, tell_them=True)
    (letter,) = Letter.objects.all()
    assert (letter.to, own_link(row) in letter.body) == ("guest@network.example", True)


def a_calendar(client: Client, address: str) -> str:
    """The secret address that this page makes."""
    answer = client.post(address)
    assert (answer.status_code, answer["Cache-Control"]) == (200, "private, no-store")
    found = re.search(r"http://testserver(/\S+schedule\.ics)", answer.content.decode())
    assert found
    return found[1]


def test_a_calendar_is_made_by_the_link_read_by_whoever_has_its_address_and_made_anew(client, states):
    meeting = a_meeting()
    mine = make_session(meeting, access=Access.PARTICIPANTS, title={"en": "Behind the door"})
    make_session(meeting, 11, access=Access.PARTICIPANTS, title={"en": "Not chosen"})
    published(meeting)
    row = a_guest(meeting)
    token = actions_emails.token_of(row)
    schedule = page("schedule-by-link", meeting, token)
    client.post(f"{schedule}choose/", {"session": mine.public_id})
    assert "Make an address" in client.get(schedule).content.decode()
    assert "End the address I have" not in client.get(schedule).content.decode()
    first = a_calendar(client, f"{schedule}calendar/")
    link = models.ScheduleLink.objects.get()
    assert (link.account, link.registration, token in first) == (None, row, False)
    body = Client().get(first).content.decode()
    assert (body.count("BEGIN:VEVENT"), "Behind the door" in body, "Brookmantle" in body) == (1, True, False)
    second = a_calendar(client, page("make-calendar", meeting))  # as whoever the link has let in
    assert second != first
    assert [Client().get(one).status_code for one in (first, second)] == [404, 200]
    assert "End the address I have" in client.get(schedule).content.decode()
    assert client.post(f"{schedule}calendar/", {"end": "1"})["Location"] == schedule
    assert (Client().get(second).status_code, models.ScheduleLink.objects.count()) == (404, 0)
    made = Entry.objects.filter(verb="made a calendar of their own")
    assert list(made.values_list("actor", "person")) == [(None, row.person.public_id)] * 2  # type: ignore[union-attr]


@pytest.mark.parametrize("end", ["declined", "put back", "account", "erased"])
def test_a_calendar_by_link_ends_with_the_registration(client, states, end):
    from samsvar.site.network.data_inventory import subject_of
    from samsvar.site.network.privacy.actions.privacy import erase
    from tests.factories.meetings import organiser_of

    meeting = a_meeting(approval=end == "put back")
    published(meeting)
    row = a_guest(meeting)
    if end == "put back":
        decisions.approve(registration=row, by=organiser_of(meeting), site=SITE)
    address = a_calendar(client, f"{page('schedule-by-link', meeting, actions_emails.token_of(row))}calendar/")
    assert Client().get(address).status_code == 200
    row.refresh_from_db()
    if end == "declined":
        decisions.decline(registration=row, site=SITE, by=None)
    elif end == "put back":
        decisions.put_back(registration=row, by=organiser_of(meeting), reason="A mistake", site=SITE)
    elif end == "account":
        actions.take_over(account=make_account(email="guest@network.example"), meeting=meeting, site=SITE)
    else:
        erase(subject=subject_of(person=row.person), by=None, asked="by letter")
    assert Client().get(address).status_code == 404
    assert models.ScheduleLink.objects.exists() == (end in {"put back", "account"})


def test_a_link_that_nobody_was_sent_makes_no_calendar(client, states):
    meeting = a_meeting()
    published(meeting)
    for address in (f"{page('schedule-by-link', meeting, 'none')}calendar/", page("make-calendar", meeting)):
        assert client.post(address).status_code in {302, 404}
    assert not models.ScheduleLink.objects.exists()
