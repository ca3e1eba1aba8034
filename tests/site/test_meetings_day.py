"""Check-in on site: each attendee is counted once, whatever devices send and however often."""

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

from samsvar.ids import hash_secret
from samsvar.meetings.day import OneToOneHours, TableSlot, TimeRange, correct_device_time, find_free_slots
from samsvar.meetings.registration import RegistrationStatus
from samsvar.network.people import Field
from samsvar.site.audit.models import AuditEntry
from samsvar.site.meetings import models
from samsvar.site.meetings.attendance.actions.check_in import (
    NoConfirmedPlace,
    SyncResult,
    check_in,
    merge_offline_check_ins,
    undo_check_in,
)
from samsvar.site.meetings.attendance.actions.one_to_one import (
    AlreadyRequested,
    NoFreeTime,
    ParticipantUnavailable,
    TooManyRequests,
    accept_one_to_one,
    add_one_to_one_period,
    cancel_one_to_one,
    decline_one_to_one,
    opt_in,
    request_one_to_one,
)
from samsvar.site.meetings.attendance.actions.schedule import (
    SessionFull,
    SignUpNotAvailable,
    remove_from_schedule,
    sign_up,
)
from samsvar.site.meetings.attendance.actions.walk_ins import OfflineWalkIn, WalkInData, merge_walk_in
from samsvar.site.meetings.attendance.queries.check_in import (
    count_arrivals,
    normalise_name,
    possible_duplicates,
)
from samsvar.site.meetings.attendance.queries.schedule import ScheduleOwner, now_and_next, scheduled_one_to_ones
from samsvar.site.meetings.registration.actions.invitations import create_invitation
from samsvar.site.network.models import OutgoingEmail
from tests.factories.meetings import make_duty, make_meeting, make_organiser, make_registration, publish_programme
from tests.factories.people import make_account, make_person, sign_in

TEN = datetime(2026, 9, 15, 10, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


# --- Personal schedule ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "sent", "received", "then"),
    [
        (TEN, TEN + 30 * MINUTE, TEN + 30 * MINUTE, TEN),  # a correct clock
        (TEN - 60 * MINUTE, TEN - 30 * MINUTE, TEN + 30 * MINUTE, TEN),  # an hour slow
        (TEN + 90 * MINUTE, TEN + 120 * MINUTE, TEN + 30 * MINUTE, TEN),  # an hour and a half fast
        (TEN + 99 * MINUTE, TEN, TEN, TEN),  # later than the time of sending
        (datetime(1970, 1, 1, tzinfo=UTC), TEN, TEN, TEN - timedelta(days=7)),  # a clock that was reset meanwhile
    ],
)
def test_the_time_of_a_check_in_is_corrected_for_the_clock_of_the_device(said, sent, received, then):
    assert correct_device_time(said, sent=sent, received=received) == then


@pytest.fixture
def check_in_desk(client, db):
    meeting = make_meeting()
    helper = make_account()
    make_duty(meeting, helper)
    return sign_in(client, helper), meeting


def send_check_ins(client, meeting, *seen, sent=None, device="phone-1"):
    body = {
        "device": device,
        "sent": (sent or timezone.now()).isoformat(),
        "seen": [{"id": str(key), "registration": one, "at": moment.isoformat()} for key, one, moment in seen],
    }
    address = reverse("meetings:merge-check-ins", args=[meeting.public_id])
    return client.post(address, json.dumps(body), content_type="application/json")


def test_an_offline_check_in_is_stored_once_however_often_it_is_sent(check_in_desk):
    client, meeting = check_in_desk
    guest, key, then = make_registration(meeting), uuid.uuid4(), timezone.now() - 30 * MINUTE
    first = send_check_ins(client, meeting, (key, guest.public_id, then)).json()
    second = send_check_ins(client, meeting, (key, guest.public_id, then)).json()
    assert first == {"answers": {str(key): "stored"}, "came": 1, "expected": 1}
    assert second == {"answers": {str(key): "known"}, "came": 1, "expected": 1}
    stored = models.CheckIn.objects.get()
    assert (stored.pk, stored.device) == (key, "phone-1")
    assert abs(stored.at - then) < MINUTE  # tolerance for a busy machine and for the transfer


def test_check_ins_from_two_devices_are_both_stored_and_the_person_counts_once(check_in_desk):
    client, meeting = check_in_desk
    guest = make_registration(meeting)
    now = timezone.now()
    send_check_ins(client, meeting, (uuid.uuid4(), guest.public_id, now), device="phone-1")
    answer = send_check_ins(client, meeting, (uuid.uuid4(), guest.public_id, now), device="phone-2").json()
    assert (answer["came"], models.CheckIn.objects.count()) == (1, 2)


def test_a_check_in_for_a_withdrawn_registration_is_stored_and_listed_for_review(check_in_desk):
    client, meeting = check_in_desk
    guest = make_registration(meeting, "Cancelled Meanwhile")
    models.Registration.objects.update(status=RegistrationStatus.WITHDRAWN)
    key = uuid.uuid4()
    answer = send_check_ins(client, meeting, (key, guest.public_id, timezone.now())).json()
    assert answer["answers"] == {str(key): "place_gone"}
    page = client.get(reverse("meetings:check-in", args=[meeting.public_id])).content.decode()
    assert "Arrived without a place" in page
    assert "Cancelled Meanwhile" in page


def test_check_ins_and_registrations_of_another_meeting_are_unknown_here(check_in_desk):
    client, meeting = check_in_desk
    elsewhere = make_registration(make_meeting())
    taken = check_in(by=make_account(), registration=elsewhere)
    here, fresh = make_registration(meeting), uuid.uuid4()
    now = timezone.now()
    answer = send_check_ins(client, meeting, (taken.pk, here.public_id, now), (fresh, elsewhere.public_id, now)).json()
    assert answer["answers"] == {str(taken.pk): "unknown", str(fresh): "unknown"}
    assert models.CheckIn.objects.count() == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"sent": "yesterday", "seen": []}',
        b'{"sent": "2026-09-15T10:00:00", "seen": []}',  # without a time zone
        b'{"sent": "2026-09-15T10:00:00Z", "seen": [{"id": "1", "registration": "x", "at": "2026-09-15T10:00:00Z"}]}',
        b'{"sent": "2026-09-15T10:00:00Z", "seen": [7]}',
    ],
)
def test_an_invalid_list_of_check_ins_is_rejected_and_nothing_is_stored(check_in_desk, body):
    client, meeting = check_in_desk
    address = reverse("meetings:merge-check-ins", args=[meeting.public_id])
    answer = client.post(address, body, content_type="application/json")
    assert (answer.status_code, models.CheckIn.objects.count()) == (400, 0)


# --- At the check-in desk ---------------------------------------------------------------------------------------------


def test_a_guest_is_found_by_part_of_the_name_and_checked_in_without_javascript(check_in_desk):
    client, meeting = check_in_desk
    guest, other = make_registration(meeting, "Ștefania Brâncuș"), make_registration(meeting, "Somebody Else")
    page = reverse("meetings:check-in", args=[meeting.public_id])
    assert "Ștefania Brâncuș" in client.get(page, {"q": "brâ"}).content.decode()
    done = client.post(
        reverse("meetings:check-in-participant", args=[meeting.public_id]), {"registration": guest.public_id}
    )
    assert done.status_code == 302
    assert (count_arrivals(meeting).came, count_arrivals(meeting).expected) == (1, 2)
    seen = set(AuditEntry.objects.filter(verb="saw").values_list("person", flat=True))
    assert seen == {guest.person.public_id}  # only access to names that were shown is logged
    assert other.check_ins.count() == 0


def test_the_code_of_a_badge_checks_in_only_at_its_own_meeting(check_in_desk):
    client, meeting = check_in_desk
    guest, elsewhere = make_registration(meeting), make_registration(make_meeting())
    address = reverse("meetings:check-in-participant", args=[meeting.public_id])
    client.post(address, {"ticket": guest.ticket})
    client.post(address, {"ticket": elsewhere.ticket})
    assert list(models.CheckIn.objects.values_list("registration", flat=True)) == [guest.pk]


def test_a_guest_is_not_counted_twice_and_a_check_in_can_be_undone(db):
    meeting = make_meeting()
    guest, helper = make_registration(meeting), make_account()
    first = check_in(by=helper, registration=guest)
    assert check_in(by=helper, registration=guest) == first
    undo_check_in(by=helper, check_in=first)
    assert count_arrivals(meeting).came == 0
    assert check_in(by=helper, registration=guest) != first
    assert models.CheckIn.objects.count() == 2


def test_only_guests_with_a_confirmed_place_can_be_checked_in(db):
    guest = make_registration(make_meeting(), status=RegistrationStatus.WAITING)
    with pytest.raises(NoConfirmedPlace):
        check_in(by=make_account(), registration=guest)


def test_a_device_gets_names_hashed_tickets_and_pseudonyms_of_people_at_risk(check_in_desk):
    client, meeting = check_in_desk
    guest = make_registration(meeting, "Ana Moreau", ticket="a-secret")
    hidden = make_registration(meeting, "Hidden Name", at_risk=True, pseudonym="M. Lindgren", ticket=None)
    answer = client.get(reverse("meetings:check-in-people", args=[meeting.public_id]))
    assert answer.json()["people"] == [
        {"id": guest.public_id, "name": "Ana Moreau", "ticket": hash_secret("a-secret"), "came": False},
        {"id": hidden.public_id, "name": "M. Lindgren", "ticket": "", "came": False},
    ]
    assert datetime.fromisoformat(answer.json()["until"]) <= timezone.now() + timedelta(hours=12)
    assert answer["Cache-Control"] == "private, no-store"


def test_a_device_can_use_the_names_only_until_the_duty_ends(check_in_desk):
    client, meeting = check_in_desk
    make_registration(meeting)
    ends = timezone.now() + 20 * MINUTE
    models.Duty.objects.update(until=ends)
    address = reverse("meetings:check-in-people", args=[meeting.public_id])
    assert datetime.fromisoformat(client.get(address).json()["until"]) == ends
    models.Duty.objects.update(until=timezone.now() - MINUTE)
    assert client.get(address).status_code == 403


def test_the_page_that_a_device_stores_contains_no_names(check_in_desk):
    client, meeting = check_in_desk
    guest = make_registration(meeting, "Ana Moreau")
    client.post(reverse("meetings:check-in-participant", args=[meeting.public_id]), {"registration": guest.public_id})
    page = reverse("meetings:check-in", args=[meeting.public_id])
    client.get(page)  # shows once that she was checked in
    assert "Ana Moreau" in client.get(page).content.decode()
    assert "Ana Moreau" not in client.get(page, {"kept": "1"}).content.decode()


def test_only_the_check_in_page_may_use_the_camera(check_in_desk):
    client, meeting = check_in_desk
    door = client.get(reverse("meetings:check-in", args=[meeting.public_id]))
    other = client.get(reverse("meetings:meeting", args=[meeting.public_id]))
    assert ("camera=(self)" in door["Permissions-Policy"], "camera=()" in other["Permissions-Policy"]) == (True, True)


@pytest.mark.parametrize("name", ["check-in", "check-in-people", "check-in-worker"])
def test_the_check_in_pages_require_the_check_in_duty(client, db, name):
    meeting, other = make_meeting(), make_meeting()
    elsewhere = make_account()
    make_duty(other, elsewhere)
    make_duty(meeting, elsewhere, kind="record")
    address = reverse(f"meetings:{name}", args=[meeting.public_id])
    assert sign_in(client, elsewhere).get(address).status_code == 403
    helper = make_account()
    make_duty(meeting, helper)
    assert sign_in(client, helper).get(address).status_code == 200


def test_arrivals_are_counted_by_day_in_the_time_zone_of_the_meeting(client, db):
    meeting = make_meeting()
    for at in (datetime(2026, 9, 15, 7, tzinfo=UTC), datetime(2026, 9, 15, 22, 30, tzinfo=UTC)):
        guest = make_registration(meeting)
        models.CheckIn.objects.create(meeting=meeting, registration=guest, at=at)
        models.CheckIn.objects.create(meeting=meeting, registration=guest, at=at + timedelta(days=1))
    assert [(day.isoformat(), count) for day, count in count_arrivals(meeting).by_day] == [
        ("2026-09-15", 1),
        ("2026-09-16", 1),
    ]
    sign_in(client, make_organiser(meeting), staff_session="the days")
    assert client.get(reverse("meetings:manage-day", args=[meeting.public_id])).status_code == 200


def test_a_walk_in_gets_a_place_while_one_is_free(client, db):
    meeting = make_meeting()
    models.Quota.objects.create(meeting=meeting, kind="whole", places=1)
    sign_in(client, make_organiser(meeting), staff_session="at the door")
    address = reverse("meetings:walk-in", args=[meeting.public_id])
    said = {"name": "Ana Moreau", "email": "ana@network.example", "category": "participant"}
    assert client.post(address, said).status_code == 302
    assert client.post(address, said).status_code == 302  # repeating it changes nothing
    assert client.post(address, said | {"name": "Late Comer", "email": "late@network.example"}).status_code == 302
    assert [(row.status, row.check_ins.count()) for row in meeting.registrations.order_by("pk")] == [
        ("confirmed", 1),
        ("waiting", 0),
    ]
    assert client.post(address, {"name": ""}).status_code == 422


def test_a_walk_in_without_an_email_address_gets_a_place_and_no_email(client, db):
    meeting = make_meeting()
    sign_in(client, make_organiser(meeting), staff_session="at the door")
    said = {"name": "Ana Moreau", "photographs": "no", "listed": "participants"}
    client.post(reverse("meetings:walk-in", args=[meeting.public_id]), said)
    row = meeting.registrations.get()
    assert (row.status, row.category, row.photographs, row.listed) == (
        "confirmed", "participant", False, "participants",
    )  # fmt: skip
    assert ([one.walked_in for one in row.check_ins.all()], OutgoingEmail.objects.count()) == ([True], 0)


def test_a_helper_can_enter_a_walk_in_but_not_approve_it(check_in_desk):
    client, meeting = check_in_desk
    models.Meeting.objects.update(approval=True)
    client.post(reverse("meetings:walk-in", args=[meeting.public_id]), {"name": "Ana Moreau"})
    assert [(row.status, row.check_ins.count()) for row in meeting.registrations.all()] == [("asked", 0)]
    organiser = sign_in(Client(), make_organiser(meeting), staff_session="at the door")
    organiser.post(reverse("meetings:walk-in", args=[meeting.public_id]), {"name": "Petra Lind"})
    assert meeting.registrations.filter(status="confirmed").count() == 1


AT_RISK = {"at_risk": True, "pseudonym": "A. Heron"}


@pytest.mark.parametrize("how", ["account", "invitation", "declined", "invited only"])
def test_the_address_of_a_person_at_risk_is_a_strangers_at_the_door(check_in_desk, how):
    """A helper who knows an address must not learn the pseudonym behind it."""
    client, meeting = check_in_desk
    address, hidden = "guest@network.example", None
    if how == "account":
        hidden = make_registration(meeting, "Ana Hidden", account=make_account(email=address), **AT_RISK)
    else:
        person = make_person(details={Field.NAME: "Ana Hidden"}, **AT_RISK)
        invitation = create_invitation(
            meeting, address, by=make_account(), expires_at=timezone.now() + timedelta(days=9), language="en",
            person=person,
        )  # fmt: skip
        if how != "invited only":
            status = "declined" if how == "declined" else "confirmed"
            hidden = make_registration(meeting, person=person, invitation=invitation, status=status)
    pages = []
    for email in (address, "stranger@network.example"):
        walk_in = {"name": f"Typed Name of {email}", "email": email}
        page = client.post(reverse("meetings:walk-in", args=[meeting.public_id]), walk_in, follow=True)
        assert page.status_code == 200
        text = page.content.decode().partition("<main")[2]
        assert ("has been checked in" in text, f"Typed Name of {email}" in text) == (True, True)
        assert ("Heron" in text, "Hidden" in text) == (False, False)
        registration = meeting.registrations.latest("pk")
        pages.append(
            (registration.status, registration.check_ins.count(), OutgoingEmail.objects.filter(to=email).count())
        )
    assert pages[0] == pages[1] == ("confirmed", 1, 1)
    assert hidden is None or hidden.check_ins.count() == 0
    if how == "invited only":
        assert models.MeetingInvitation.objects.get(person=person).answered_at is None


def test_an_organiser_merges_a_walk_in_with_the_registration_of_its_address(check_in_desk):
    client, meeting = check_in_desk
    account = make_account(email="guest@network.example")
    hidden = make_registration(meeting, "Ana Hidden", account=account, **AT_RISK)
    walk_in = {"name": "Ana Typed", "email": "guest@network.example"}
    client.post(reverse("meetings:walk-in", args=[meeting.public_id]), walk_in)
    page = reverse("meetings:check-in", args=[meeting.public_id])
    by = make_organiser(meeting)
    assert [(one.guest.name, [other.name for other in one.others]) for one in possible_duplicates(by, meeting)] == [
        ("Ana Typed", ["A. Heron"])
    ]
    assert "A. Heron" not in client.get(page).content.decode()
    merge_walk_in(by=by, check_in=models.CheckIn.objects.get(), registration=hidden)
    assert hidden.check_ins.count() == 1
    after = client.get(page).content.decode()
    assert ("A. Heron" in after, "Ana Typed" in after) == (False, False)  # not in the helper's latest check-ins either


# --- Walk-ins entered on a device -------------------------------------------------------------------------------------


def send_walk_ins(client, meeting, *came, device="phone-1"):
    """Send walk-ins, given as pairs of an id and the data entered, or None."""
    now = timezone.now().isoformat()
    body = {
        "device": device,
        "sent": now,
        "seen": [{"id": str(key), "at": now, "walk_in": said} for key, said in came],
    }
    address = reverse("meetings:merge-check-ins", args=[meeting.public_id])
    return client.post(address, json.dumps(body), content_type="application/json").json()["answers"]


def test_a_walk_in_from_a_device_is_stored_once_however_often_it_is_sent(check_in_desk):
    client, meeting = check_in_desk
    key = uuid.uuid4()
    said = {"name": "Ana Moreau", "group": "researchers", "photographs": "yes", "listed": "public"}
    answers = [send_walk_ins(client, meeting, (key, said))[str(key)] for _ in range(3)]
    row = meeting.registrations.get()
    assert (answers, row.status, row.group, row.photographs) == (
        ["stored", "known", "known"], "confirmed", "researchers", True,
    )  # fmt: skip
    assert [(one.pk, one.walked_in, one.device) for one in row.check_ins.all()] == [(key, True, "phone-1")]


def test_a_walk_in_without_a_free_place_is_stored_and_listed_for_review(check_in_desk):
    client, meeting = check_in_desk
    models.Quota.objects.create(meeting=meeting, kind="whole", places=1)
    first, second = uuid.uuid4(), uuid.uuid4()
    answers = send_walk_ins(client, meeting, (first, {"name": "Ana Moreau"}), (second, {"name": "Late Comer"}))
    assert answers == {str(first): "stored", str(second): "no_place"}
    assert [(row.status, row.check_ins.count()) for row in meeting.registrations.order_by("pk")] == [
        ("confirmed", 1), ("waiting", 1),
    ]  # fmt: skip
    page = client.get(reverse("meetings:check-in", args=[meeting.public_id])).content.decode()
    assert page.index("Arrived without a place") < page.rindex("Late Comer")


def test_invalid_details_of_a_walk_in_are_dropped_without_rejecting_it(check_in_desk):
    client, meeting = check_in_desk
    keys = [uuid.uuid4() for _ in range(3)]
    said = [{"name": "Ana " + "M" * 200, "country": "??", "group": "kings"}, {"name": ""}, None]
    answers = send_walk_ins(client, meeting, *zip(keys, said, strict=True))
    assert [answers[str(key)] for key in keys] == ["stored", "nameless", "nameless"]
    row = meeting.registrations.get()
    assert (row.state_id, row.group) == (None, "")
    page = reverse("meetings:check-in", args=[meeting.public_id])
    assert "Arrived, name not known" in client.get(page).content.decode()
    organiser = sign_in(Client(), make_organiser(meeting), staff_session="at the door")
    for key in keys[1:]:
        organiser.post(reverse("meetings:resolve-walk-in", args=[meeting.public_id]), {"check_in": str(key)})
    assert "name not known" not in client.get(page).content.decode()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Ștefania Brâncuș", "stefania  BRANCUS", True),
        ("Ana Moreau", "Moreau Ana", True),
        ("Ana Moreau", "Ana Moreaux", False),
        ("Олена Їжак", "олена їжак", True),
    ],
)
def test_names_match_without_diacritics_and_in_any_order(one, other, same):
    assert (normalise_name(one) == normalise_name(other)) is same


def test_a_walk_in_entered_on_two_devices_is_left_for_the_organiser_to_resolve(check_in_desk):
    client, meeting = check_in_desk
    guest = make_registration(meeting, "Somebody Else")
    keys = [uuid.uuid4() for _ in range(3)]
    answers = send_walk_ins(client, meeting, (keys[0], {"name": "Ana Moreau"}), device="phone-1")
    answers |= send_walk_ins(client, meeting, (keys[1], {"name": "MOREAU Ana"}), (keys[2], {"name": "Somebody Else"}))
    assert answers == {str(keys[0]): "stored", str(keys[1]): "same_name", str(keys[2]): "same_name"}
    assert meeting.registrations.filter(status="confirmed").count() == 4
    by = make_organiser(meeting)
    found = [(one.guest.name, [other.name for other in one.others]) for one in possible_duplicates(by, meeting)]
    assert found == [("MOREAU Ana", ["Ana Moreau"]), ("Somebody Else", ["Somebody Else"])]

    # A helper sees it but cannot decide.
    address = reverse("meetings:resolve-walk-in", args=[meeting.public_id])
    first = models.CheckIn.objects.get(pk=keys[0]).registration
    assert client.post(address, {"check_in": str(keys[1]), "registration": first.public_id}).status_code == 403
    organiser = sign_in(Client(), by, staff_session="at the door")
    organiser.post(address, {"check_in": str(keys[1]), "registration": first.public_id})
    organiser.post(address, {"check_in": str(keys[2])})  # two different people
    assert possible_duplicates(by, meeting) == []
    assert sorted((row.status, row.check_ins.count()) for row in meeting.registrations.all()) == [
        ("confirmed", 0), ("confirmed", 1), ("confirmed", 2), ("withdrawn", 0),
    ]  # fmt: skip
    assert meeting.registrations.get(status="withdrawn").person is None
    assert guest.check_ins.count() == 0
    twice = organiser.post(address, {"check_in": str(keys[0]), "registration": first.public_id}, follow=True)
    assert "has changed since you opened the page" in twice.content.decode()


@pytest.mark.parametrize("status", ["nominated", "asked", "waiting", "confirmed"])
def test_a_walk_in_merged_with_their_registration_has_one_place(check_in_desk, status):
    client, meeting = check_in_desk
    holds = RegistrationStatus(status).has_place
    models.Quota.objects.create(meeting=meeting, kind="whole", places=2, taken=int(holds))
    before = make_registration(meeting, "Ana Moreau", status=status, waiting_number=None if holds else 1)
    key = uuid.uuid4()
    send_walk_ins(client, meeting, (key, {"name": "Ana Moreau"}))
    walked = models.CheckIn.objects.get(pk=key)
    merge_walk_in(by=make_organiser(meeting), check_in=walked, registration=before)
    before.refresh_from_db()
    assert (before.status, before.check_ins.count(), meeting.quotas.get().taken) == ("confirmed", 1, 1)


NAMES = ("Ana Moreau", "Petra Lind", "Olena Kostenko")


@pytest.mark.django_db
@how(max_examples=15, stateful_step_count=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_no_walk_in_is_lost_and_no_place_is_given_twice_whatever_devices_send(data):
    with transaction.atomic():
        _check_arbitrary_merges(data)
        transaction.set_rollback(True)


def _check_arbitrary_merges(data):
    meeting, by = make_meeting(), make_account()
    make_duty(meeting, by)
    places = data.draw(st.integers(0, 4))
    models.Quota.objects.create(meeting=meeting, kind="whole", places=places)
    came = [
        OfflineWalkIn(uuid.UUID(int=number + 1), TEN + minutes * MINUTE, WalkInData(name) if name else None)
        for number, (name, minutes) in enumerate(
            data.draw(st.lists(st.tuples(st.sampled_from([*NAMES, ""]), st.integers(0, 90)), max_size=6))
        )
    ]
    said: dict[uuid.UUID, list[SyncResult]] = {}
    parcels = st.tuples(st.sampled_from(["phone-1", "phone-2"]), st.lists(st.sampled_from(came or [None]), max_size=6))
    for device, some in [*data.draw(st.lists(parcels, max_size=5)), ("phone-1", came)]:
        strangers = [one for one in some if one is not None]
        answers = merge_offline_check_ins(
            by=by,
            meeting=meeting,
            device=device,
            sent=TEN,
            check_ins=(),
            walk_ins=strangers,
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
    assert names == {one.id: one.data.name if one.data else "" for one in came}
    assert all(
        met[0] is not SyncResult.ALREADY_SAVED and set(met[1:]) <= {SyncResult.ALREADY_SAVED} for met in said.values()
    )
    named = sum(one.data is not None for one in came)
    assert meeting.registrations.filter(status="confirmed").count() == min(places, named)
    assert meeting.quotas.get().taken == min(places, named)
    listed = {one.check_in.pk for one in possible_duplicates(by, meeting)}
    assert len(listed) == named - len({one.data.name for one in came if one.data})


# --- One-to-one meetings: time and table ------------------------------------------------------------------------------


def at_minute(minutes: int) -> datetime:
    return TEN + minutes * MINUTE


def test_two_people_get_the_first_free_time_and_the_lowest_free_table():
    hours = [OneToOneHours(at_minute(0), at_minute(60), 20, 2)]
    found = list(
        find_free_slots(
            hours,
            busy=[TimeRange(at_minute(-30), at_minute(10))],
            occupied=[(at_minute(20), 1), (at_minute(40), 1), (at_minute(40), 2)],
            after=at_minute(0),
        )
    )
    assert found == [TableSlot(TimeRange(at_minute(20), at_minute(40)), 2)]


def test_a_slot_that_does_not_fit_before_the_end_is_not_offered():
    assert [slot.starts for slot in OneToOneHours(at_minute(0), at_minute(50), 20, 1).list_slots()] == [
        at_minute(0),
        at_minute(20),
    ]


# --- Personal schedule ------------------------------------------------------------------------------------------------


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
def programme(db):
    """Create a published meeting with two overlapping sessions."""
    meeting = make_meeting()
    one = make_session(meeting, "Beds in small towns", TEN, places=1)
    other = make_session(meeting, "Funding a helpline", TEN + 30 * MINUTE)
    publish_programme(meeting)
    meeting.refresh_from_db()
    return meeting, one, other


def test_a_schedule_shows_which_chosen_sessions_overlap(client, programme):
    meeting, one, other = programme
    sign_in(client, make_account())
    for session in (one, other):
        address = reverse("meetings:choose-session", args=[meeting.public_id, "choose"])
        client.post(address, {"session": session.public_id})
        client.post(address, {"session": session.public_id})
    assert models.ScheduleEntry.objects.count() == 2
    page = client.get(reverse("meetings:my-schedule", args=[meeting.public_id])).content.decode()
    assert ("at the same time as Funding a helpline" in page, "at the same time as Beds in small towns" in page) == (
        True,
        True,
    )
    client.post(reverse("meetings:choose-session", args=[meeting.public_id, "let-go"]), {"session": one.public_id})
    assert list(models.ScheduleEntry.objects.values_list("session", flat=True)) == [other.pk]


def test_the_last_place_in_a_session_is_given_only_once(programme):
    meeting, one, _other = programme
    first, second = (
        make_registration(meeting, account=make_account()),
        make_registration(meeting, account=make_account()),
    )
    sign_up(owner=ScheduleOwner(first.person.account, first), session=one)
    sign_up(owner=ScheduleOwner(first.person.account, first), session=one)  # a second sign-up takes no second place
    with pytest.raises(SessionFull):
        sign_up(owner=ScheduleOwner(second.person.account, second), session=one)
    remove_from_schedule(owner=ScheduleOwner(first.person.account, first), session=one)
    assert sign_up(owner=ScheduleOwner(second.person.account, second), session=one).signed_up


def test_signing_up_for_a_session_requires_a_place_at_the_meeting(programme):
    _meeting, one, _other = programme
    with pytest.raises(SignUpNotAvailable):
        sign_up(owner=ScheduleOwner(make_account(), None), session=one)


def test_a_personal_link_opens_a_schedule_without_an_account_and_is_not_cached(client, programme):
    meeting, one, _other = programme
    guest = make_registration(meeting, token_hash=hashlib.sha256(b"a-long-token").hexdigest())
    address = reverse("meetings:schedule-by-link", kwargs={"slug": meeting.public_id, "token": "a-long-token"})
    assert client.get(address)["Cache-Control"] == "private, no-store"
    client.post(f"{address}choose/", {"session": one.public_id})
    assert list(models.ScheduleEntry.objects.values_list("registration", "account")) == [(guest.pk, None)]
    wrong = reverse("meetings:schedule-by-link", kwargs={"slug": meeting.public_id, "token": "another"})
    assert client.get(wrong).status_code == 404


def test_a_secret_url_serves_a_personal_calendar_until_it_is_deleted(client, programme):
    meeting, one, _other = programme
    account = make_account()
    sign_in(client, account)
    client.post(reverse("meetings:choose-session", args=[meeting.public_id, "choose"]), {"session": one.public_id})
    make = reverse("meetings:make-calendar", args=[meeting.public_id])
    page = client.post(make).content.decode()
    address = re.search(r"https://samsvar\.example(/\S+schedule\.ics)", page)[1]
    anybody = Client()
    body = anybody.get(address).content.decode()
    assert (body.count("BEGIN:VEVENT"), "Beds in small towns" in body, "Funding" in body) == (1, True, False)
    assert anybody.get(address)["Cache-Control"] == "private, no-store"
    client.post(make, {"end": "1"})
    assert anybody.get(address).status_code == 404


@pytest.mark.django_db
def test_a_schedule_and_calendar_include_appearances_with_their_part(client):
    meeting = make_meeting()
    guest = make_registration(meeting, account=make_account())
    held = make_session(meeting, "Beds in small towns", TEN, interpreted=[{"language": "fr", "channel": "2"}])
    chaired = make_session(meeting, "Funding a helpline", TEN + 30 * MINUTE)
    make_session(meeting, "Somebody else's", TEN + 300 * MINUTE)
    for session, part, language in ((held, "interpreter", "fr"), (chaired, "chair", "")):
        models.Appearance.objects.create(session=session, person=guest.person, part=part, language=language)
    publish_programme(meeting, with_conflicts=True)
    address = reverse("meetings:my-schedule", args=[meeting.public_id])
    page = " ".join(sign_in(client, guest.person.account).get(address).content.decode().split())
    assert "you: interpreter into French (channel 2)" in page
    assert "you: chair" in page
    assert page.count("at the same time as") == 2
    assert "Remove" not in page
    made = client.post(reverse("meetings:make-calendar", args=[meeting.public_id])).content.decode()
    body = Client().get(re.search(r"https://samsvar\.example(/\S+schedule\.ics)", made)[1]).content.decode()
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
def test_current_and_following_sessions_are_found_for_any_moment(programme, moment, now, following, changes):
    meeting, _one, _other = programme
    found = now_and_next(AnonymousUser(), meeting, moment)
    assert [one.session.title["en"] for one in found.now] == now
    assert [one.session.title["en"] for one in found.next] == following
    assert found.changes_at == changes


def test_the_event_stream_of_the_programme_ends_at_once_and_holds_no_thread(client, programme):
    meeting, _one, _other = programme
    answer = client.get(reverse("meetings:now-events", args=[meeting.public_id]))
    assert answer.content == b"retry: 10000\nid: 1\nevent: programme\ndata: 1\n\n"
    assert (answer["Content-Type"], answer["Cache-Control"]) == (
        "text/event-stream; charset=utf-8",
        "public, no-cache",
    )
    page = client.get(reverse("meetings:now", args=[meeting.public_id]))
    assert (page.status_code, page["Cache-Control"]) == (200, "no-cache")  # it depends on the time: never cached


# --- One-to-one meetings ----------------------------------------------------------------------------------------------


@pytest.fixture
def one_to_one_setup(db):
    """Create a meeting with an hour for one-to-one meetings at one table, and three guests; two can be asked."""
    meeting = make_meeting()
    tomorrow = (timezone.now() + timedelta(days=1)).replace(minute=0, second=0, microsecond=0)
    add_one_to_one_period(
        by=make_organiser(meeting), meeting=meeting, starts=tomorrow, ends=tomorrow + 60 * MINUTE, minutes=20, tables=1
    )
    people = [make_registration(meeting, f"Guest {name}", account=make_account()) for name in ("A", "B", "C")]
    for one in people[:2]:
        opt_in(by=one.person.account, registration=one, about="Shelters")
    return meeting, tomorrow, people


def ask_to_meet(asker, asked, about="Your helpline"):
    return request_one_to_one(by=asker.person.account, requester=asker, recipient=asked, about=about)


def test_two_people_meet_at_the_first_free_time_and_it_is_in_both_schedules(one_to_one_setup):
    meeting, starts, (a, b, c) = one_to_one_setup
    busy = make_session(meeting, "A session of hers", starts, 20)
    models.ScheduleEntry.objects.create(account=c.person.account, session=busy)
    made = accept_one_to_one(by=b.person.account, encounter=ask_to_meet(c, b))
    assert (made.starts, made.table) == (starts + 20 * MINUTE, 1)
    other = accept_one_to_one(by=a.person.account, encounter=ask_to_meet(b, a))
    assert (other.starts, other.table) == (starts, 1)
    assert [talk.name for talk in scheduled_one_to_ones(b.person.account, b, meeting)] == ["Guest A", "Guest C"]
    assert [talk.name for talk in scheduled_one_to_ones(c.person.account, c, meeting)] == ["Guest B"]


def test_a_request_stays_open_when_no_time_is_free(one_to_one_setup):
    meeting, starts, (a, b, _c) = one_to_one_setup
    models.ScheduleEntry.objects.create(
        account=a.person.account, session=make_session(meeting, "All along", starts, 60)
    )
    encounter = ask_to_meet(b, a)
    with pytest.raises(NoFreeTime):
        accept_one_to_one(by=a.person.account, encounter=encounter)
    encounter.refresh_from_db()
    assert (encounter.state, encounter.seats.count()) == ("asked", 0)


def test_cancelling_an_encounter_frees_its_table_and_a_declined_one_cannot_be_repeated(one_to_one_setup):
    _meeting, starts, (a, b, c) = one_to_one_setup
    first = accept_one_to_one(by=a.person.account, encounter=ask_to_meet(b, a))
    cancel_one_to_one(by=b.person.account, encounter=first)
    second = accept_one_to_one(by=a.person.account, encounter=ask_to_meet(c, a))
    assert (second.starts, second.table) == (starts, 1)
    decline_one_to_one(by=b.person.account, encounter=ask_to_meet(c, b))
    with pytest.raises(ParticipantUnavailable):
        ask_to_meet(c, b)


def test_no_one_can_answer_a_request_for_someone_else(one_to_one_setup):
    _meeting, _starts, (a, b, c) = one_to_one_setup
    encounter = ask_to_meet(b, a)
    for act in (accept_one_to_one, decline_one_to_one, cancel_one_to_one):
        with pytest.raises(PermissionDenied):
            act(by=c.person.account, encounter=encounter)
    with pytest.raises(PermissionDenied):
        accept_one_to_one(by=b.person.account, encounter=encounter)  # the person who asked cannot accept


def test_only_people_who_agreed_can_be_asked_and_people_at_risk_are_not_listed(client, one_to_one_setup):
    meeting, _starts, (a, b, c) = one_to_one_setup
    with pytest.raises(ParticipantUnavailable):
        ask_to_meet(a, c)
    type(b.person).objects.filter(pk=b.person_id).update(at_risk=True, pseudonym="M. Lindgren")
    with pytest.raises(ParticipantUnavailable):
        ask_to_meet(c, b)
    sign_in(client, c.person.account)
    page = client.get(reverse("meetings:one-to-one", args=[meeting.public_id])).content.decode()
    assert ("Guest A" in page, "Guest B" in page, "Lindgren" in page) == (True, False, False)
    assert set(AuditEntry.objects.filter(verb="saw").values_list("person", flat=True)) == {a.person.public_id}


def test_requests_are_limited_and_no_one_can_be_asked_twice(one_to_one_setup):
    meeting, _starts, (a, b, c) = one_to_one_setup
    ask_to_meet(c, a)
    with pytest.raises(AlreadyRequested):
        ask_to_meet(c, a)
    with pytest.raises(ParticipantUnavailable):
        ask_to_meet(a, c)
    many = [make_registration(meeting, account=make_account()) for _one in range(4)]
    for one in many:
        opt_in(by=one.person.account, registration=one, about="")
        ask_to_meet(c, one)
    with pytest.raises(TooManyRequests):
        ask_to_meet(c, b)


def test_the_email_about_a_request_does_not_say_from_whom_or_why(one_to_one_setup):
    _meeting, _starts, (a, b, _c) = one_to_one_setup
    ask_to_meet(b, a, about="Something private")
    letter = OutgoingEmail.objects.get(to=a.person.account.email)
    assert ("Guest B" in letter.body, "private" in letter.body, "one-to-one" in letter.body) == (False, False, True)


@pytest.mark.django_db(transaction=True)
def test_concurrent_acceptances_never_share_a_table_or_give_one_person_two():
    meeting = make_meeting()
    starts = (timezone.now() + timedelta(days=1)).replace(minute=0, second=0, microsecond=0)
    add_one_to_one_period(
        by=make_organiser(meeting), meeting=meeting, starts=starts, ends=starts + 60 * MINUTE, minutes=20, tables=1
    )
    a, *others = [make_registration(meeting, account=make_account()) for _one in range(4)]
    for one in others:
        opt_in(by=one.person.account, registration=one, about="")
    waiting = [(one, ask_to_meet(a, one)) for one in others]

    def agree(pair):
        one, encounter = pair
        try:
            return accept_one_to_one(by=one.person.account, encounter=encounter).starts
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as threads:
        found = sorted(threads.map(agree, waiting))
    assert found == [starts, starts + 20 * MINUTE, starts + 40 * MINUTE]
    assert models.OneToOneSeat.objects.count() == 6


def test_the_organiser_sets_hours_without_seeing_names_and_removing_them_is_emailed(client, one_to_one_setup):
    meeting, starts, (a, b, _c) = one_to_one_setup
    accept_one_to_one(by=a.person.account, encounter=ask_to_meet(b, a))
    sign_in(client, make_organiser(meeting), staff_session="one-to-one meetings")
    address = reverse("meetings:manage-encounter-times", args=[meeting.public_id])
    said = {"day": "2026-09-16", "starts": "14:00", "ends": "15:00", "minutes": 15, "tables": 4}
    assert client.post(address, said).status_code == 302
    assert client.post(address, said).status_code == 409  # the same hours again
    assert client.post(address, said | {"day": "2026-10-01"}).status_code == 422
    assert models.OneToOnePeriod.objects.order_by("-pk").first().starts == datetime(2026, 9, 16, 11, tzinfo=UTC)
    page = client.get(address).content.decode()
    assert ("Guest A" in page, "Guest B" in page) == (False, False)
    hours = meeting.encounter_times.get(starts=starts)
    client.post(reverse("meetings:remove-encounter-time", args=[meeting.public_id]), {"hours": hours.pk})
    assert list(models.OneToOneMeeting.objects.values_list("state", flat=True)) == ["cancelled"]
    assert models.OneToOneSeat.objects.count() == 0
    assert OutgoingEmail.objects.filter(to=a.person.account.email).count() == 2


def test_one_to_one_requests_can_be_sent_and_accepted_on_the_pages(client, one_to_one_setup):
    meeting, _starts, (a, _b, c) = one_to_one_setup
    sign_in(client, c.person.account)
    address = reverse("meetings:request-one-to-one", args=[meeting.public_id, a.public_id])
    assert "Guest A" in client.get(address).content.decode()
    client.post(address, {"about": "Your helpline"})
    encounter = models.OneToOneMeeting.objects.get()
    sign_in(client, a.person.account)
    page = reverse("meetings:one-to-one", args=[meeting.public_id])
    assert "Your helpline" in client.get(page).content.decode()
    client.post(reverse("meetings:answer-one-to-one", args=[meeting.public_id, encounter.public_id, "accept"]))
    assert "table 1" in client.get(page).content.decode()
    stranger = make_account()
    assert sign_in(client, stranger).get(page).status_code == 404
