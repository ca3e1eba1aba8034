"""The days of a meeting: who came, counted once, whatever devices at the door send and how often."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from samsvar.meetings.day import Hours, Seating, Span, seatings, seen_at
from samsvar.meetings.registration import Standing
from samsvar.site.meetings import models
from samsvar.site.meetings.actions.day import NoPlaceAtTheDoor, check_in, undo_check_in
from samsvar.site.meetings.queries.day import arrivals, ticket_hash
from samsvar.site.trail.models import Entry
from tests.factories.meetings import give_duty, make_guest, make_meeting, organiser_of
from tests.factories.people import make_account, sign_in

TEN = datetime(2026, 9, 15, 10, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


# --- What a device saw ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "sent", "received", "then"),
    [
        (TEN, TEN + 30 * MINUTE, TEN + 30 * MINUTE, TEN),  # a right clock
        (TEN - 60 * MINUTE, TEN - 30 * MINUTE, TEN + 30 * MINUTE, TEN),  # an hour slow
        (TEN + 90 * MINUTE, TEN + 120 * MINUTE, TEN + 30 * MINUTE, TEN),  # an hour and a half fast
        (TEN + 99 * MINUTE, TEN, TEN, TEN),  # from a future that was never sent from
        (datetime(1970, 1, 1, tzinfo=UTC), TEN, TEN, TEN - timedelta(days=7)),  # a clock that was set meanwhile
    ],
)
def test_the_time_of_a_check_in_is_ours_whatever_the_clock_of_the_device_says(said, sent, received, then):
    assert seen_at(said, sent=sent, received=received) == then


@pytest.fixture
def at_the_door(client, db):
    meeting = make_meeting()
    helper = make_account()
    give_duty(meeting, helper)
    return sign_in(client, helper), meeting


def send(client, meeting, *seen, sent=None, device="phone-1"):
    body = {
        "device": device,
        "sent": (sent or timezone.now()).isoformat(),
        "seen": [{"id": str(key), "registration": one, "at": moment.isoformat()} for key, one, moment in seen],
    }
    address = reverse("meetings:merge-check-ins", args=[meeting.public_id])
    return client.post(address, json.dumps(body), content_type="application/json")


def test_what_was_seen_without_a_connection_is_stored_once_however_often_it_is_sent(at_the_door):
    client, meeting = at_the_door
    guest, key, then = make_guest(meeting), uuid.uuid4(), timezone.now() - 30 * MINUTE
    first = send(client, meeting, (key, guest.public_id, then)).json()
    second = send(client, meeting, (key, guest.public_id, then)).json()
    assert first == {"answers": {str(key): "stored"}, "came": 1, "expected": 1}
    assert second == {"answers": {str(key): "known"}, "came": 1, "expected": 1}
    stored = models.CheckIn.objects.get()
    assert (stored.pk, stored.device) == (key, "phone-1")
    assert abs(stored.at - then) < timedelta(seconds=5)


def test_two_devices_that_saw_the_same_person_are_both_kept_and_the_person_counts_once(at_the_door):
    client, meeting = at_the_door
    guest = make_guest(meeting)
    now = timezone.now()
    send(client, meeting, (uuid.uuid4(), guest.public_id, now), device="phone-1")
    answer = send(client, meeting, (uuid.uuid4(), guest.public_id, now), device="phone-2").json()
    assert (answer["came"], models.CheckIn.objects.count()) == (1, 2)


def test_somebody_whose_place_was_cancelled_meanwhile_is_kept_and_shown_for_a_look(at_the_door):
    client, meeting = at_the_door
    guest = make_guest(meeting, "Cancelled Meanwhile")
    models.Registration.objects.update(standing=Standing.WITHDRAWN)
    key = uuid.uuid4()
    answer = send(client, meeting, (key, guest.public_id, timezone.now())).json()
    assert answer["answers"] == {str(key): "place_gone"}
    page = client.get(reverse("meetings:check-in", args=[meeting.public_id])).content.decode()
    assert "Came in without a place" in page
    assert "Cancelled Meanwhile" in page


def test_a_number_and_a_person_of_another_meeting_are_not_known_here(at_the_door):
    client, meeting = at_the_door
    elsewhere = make_guest(make_meeting())
    taken = check_in(by=make_account(), registration=elsewhere)
    here, fresh = make_guest(meeting), uuid.uuid4()
    now = timezone.now()
    answer = send(client, meeting, (taken.pk, here.public_id, now), (fresh, elsewhere.public_id, now)).json()
    assert answer["answers"] == {str(taken.pk): "unknown", str(fresh): "unknown"}
    assert models.CheckIn.objects.count() == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"sent": "yesterday", "seen": []}',
        b'{"sent": "2026-09-15T10:00:00", "seen": []}',  # of which zone
        b'{"sent": "2026-09-15T10:00:00Z", "seen": [{"id": "1", "registration": "x", "at": "2026-09-15T10:00:00Z"}]}',
        b'{"sent": "2026-09-15T10:00:00Z", "seen": [7]}',
    ],
)
def test_what_is_no_list_of_check_ins_is_refused_and_nothing_is_stored(at_the_door, body):
    client, meeting = at_the_door
    address = reverse("meetings:merge-check-ins", args=[meeting.public_id])
    answer = client.post(address, body, content_type="application/json")
    assert (answer.status_code, models.CheckIn.objects.count()) == (400, 0)


# --- At the door ------------------------------------------------------------------------------------------------------


def test_somebody_is_found_by_part_of_the_name_and_checked_in_without_any_script(at_the_door):
    client, meeting = at_the_door
    guest, other = make_guest(meeting, "Ștefania Brâncuș"), make_guest(meeting, "Somebody Else")
    page = reverse("meetings:check-in", args=[meeting.public_id])
    assert "Ștefania Brâncuș" in client.get(page, {"q": "brâ"}).content.decode()
    done = client.post(
        reverse("meetings:check-somebody-in", args=[meeting.public_id]), {"registration": guest.public_id}
    )
    assert done.status_code == 302
    assert (arrivals(meeting).came, arrivals(meeting).expected) == (1, 2)
    seen = set(Entry.objects.filter(verb="saw").values_list("person", flat=True))
    assert seen == {guest.person.public_id}  # who was not shown was not seen
    assert other.check_ins.count() == 0


def test_the_code_of_a_badge_checks_in_and_one_of_another_meeting_does_not(at_the_door):
    client, meeting = at_the_door
    guest, elsewhere = make_guest(meeting), make_guest(make_meeting())
    address = reverse("meetings:check-somebody-in", args=[meeting.public_id])
    client.post(address, {"ticket": guest.ticket})
    client.post(address, {"ticket": elsewhere.ticket})
    assert list(models.CheckIn.objects.values_list("registration", flat=True)) == [guest.pk]


def test_somebody_who_is_in_already_is_not_counted_twice_and_a_mistake_is_taken_back(db):
    meeting = make_meeting()
    guest, helper = make_guest(meeting), make_account()
    first = check_in(by=helper, registration=guest)
    assert check_in(by=helper, registration=guest) == first
    undo_check_in(by=helper, check_in=first)
    assert arrivals(meeting).came == 0
    assert check_in(by=helper, registration=guest) != first
    assert models.CheckIn.objects.count() == 2


def test_nobody_without_a_confirmed_place_is_checked_in(db):
    guest = make_guest(make_meeting(), standing=Standing.WAITING)
    with pytest.raises(NoPlaceAtTheDoor):
        check_in(by=make_account(), registration=guest)


def test_a_device_gets_names_and_no_ticket_and_of_people_at_risk_the_pseudonym(at_the_door):
    client, meeting = at_the_door
    guest = make_guest(meeting, "Ana Moreau", ticket="a-secret")
    hidden = make_guest(meeting, "Hidden Name", at_risk=True, pseudonym="M. Lindgren", ticket=None)
    answer = client.get(reverse("meetings:check-in-people", args=[meeting.public_id]))
    assert answer.json()["people"] == [
        {"id": guest.public_id, "name": "Ana Moreau", "ticket": ticket_hash("a-secret"), "came": False},
        {"id": hidden.public_id, "name": "M. Lindgren", "ticket": "", "came": False},
    ]
    assert datetime.fromisoformat(answer.json()["until"]) <= timezone.now() + timedelta(hours=12)
    assert answer["Cache-Control"] == "private, no-store"


def test_the_names_of_a_device_end_with_the_duty(at_the_door):
    client, meeting = at_the_door
    make_guest(meeting)
    ends = timezone.now() + 20 * MINUTE
    models.Duty.objects.update(until=ends)
    address = reverse("meetings:check-in-people", args=[meeting.public_id])
    assert datetime.fromisoformat(client.get(address).json()["until"]) == ends
    models.Duty.objects.update(until=timezone.now() - MINUTE)
    assert client.get(address).status_code == 403


def test_the_page_that_a_device_keeps_has_nobodys_name_on_it(at_the_door):
    client, meeting = at_the_door
    guest = make_guest(meeting, "Ana Moreau")
    client.post(reverse("meetings:check-somebody-in", args=[meeting.public_id]), {"registration": guest.public_id})
    page = reverse("meetings:check-in", args=[meeting.public_id])
    client.get(page)  # shows once that she was checked in
    assert "Ana Moreau" in client.get(page).content.decode()
    assert "Ana Moreau" not in client.get(page, {"kept": "1"}).content.decode()


def test_the_camera_is_for_the_doors_page_alone(at_the_door):
    client, meeting = at_the_door
    door = client.get(reverse("meetings:check-in", args=[meeting.public_id]))
    other = client.get(reverse("meetings:meeting", args=[meeting.public_id]))
    assert ("camera=(self)" in door["Permissions-Policy"], "camera=()" in other["Permissions-Policy"]) == (True, True)


@pytest.mark.parametrize("name", ["check-in", "check-in-people", "check-in-worker"])
def test_the_door_is_closed_to_whoever_has_no_duty_at_it(client, db, name):
    meeting, other = make_meeting(), make_meeting()
    elsewhere = make_account()
    give_duty(other, elsewhere)
    give_duty(meeting, elsewhere, kind="record")
    address = reverse(f"meetings:{name}", args=[meeting.public_id])
    assert sign_in(client, elsewhere).get(address).status_code == 403
    helper = make_account()
    give_duty(meeting, helper)
    assert sign_in(client, helper).get(address).status_code == 200


def test_the_organiser_reads_arrivals_by_day_of_the_meetings_own_zone(client, db):
    meeting = make_meeting()
    for at in (datetime(2026, 9, 15, 7, tzinfo=UTC), datetime(2026, 9, 15, 22, 30, tzinfo=UTC)):
        guest = make_guest(meeting)
        models.CheckIn.objects.create(meeting=meeting, registration=guest, at=at)
        models.CheckIn.objects.create(meeting=meeting, registration=guest, at=at + timedelta(days=1))
    assert [(day.isoformat(), count) for day, count in arrivals(meeting).by_day] == [
        ("2026-09-15", 1),
        ("2026-09-16", 1),
    ]
    sign_in(client, organiser_of(meeting), staff_session="the days")
    assert client.get(reverse("meetings:manage-day", args=[meeting.public_id])).status_code == 200


# --- One-to-one meetings: when and where ------------------------------------------------------------------------------


def at(minutes: int) -> datetime:
    return TEN + minutes * MINUTE


def test_two_people_sit_down_at_the_first_time_when_neither_is_busy_at_the_lowest_free_table():
    hours = [Hours(at(0), at(60), 20, 2)]
    found = list(
        seatings(hours, busy=[Span(at(-30), at(10))], taken=[(at(20), 1), (at(40), 1), (at(40), 2)], after=at(0))
    )
    assert found == [Seating(Span(at(20), at(40)), 2)]


def test_a_time_that_does_not_fit_to_its_end_is_none():
    assert [slot.starts for slot in Hours(at(0), at(50), 20, 1).slots()] == [at(0), at(20)]
