"""The days of a meeting: who came, counted once, whatever devices at the door send and how often."""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as how
from hypothesis import strategies as st

from samsvar.meetings.day import Hours, Seating, Span, seatings, seen_at
from samsvar.meetings.registration import Standing
from samsvar.site.audit.models import Entry
from samsvar.site.meetings import models
from samsvar.site.meetings.attendance.actions.check_in import (
    Met,
    NoPlaceAtTheDoor,
    check_in,
    merge_sightings,
    undo_check_in,
)
from samsvar.site.meetings.attendance.actions.one_to_one import (
    AskedAlready,
    AskedOften,
    CannotBeAsked,
    NoFreeTime,
    accept,
    ask,
    call_off,
    decline,
    open_to_talk,
    set_hours,
)
from samsvar.site.meetings.attendance.actions.schedule import NoPlaceLeft, NoSignUp, let_go, sign_up
from samsvar.site.meetings.attendance.actions.walk_ins import Stranger, WalkIn, same_person
from samsvar.site.meetings.attendance.queries.check_in import arrivals, entered_twice, name_key, ticket_hash
from samsvar.site.meetings.attendance.queries.schedule import Owner, now_and_next, talks_of
from samsvar.site.network.models import Letter
from tests.factories.meetings import give_duty, make_guest, make_meeting, organiser_of, published
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
    assert abs(stored.at - then) < MINUTE  # a busy machine is slow to answer, and the way there counts


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


def test_somebody_without_a_registration_gets_a_place_on_the_spot_while_one_is_free(client, db):
    meeting = make_meeting()
    models.Quota.objects.create(meeting=meeting, kind="whole", places=1)
    sign_in(client, organiser_of(meeting), staff_session="at the door")
    address = reverse("meetings:walk-in", args=[meeting.public_id])
    said = {"name": "Ana Moreau", "email": "ana@network.example", "category": "participant"}
    assert client.post(address, said).status_code == 302
    assert client.post(address, said).status_code == 302  # once more changes nothing
    assert client.post(address, said | {"name": "Late Comer", "email": "late@network.example"}).status_code == 302
    assert [(row.standing, row.check_ins.count()) for row in meeting.registrations.order_by("pk")] == [
        ("confirmed", 1),
        ("waiting", 0),
    ]
    assert client.post(address, {"name": ""}).status_code == 422


def test_somebody_without_an_address_gets_a_place_and_no_letter_and_is_asked_about_list_and_photographs(client, db):
    meeting = make_meeting()
    sign_in(client, organiser_of(meeting), staff_session="at the door")
    said = {"name": "Ana Moreau", "photographs": "no", "listed": "participants"}
    client.post(reverse("meetings:walk-in", args=[meeting.public_id]), said)
    row = meeting.registrations.get()
    assert (row.standing, row.category, row.photographs, row.listed) == (
        "confirmed", "participant", False, "participants",
    )  # fmt: skip
    assert ([one.walked_in for one in row.check_ins.all()], Letter.objects.count()) == ([True], 0)


def test_a_helper_at_the_door_writes_somebody_down_and_decides_nothing(at_the_door):
    client, meeting = at_the_door
    models.Meeting.objects.update(approval=True)
    client.post(reverse("meetings:walk-in", args=[meeting.public_id]), {"name": "Ana Moreau"})
    assert [(row.standing, row.check_ins.count()) for row in meeting.registrations.all()] == [("asked", 0)]
    organiser = sign_in(Client(), organiser_of(meeting), staff_session="at the door")
    organiser.post(reverse("meetings:walk-in", args=[meeting.public_id]), {"name": "Petra Lind"})
    assert meeting.registrations.filter(standing="confirmed").count() == 1


# --- Walk-ins that a device wrote down --------------------------------------------------------------------------------


def bring(client, meeting, *came, device="phone-1"):
    """`came`: (number, what was said, or None)."""
    now = timezone.now().isoformat()
    body = {
        "device": device,
        "sent": now,
        "seen": [{"id": str(key), "at": now, "walk_in": said} for key, said in came],
    }
    address = reverse("meetings:merge-check-ins", args=[meeting.public_id])
    return client.post(address, json.dumps(body), content_type="application/json").json()["answers"]


def test_a_walk_in_of_a_device_is_stored_once_however_often_it_is_sent(at_the_door):
    client, meeting = at_the_door
    key = uuid.uuid4()
    said = {"name": "Ana Moreau", "group": "researchers", "photographs": "yes", "listed": "public"}
    answers = [bring(client, meeting, (key, said))[str(key)] for _ in range(3)]
    row = meeting.registrations.get()
    assert (answers, row.standing, row.group, row.photographs) == (
        ["stored", "known", "known"], "confirmed", "researchers", True,
    )  # fmt: skip
    assert [(one.pk, one.walked_in, one.device) for one in row.check_ins.all()] == [(key, True, "phone-1")]


def test_who_came_when_every_place_was_taken_is_stored_and_shown_for_a_look(at_the_door):
    client, meeting = at_the_door
    models.Quota.objects.create(meeting=meeting, kind="whole", places=1)
    first, second = uuid.uuid4(), uuid.uuid4()
    answers = bring(client, meeting, (first, {"name": "Ana Moreau"}), (second, {"name": "Late Comer"}))
    assert answers == {str(first): "stored", str(second): "no_place"}
    assert [(row.standing, row.check_ins.count()) for row in meeting.registrations.order_by("pk")] == [
        ("confirmed", 1), ("waiting", 1),
    ]  # fmt: skip
    page = client.get(reverse("meetings:check-in", args=[meeting.public_id])).content.decode()
    assert page.index("Came in without a place") < page.rindex("Late Comer")


def test_what_a_device_kept_is_not_refused_for_what_cannot_be_used_of_it(at_the_door):
    client, meeting = at_the_door
    keys = [uuid.uuid4() for _ in range(3)]
    said = [{"name": "Ana " + "M" * 200, "country": "??", "group": "kings"}, {"name": ""}, None]
    answers = bring(client, meeting, *zip(keys, said, strict=True))
    assert [answers[str(key)] for key in keys] == ["stored", "nameless", "nameless"]
    row = meeting.registrations.get()
    assert (row.state_id, row.group) == (None, "")
    page = reverse("meetings:check-in", args=[meeting.public_id])
    assert "Came in, and the name is not known" in client.get(page).content.decode()
    organiser = sign_in(Client(), organiser_of(meeting), staff_session="at the door")
    for key in keys[1:]:
        organiser.post(reverse("meetings:look-at-walk-in", args=[meeting.public_id]), {"check_in": str(key)})
    assert "the name is not known" not in client.get(page).content.decode()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Ștefania Brâncuș", "stefania  BRANCUS", True),
        ("Ana Moreau", "Moreau Ana", True),
        ("Ana Moreau", "Ana Moreaux", False),
        ("Олена Їжак", "олена їжак", True),
    ],
)
def test_a_name_is_the_same_without_marks_and_in_whatever_order(one, other, same):
    assert (name_key(one) == name_key(other)) is same


def test_two_devices_that_wrote_down_one_person_are_for_the_organiser_to_look_at(at_the_door):
    client, meeting = at_the_door
    guest = make_guest(meeting, "Somebody Else")
    keys = [uuid.uuid4() for _ in range(3)]
    answers = bring(client, meeting, (keys[0], {"name": "Ana Moreau"}), device="phone-1")
    answers |= bring(client, meeting, (keys[1], {"name": "MOREAU Ana"}), (keys[2], {"name": "Somebody Else"}))
    assert answers == {str(keys[0]): "stored", str(keys[1]): "same_name", str(keys[2]): "same_name"}
    assert meeting.registrations.filter(standing="confirmed").count() == 4
    by = organiser_of(meeting)
    found = [(one.guest.name, [other.name for other in one.others]) for one in entered_twice(by, meeting)]
    assert found == [("MOREAU Ana", ["Ana Moreau"]), ("Somebody Else", ["Somebody Else"])]

    # a helper sees it, and decides nothing
    address = reverse("meetings:look-at-walk-in", args=[meeting.public_id])
    first = models.CheckIn.objects.get(pk=keys[0]).registration
    assert client.post(address, {"check_in": str(keys[1]), "registration": first.public_id}).status_code == 403
    organiser = sign_in(Client(), by, staff_session="at the door")
    organiser.post(address, {"check_in": str(keys[1]), "registration": first.public_id})
    organiser.post(address, {"check_in": str(keys[2])})  # two people
    assert entered_twice(by, meeting) == []
    assert sorted((row.standing, row.check_ins.count()) for row in meeting.registrations.all()) == [
        ("confirmed", 0), ("confirmed", 1), ("confirmed", 2), ("withdrawn", 0),
    ]  # fmt: skip
    assert meeting.registrations.get(standing="withdrawn").person is None
    assert guest.check_ins.count() == 0
    twice = organiser.post(address, {"check_in": str(keys[0]), "registration": first.public_id}, follow=True)
    assert "stands otherwise" in twice.content.decode()


@pytest.mark.parametrize("standing", ["nominated", "asked", "waiting", "confirmed"])
def test_whoever_stands_in_the_hall_and_was_registered_has_one_place(at_the_door, standing):
    client, meeting = at_the_door
    holds = Standing(standing).holds_a_place
    models.Quota.objects.create(meeting=meeting, kind="whole", places=2, taken=int(holds))
    before = make_guest(meeting, "Ana Moreau", standing=standing, waiting_number=None if holds else 1)
    key = uuid.uuid4()
    bring(client, meeting, (key, {"name": "Ana Moreau"}))
    walked = models.CheckIn.objects.get(pk=key)
    same_person(by=organiser_of(meeting), check_in=walked, registration=before, site="https://a.example/")
    before.refresh_from_db()
    assert (before.standing, before.check_ins.count(), meeting.quotas.get().taken) == ("confirmed", 1, 1)


NAMES = ("Ana Moreau", "Petra Lind", "Olena Kostenko")


@pytest.mark.django_db
@how(max_examples=15, stateful_step_count=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_whatever_devices_send_and_how_often_nobody_is_lost_and_no_place_is_given_twice(data):
    with transaction.atomic():
        _merge_of_anything(data)
        transaction.set_rollback(True)


def _merge_of_anything(data):
    meeting, by = make_meeting(), make_account()
    give_duty(meeting, by)
    places = data.draw(st.integers(0, 4))
    models.Quota.objects.create(meeting=meeting, kind="whole", places=places)
    came = [
        WalkIn(uuid.UUID(int=number + 1), TEN + minutes * MINUTE, Stranger(name) if name else None)
        for number, (name, minutes) in enumerate(
            data.draw(st.lists(st.tuples(st.sampled_from([*NAMES, ""]), st.integers(0, 90)), max_size=6))
        )
    ]
    said: dict[uuid.UUID, list[Met]] = {}
    parcels = st.tuples(st.sampled_from(["phone-1", "phone-2"]), st.lists(st.sampled_from(came or [None]), max_size=6))
    for device, some in [*data.draw(st.lists(parcels, max_size=5)), ("phone-1", came)]:
        strangers = [one for one in some if one is not None]
        answers = merge_sightings(
            by=by,
            meeting=meeting,
            device=device,
            sent=TEN,
            sightings=(),
            strangers=strangers,
            site="https://a.example/",
        )
        assert set(answers) == {one.id for one in strangers}
        for key, met in answers.items():
            said.setdefault(key, []).append(met)
    stored = {one.pk: one for one in meeting.check_ins.select_related("registration__person")}
    assert set(stored) == {one.id for one in came}  # each once
    names = {
        one.pk: one.registration.person.details.get(field="name").value if one.registration else ""
        for one in stored.values()
    }
    assert names == {one.id: one.said.name if one.said else "" for one in came}
    assert all(met[0] is not Met.KNOWN and set(met[1:]) <= {Met.KNOWN} for met in said.values())
    named = sum(one.said is not None for one in came)
    assert meeting.registrations.filter(standing="confirmed").count() == min(places, named)
    assert meeting.quotas.get().taken == min(places, named)
    listed = {one.check_in.pk for one in entered_twice(by, meeting)}
    assert len(listed) == named - len({one.said.name for one in came if one.said})


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


# --- One's own schedule -----------------------------------------------------------------------------------------------


def make_session(meeting, title, starts, minutes=60, **more):
    return models.Session.objects.create(
        **{
            "meeting": meeting,
            "title": {"en": title},
            "state": models.Session.State.READY,
            "starts": starts,
            "ends": starts + minutes * MINUTE,
        }
        | more
    )


@pytest.fixture
def a_programme(db):
    """A meeting with two sessions at the same time, published."""
    meeting = make_meeting()
    one = make_session(meeting, "Beds in small towns", TEN, places=1)
    other = make_session(meeting, "Funding a helpline", TEN + 30 * MINUTE)
    published(meeting)
    meeting.refresh_from_db()
    return meeting, one, other


def test_somebody_chooses_sessions_and_reads_which_are_held_at_once(client, a_programme):
    meeting, one, other = a_programme
    sign_in(client, make_account())
    for session in (one, other):
        address = reverse("meetings:choose-session", args=[meeting.public_id, "choose"])
        client.post(address, {"session": session.public_id})
        client.post(address, {"session": session.public_id})
    assert models.MySession.objects.count() == 2
    page = client.get(reverse("meetings:my-schedule", args=[meeting.public_id])).content.decode()
    assert ("at the same time as Funding a helpline" in page, "at the same time as Beds in small towns" in page) == (
        True,
        True,
    )
    client.post(reverse("meetings:choose-session", args=[meeting.public_id, "let-go"]), {"session": one.public_id})
    assert list(models.MySession.objects.values_list("session", flat=True)) == [other.pk]


def test_the_last_place_of_a_session_is_given_once(a_programme):
    meeting, one, _other = a_programme
    first, second = make_guest(meeting, account=make_account()), make_guest(meeting, account=make_account())
    sign_up(owner=Owner(first.person.account, first), session=one)
    sign_up(owner=Owner(first.person.account, first), session=one)  # who has a place takes no second one
    with pytest.raises(NoPlaceLeft):
        sign_up(owner=Owner(second.person.account, second), session=one)
    let_go(owner=Owner(first.person.account, first), session=one)
    assert sign_up(owner=Owner(second.person.account, second), session=one).signed_up


def test_who_has_no_place_at_the_meeting_takes_none_in_a_session(a_programme):
    _meeting, one, _other = a_programme
    with pytest.raises(NoSignUp):
        sign_up(owner=Owner(make_account(), None), session=one)


def test_a_link_of_ones_own_opens_a_schedule_without_an_account_and_is_kept_by_no_cache(client, a_programme):
    meeting, one, _other = a_programme
    guest = make_guest(meeting, token_hash=hashlib.sha256(b"a-long-token").hexdigest())
    address = reverse("meetings:schedule-by-link", kwargs={"slug": meeting.public_id, "token": "a-long-token"})
    assert client.get(address)["Cache-Control"] == "private, no-store"
    client.post(f"{address}choose/", {"session": one.public_id})
    assert list(models.MySession.objects.values_list("registration", "account")) == [(guest.pk, None)]
    wrong = reverse("meetings:schedule-by-link", kwargs={"slug": meeting.public_id, "token": "another"})
    assert client.get(wrong).status_code == 404


def test_a_secret_address_gives_ones_own_calendar_until_it_is_ended(client, a_programme):
    meeting, one, _other = a_programme
    account = make_account()
    sign_in(client, account)
    client.post(reverse("meetings:choose-session", args=[meeting.public_id, "choose"]), {"session": one.public_id})
    make = reverse("meetings:make-calendar", args=[meeting.public_id])
    page = client.post(make).content.decode()
    address = re.search(r"http://testserver(/\S+schedule\.ics)", page)[1]
    anybody = Client()
    body = anybody.get(address).content.decode()
    assert (body.count("BEGIN:VEVENT"), "Beds in small towns" in body, "Funding" in body) == (1, True, False)
    assert anybody.get(address)["Cache-Control"] == "private, no-store"
    client.post(make, {"end": "1"})
    assert anybody.get(address).status_code == 404


@pytest.mark.django_db
def test_whoever_appears_in_a_session_finds_it_in_their_schedule_and_calendar_with_their_part(client):
    meeting = make_meeting()
    guest = make_guest(meeting, account=make_account())
    held = make_session(meeting, "Beds in small towns", TEN, interpreted=[{"language": "fr", "channel": "2"}])
    chaired = make_session(meeting, "Funding a helpline", TEN + 30 * MINUTE)
    make_session(meeting, "Somebody else's", TEN + 300 * MINUTE)
    for session, part, language in ((held, "interpreter", "fr"), (chaired, "chair", "")):
        models.Appearance.objects.create(session=session, person=guest.person, part=part, language=language)
    published(meeting, with_conflicts=True)
    address = reverse("meetings:my-schedule", args=[meeting.public_id])
    page = " ".join(sign_in(client, guest.person.account).get(address).content.decode().split())
    assert "you: interpreter into French (channel 2)" in page
    assert "you: chair" in page
    assert page.count("at the same time as") == 2
    assert "Take out" not in page
    made = client.post(reverse("meetings:make-calendar", args=[meeting.public_id])).content.decode()
    body = Client().get(re.search(r"http://testserver(/\S+schedule\.ics)", made)[1]).content.decode()
    assert (body.count("BEGIN:VEVENT"), "Somebody else" in body) == (2, False)
    other = sign_in(Client(), make_account()).get(address).content.decode()
    assert "you:" not in other


# --- Now and next -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "now", "following", "changes"),
    [
        (TEN - MINUTE, [], ["Beds in small towns"], TEN),
        (TEN, ["Beds in small towns"], ["Funding a helpline"], TEN + 30 * MINUTE),
        (TEN + 59 * MINUTE, ["Beds in small towns", "Funding a helpline"], [], TEN + 60 * MINUTE),
        (TEN + 60 * MINUTE, ["Funding a helpline"], [], TEN + 90 * MINUTE),
        (TEN + 90 * MINUTE, [], [], None),
    ],
)
def test_what_is_on_and_what_comes_next(a_programme, moment, now, following, changes):
    meeting, _one, _other = a_programme
    found = now_and_next(AnonymousUser(), meeting, moment)
    assert [one.session.title["en"] for one in found.now] == now
    assert [one.session.title["en"] for one in found.next] == following
    assert found.changes_at == changes


def test_news_of_the_programme_end_at_once_and_hold_no_thread(client, a_programme):
    meeting, _one, _other = a_programme
    answer = client.get(reverse("meetings:now-events", args=[meeting.public_id]))
    assert answer.content == b"retry: 10000\nid: 1\nevent: programme\ndata: 1\n\n"
    assert (answer["Content-Type"], answer["Cache-Control"]) == (
        "text/event-stream; charset=utf-8",
        "public, no-cache",
    )
    page = client.get(reverse("meetings:now", args=[meeting.public_id]))
    assert (page.status_code, page["Cache-Control"]) == (200, "no-cache")  # it goes with the clock: kept by nobody


# --- One-to-one meetings ----------------------------------------------------------------------------------------------

SITE = "https://samsvar.example/"


@pytest.fixture
def in_the_hall(db):
    """A meeting with an hour for one-to-one meetings at one table, and three people; two agreed to be asked."""
    meeting = make_meeting()
    tomorrow = (timezone.now() + timedelta(days=1)).replace(minute=0, second=0, microsecond=0)
    set_hours(
        by=organiser_of(meeting), meeting=meeting, starts=tomorrow, ends=tomorrow + 60 * MINUTE, minutes=20, tables=1
    )
    people = [make_guest(meeting, f"Guest {name}", account=make_account()) for name in ("A", "B", "C")]
    for one in people[:2]:
        open_to_talk(by=one.person.account, registration=one, about="Shelters")
    return meeting, tomorrow, people


def asks(asker, asked, about="Your helpline"):
    return ask(by=asker.person.account, asker=asker, asked=asked, about=about, site=SITE)


def test_two_people_meet_at_the_first_time_when_both_are_free_and_it_stands_in_both_schedules(in_the_hall):
    meeting, starts, (a, b, c) = in_the_hall
    busy = make_session(meeting, "A session of hers", starts, 20)
    models.MySession.objects.create(account=c.person.account, session=busy)
    made = accept(by=b.person.account, encounter=asks(c, b), site=SITE)
    assert (made.starts, made.table) == (starts + 20 * MINUTE, 1)
    other = accept(by=a.person.account, encounter=asks(b, a), site=SITE)
    assert (other.starts, other.table) == (starts, 1)
    assert [talk.name for talk in talks_of(b.person.account, b, meeting)] == ["Guest A", "Guest C"]
    assert [talk.name for talk in talks_of(c.person.account, c, meeting)] == ["Guest B"]


def test_where_no_time_is_left_the_question_waits(in_the_hall):
    meeting, starts, (a, b, _c) = in_the_hall
    models.MySession.objects.create(account=a.person.account, session=make_session(meeting, "All along", starts, 60))
    encounter = asks(b, a)
    with pytest.raises(NoFreeTime):
        accept(by=a.person.account, encounter=encounter, site=SITE)
    encounter.refresh_from_db()
    assert (encounter.state, encounter.seats.count()) == ("asked", 0)


def test_what_is_called_off_gives_its_table_back_and_what_is_declined_is_not_asked_again(in_the_hall):
    _meeting, starts, (a, b, c) = in_the_hall
    first = accept(by=a.person.account, encounter=asks(b, a), site=SITE)
    call_off(by=b.person.account, encounter=first, site=SITE)
    second = accept(by=a.person.account, encounter=asks(c, a), site=SITE)
    assert (second.starts, second.table) == (starts, 1)
    decline(by=b.person.account, encounter=asks(c, b), site=SITE)
    with pytest.raises(CannotBeAsked):
        asks(c, b)


def test_nobody_answers_for_somebody_else(in_the_hall):
    _meeting, _starts, (a, b, c) = in_the_hall
    encounter = asks(b, a)
    for act in (accept, decline, call_off):
        with pytest.raises(PermissionDenied):
            act(by=c.person.account, encounter=encounter, site=SITE)
    with pytest.raises(PermissionDenied):
        accept(by=b.person.account, encounter=encounter, site=SITE)  # whoever asked does not agree to it


def test_only_who_agreed_is_asked_and_nobody_at_risk_stands_in_the_list(client, in_the_hall):
    meeting, _starts, (a, b, c) = in_the_hall
    with pytest.raises(CannotBeAsked):
        asks(a, c)
    type(b.person).objects.filter(pk=b.person_id).update(at_risk=True, pseudonym="M. Lindgren")
    with pytest.raises(CannotBeAsked):
        asks(c, b)
    sign_in(client, c.person.account)
    page = client.get(reverse("meetings:one-to-one", args=[meeting.public_id])).content.decode()
    assert ("Guest A" in page, "Guest B" in page, "Lindgren" in page) == (True, False, False)
    assert set(Entry.objects.filter(verb="saw").values_list("person", flat=True)) == {a.person.public_id}


def test_there_is_a_limit_to_how_many_somebody_asks_and_nobody_is_asked_twice(in_the_hall):
    meeting, _starts, (a, b, c) = in_the_hall
    asks(c, a)
    with pytest.raises(AskedAlready):
        asks(c, a)
    with pytest.raises(CannotBeAsked):
        asks(a, c)
    many = [make_guest(meeting, account=make_account()) for _one in range(4)]
    for one in many:
        open_to_talk(by=one.person.account, registration=one, about="")
        asks(c, one)
    with pytest.raises(AskedOften):
        asks(c, b)


def test_a_letter_says_that_something_waits_and_neither_from_whom_nor_why(in_the_hall):
    _meeting, _starts, (a, b, _c) = in_the_hall
    asks(b, a, about="Something private")
    letter = Letter.objects.get(to=a.person.account.email)
    assert ("Guest B" in letter.body, "private" in letter.body, "one-to-one" in letter.body) == (False, False, True)


@pytest.mark.django_db(transaction=True)
def test_two_who_are_accepted_at_the_same_moment_do_not_get_the_same_table_nor_one_person_two_tables():
    meeting = make_meeting()
    starts = (timezone.now() + timedelta(days=1)).replace(minute=0, second=0, microsecond=0)
    set_hours(by=organiser_of(meeting), meeting=meeting, starts=starts, ends=starts + 60 * MINUTE, minutes=20, tables=1)
    a, *others = [make_guest(meeting, account=make_account()) for _one in range(4)]
    for one in others:
        open_to_talk(by=one.person.account, registration=one, about="")
    waiting = [(one, asks(a, one)) for one in others]

    def agree(pair):
        one, encounter = pair
        try:
            return accept(by=one.person.account, encounter=encounter, site=SITE).starts
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as threads:
        found = sorted(threads.map(agree, waiting))
    assert found == [starts, starts + 20 * MINUTE, starts + 40 * MINUTE]
    assert models.Seat.objects.count() == 6


def test_the_organiser_sets_hours_and_reads_no_names_and_hours_given_up_are_told(client, in_the_hall):
    meeting, starts, (a, b, _c) = in_the_hall
    accept(by=a.person.account, encounter=asks(b, a), site=SITE)
    sign_in(client, organiser_of(meeting), staff_session="one-to-one meetings")
    address = reverse("meetings:manage-hours", args=[meeting.public_id])
    said = {"day": "2026-09-16", "starts": "14:00", "ends": "15:00", "minutes": 15, "tables": 4}
    assert client.post(address, said).status_code == 302
    assert client.post(address, said).status_code == 409  # at the same time once more
    assert client.post(address, said | {"day": "2026-10-01"}).status_code == 422
    assert models.EncounterTime.objects.order_by("-pk").first().starts == datetime(2026, 9, 16, 11, tzinfo=UTC)
    page = client.get(address).content.decode()
    assert ("Guest A" in page, "Guest B" in page) == (False, False)
    hours = meeting.encounter_times.get(starts=starts)
    client.post(reverse("meetings:remove-hours", args=[meeting.public_id]), {"hours": hours.pk})
    assert list(models.Encounter.objects.values_list("state", flat=True)) == ["cancelled"]
    assert models.Seat.objects.count() == 0
    assert Letter.objects.filter(to=a.person.account.email).count() == 2


def test_the_pages_of_one_to_one_meetings_ask_and_answer(client, in_the_hall):
    meeting, _starts, (a, _b, c) = in_the_hall
    sign_in(client, c.person.account)
    address = reverse("meetings:ask-to-talk", args=[meeting.public_id, a.public_id])
    assert "Guest A" in client.get(address).content.decode()
    client.post(address, {"about": "Your helpline"})
    encounter = models.Encounter.objects.get()
    sign_in(client, a.person.account)
    page = reverse("meetings:one-to-one", args=[meeting.public_id])
    assert "Your helpline" in client.get(page).content.decode()
    client.post(reverse("meetings:answer-to-talk", args=[meeting.public_id, encounter.public_id, "accept"]))
    assert "table 1" in client.get(page).content.decode()
    stranger = make_account()
    assert sign_in(client, stranger).get(page).status_code == 404
