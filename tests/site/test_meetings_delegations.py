"""Places of a delegation: reserved from its creation, and released when it nominates no one else."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from samsvar.meetings.registration import RegistrationStatus
from samsvar.site.meetings import models
from samsvar.site.meetings.registration import errors
from samsvar.site.meetings.registration.actions import decisions, delegations, invitations, organising
from samsvar.site.meetings.registration.actions import registering as actions
from samsvar.site.meetings.registration.actions.protection import end_protection, hide_own_identity
from samsvar.site.meetings.registration.queries import quotas as quota_queries
from samsvar.site.meetings.registration.queries import registrations as queries
from samsvar.site.network.access.permissions import Account
from samsvar.site.network.directory.actions.people import hide_profile_for_safety
from samsvar.site.network.models import OutgoingEmail
from tests.factories.meetings import make_meeting, make_organiser
from tests.factories.people import make_account, sign_in

pytestmark = pytest.mark.django_db

SITE = "https://samsvar.example/"


@pytest.fixture
def meeting(db: None) -> models.Meeting:
    from samsvar.site.convention.models import State

    for code in ("XA", "XC"):
        State.objects.get_or_create(code=code, defaults={"kind": "fictional"})
    first = timezone.now().date() + timedelta(days=90)
    made = make_meeting(begins=first, ends=first, opens_at=timezone.now() - timedelta(days=1))
    for kind, key, places in (("whole", "", 6), ("country", "XC", 3), ("group", "researchers", 1)):
        models.Quota.objects.create(meeting=made, kind=kind, key=key, places=places)
    return made


def make_delegation(meeting: models.Meeting, places: int = 2, state: str = "XC", days: int = 5) -> models.Delegation:
    return delegations.create_delegation(
        meeting=meeting, by=make_organiser(meeting), places=places, head_email="head@delegations.example",
        state=state, nominate_until=timezone.now() + timedelta(days=days),
    )  # fmt: skip


def register_guest(meeting: models.Meeting, number: int, **said: Any) -> models.Registration:
    invitation = invitations.create_invitation(
        meeting, f"guest-{number}@guests.example", by=make_account(), expires_at=timezone.now() + timedelta(days=9),
        language="en",
    )  # fmt: skip
    how = actions.RegistrationData(name=f"Guest {number}", **said)
    return actions.register_person(meeting=meeting, data=how, invitation=invitation)


def nominate(delegation: models.Delegation, number: int, **more: Any) -> models.Registration:
    return delegations.nominate_person(
        delegation=delegation, by=None, name=f"Nominee {number}", email=f"n{number}@network.example", **more
    )


def taken_by_quota(meeting: models.Meeting) -> dict[str, int]:
    """What each quota says is taken; it must be what is held, and what is kept for delegations."""
    held = list(meeting.registrations.filter(status__in=quota_queries.PLACE_HOLDING_STATUSES))
    kept = list(meeting.delegations.select_related("organisation"))
    found = {}
    for one in meeting.quotas.all():
        wanted = sum(bool(quota_queries.registration_quotas(row, [one])) for row in held)
        wanted += sum(row.reserved for row in kept if quota_queries.delegation_quotas(row, [one]))
        assert (one.kind, one.key, one.taken) == (one.kind, one.key, wanted)
        found[f"{one.kind}:{one.key}"] = one.taken
    return found


def test_places_of_a_delegation_are_reserved_from_its_creation(meeting):
    delegation = make_delegation(meeting)
    assert taken_by_quota(meeting) == {"whole:": 2, "country:XC": 2, "group:researchers": 0}
    assert [register_guest(meeting, number, country="XC").status for number in (1, 2)] == ["confirmed", "waiting"]
    assert [register_guest(meeting, number).status for number in range(3, 7)] == ["confirmed"] * 3 + ["waiting"]
    assert [nominate(delegation, number).status for number in (1, 2)] == ["nominated", "nominated"]
    delegation.refresh_from_db()
    assert (delegation.reserved, taken_by_quota(meeting)) == (0, {"whole:": 6, "country:XC": 3, "group:researchers": 0})


def test_a_delegation_with_more_places_than_are_free_is_rejected(meeting):
    with pytest.raises(delegations.NotEnoughPlaces) as refused:
        make_delegation(meeting, places=4)
    assert "3 places are free, but 4 are needed." in str(refused.value)
    assert (meeting.delegations.count(), OutgoingEmail.objects.count(), taken_by_quota(meeting)["whole:"]) == (0, 0, 0)
    client = sign_in(Client(), make_organiser(meeting), staff_session="delegations")
    said = {
        "country": "XC", "places": "4", "head_email": "h@h.example", "until": str(meeting.begins), "language": "en",
    }  # fmt: skip
    page = client.post(reverse("meetings:manage-delegations", args=[meeting.public_id]), said)
    assert (page.status_code, "3 places are free, but 4 are needed." in page.content.decode()) == (409, True)


def test_a_withdrawn_nominee_leaves_the_place_to_the_delegation_until_nominations_close(meeting):
    delegation = make_delegation(meeting)
    row = nominate(delegation, 1)
    register_guest(meeting, 1, country="XC"), register_guest(meeting, 2, country="XC")
    delegations.withdraw_nomination(registration=row, by=None)
    delegation.refresh_from_db()
    assert (delegation.reserved, taken_by_quota(meeting)["country:XC"]) == (2, 3)
    row = nominate(delegation, 2)
    models.Delegation.objects.update(nominate_until=timezone.now() - timedelta(hours=1))
    row.refresh_from_db()
    decisions.decline_registration(registration=row, by=None)
    assert meeting.registrations.get(invitation__email="guest-2@guests.example").status == "confirmed"
    taken_by_quota(meeting)


def test_a_full_group_quota_is_named_and_the_reserved_place_is_kept(meeting):
    delegation = make_delegation(meeting)
    register_guest(meeting, 1, group="researchers")
    with pytest.raises(errors.QuotaFull, match="researchers"):
        nominate(delegation, 1, group="researchers")
    delegation.refresh_from_db()
    assert (delegation.reserved, taken_by_quota(meeting)["country:XC"]) == (2, 2)
    first = nominate(delegation, 2)
    nominate(delegation, 3, replaces=first)
    assert taken_by_quota(meeting) == {"whole:": 3, "country:XC": 2, "group:researchers": 1}


def change_delegation(delegation: models.Delegation, places: int, days: int = 5) -> models.Delegation:
    return delegations.change_delegation(
        delegation=delegation, by=make_organiser(delegation.meeting), places=places, language="", note="",
        nominate_until=timezone.now() + timedelta(days=days), head_email=delegation.head_email,
    )  # fmt: skip


def test_shrinking_a_delegation_frees_places_and_enlarging_it_needs_free_ones(meeting):
    delegation = make_delegation(meeting, places=3)
    waits = register_guest(meeting, 1, country="XC")
    with pytest.raises(delegations.NotEnoughPlaces):
        change_delegation(delegation, 4)
    change_delegation(delegation, 2)
    waits.refresh_from_db()
    assert (waits.status, taken_by_quota(meeting)["country:XC"]) == ("confirmed", 3)


def test_unused_places_are_released_at_the_deadline_or_by_the_organiser(meeting):
    first, second = make_delegation(meeting, places=2), make_delegation(meeting, places=3, state="XA")
    waits = [register_guest(meeting, number) for number in (1, 2)]
    assert [one.status for one in waits] == ["confirmed", "waiting"]
    models.Delegation.objects.filter(pk=first.pk).update(nominate_until=timezone.now() - timedelta(hours=1))
    assert delegations.expire_nominations(now=timezone.now()) == 1
    waits[1].refresh_from_db()
    assert (waits[1].status, taken_by_quota(meeting)["whole:"]) == ("confirmed", 5)
    client = sign_in(Client(), make_organiser(meeting), staff_session="delegations")
    client.post(reverse("meetings:end-nominations", args=[meeting.public_id, second.public_id]))
    assert taken_by_quota(meeting)["whole:"] == 2
    with pytest.raises(delegations.NominationsClosed):
        nominate(second, 1)


def test_a_new_quota_counts_reserved_places(meeting):
    models.Quota.objects.all().delete()
    make_delegation(meeting, places=2)
    by = make_organiser(meeting)
    with pytest.raises(delegations.FewerPlacesThanTaken):
        organising.set_quota(meeting=meeting, by=by, kind="country", key="XC", places=1)
    organising.set_quota(meeting=meeting, by=by, kind="country", key="XC", places=2)
    assert taken_by_quota(meeting) == {"country:XC": 2}


@pytest.mark.django_db(transaction=True)
def test_concurrent_heads_and_guests_take_no_place_twice(meeting):
    """While heads nominate and guests register and decline, quota counts and reserved places stay right."""
    delegation, other = make_delegation(meeting, places=2), make_delegation(meeting, places=2, state="XA")
    guests = [
        invitations.create_invitation(
            meeting, f"guest-{number}@guests.example", by=make_account(),
            expires_at=timezone.now() + timedelta(days=9), language="en",
        )
        for number in range(6)
    ]  # fmt: skip

    def head(which: models.Delegation, letter: str) -> None:
        row = delegations.nominate_person(delegation=which, by=None, name=letter, email=f"{letter}1@network.example")
        if letter == "a":
            delegations.nominate_person(
                delegation=which, by=None, name=letter, email="a2@network.example", group="researchers"
            )
        delegations.nominate_person(
            delegation=which, by=None, name=letter, email=f"{letter}3@network.example", replaces=row
        )

    def guest(invitation: models.MeetingInvitation) -> None:
        how = actions.RegistrationData(name="Guest", country="XC")
        actions.register_person(meeting=meeting, data=how, invitation=invitation)

    jobs: list[Any] = [lambda: head(delegation, "a"), lambda: head(other, "b")]
    jobs += [lambda one=one: guest(one) for one in guests]
    together, wrong = threading.Barrier(len(jobs)), []

    def one(job: Any) -> None:
        together.wait()
        try:
            job()
        except BaseException as error:
            wrong.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=[job]) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert taken_by_quota(meeting) == {"whole:": 5, "country:XC": 3, "group:researchers": 1}
    held = meeting.registrations.filter(status__in=quota_queries.PLACE_HOLDING_STATUSES)
    assert sorted(held.values_list("status", flat=True)) == ["confirmed"] + ["nominated"] * 3


# --- People at risk ---------------------------------------------------------------------------------------------------


def shown_counts(meeting: models.Meeting, organiser: Account) -> tuple[dict[str, int], dict[str, int], dict[str, int]]:
    """Return what an organiser reads: taken by country quota, listed by country, and listed by delegation."""
    filters = [{"country": code} for code in ("XA", "XC")]
    pages = [queries.registrations_page(organiser, meeting, one, None) for one in filters]
    holding = set(quota_queries.PLACE_HOLDING_STATUSES)
    listed = [sum(row.registration.status in holding for row in page.rows) for page in pages]
    taken = {row.quota.key: row.quota.taken for row in pages[0].quotas if row.quota.kind == "country"}
    by_delegation = {}
    for one in queries.list_delegations(meeting):
        page = queries.registrations_page(organiser, meeting, {"delegation": one.public_id}, None)
        members = sum(row.registration.status in holding for row in page.rows)
        assert one.held == members
        by_delegation[one.state_id] = members + one.reserved
    return taken, dict(zip(("XA", "XC"), listed, strict=True)), by_delegation


@pytest.mark.parametrize("how", ["own choice", "while registering", "secretariat"])
def test_quotas_reveal_no_country_of_people_at_risk(meeting, how):
    organiser = make_organiser(meeting)
    models.Quota.objects.create(meeting=meeting, kind="country", key="XA", places=3)
    hidden = {"pseudonym": "A. Heron"} if how == "while registering" else {}
    rows = [register_guest(meeting, 1, country="XC", **hidden), register_guest(meeting, 2, country="XC")]
    register_guest(meeting, 3, country="XA")
    if how == "own choice":
        hide_own_identity(registration=rows[0], pseudonym="A. Heron", by=None)
    elif how == "secretariat":
        hide_profile_for_safety(person=rows[0].person, pseudonym="A. Heron", by=None)
    rows[0].refresh_from_db()
    assert (rows[0].state_id, rows[0].status, rows[0].person.at_risk) == (
        "XC",
        "confirmed",
        True,
    )  # there is one to leak
    assert shown_counts(meeting, organiser)[:2] == ({"XA": 1, "XC": 1}, {"XA": 1, "XC": 1})
    page = queries.registrations_page(organiser, meeting, {}, None)
    assert (page.other_countries, taken_by_quota(meeting)["whole:"]) == (1, 3)
    quota = meeting.quotas.get(key="XC")  # setting it again counts the same
    organising.remove_quota(quota=quota, by=organiser)
    assert organising.set_quota(meeting=meeting, by=organiser, kind="country", key="XC", places=3).taken == 1
    client = sign_in(Client(), organiser, staff_session="places")
    text = client.get(reverse("meetings:manage-registrations", args=[meeting.public_id])).content.decode()
    assert "Other countries, or country not shown" in text
    end_protection(registration=rows[0])  # nothing about them is shown again until they choose it
    assert shown_counts(meeting, organiser)[:2] == ({"XA": 1, "XC": 1}, {"XA": 1, "XC": 1})
    decisions.decline_registration(registration=rows[0], by=None)
    assert taken_by_quota(meeting) == {"whole:": 2, "country:XA": 1, "country:XC": 1, "group:researchers": 0}


def test_a_country_place_that_a_person_at_risk_leaves_goes_to_the_waiting_list(meeting):
    rows = [register_guest(meeting, number, country="XC") for number in range(4)]
    assert [row.status for row in rows] == ["confirmed"] * 3 + ["waiting"]
    hide_own_identity(registration=rows[0], pseudonym="A. Heron", by=None)
    rows[3].refresh_from_db()
    assert (rows[3].status, taken_by_quota(meeting)) == (
        "confirmed", {"whole:": 4, "country:XC": 3, "group:researchers": 0},
    )  # fmt: skip


def test_delegations_reveal_no_member_at_risk_to_the_organiser(meeting):
    organiser, delegation = make_organiser(meeting), make_delegation(meeting)
    rows = [nominate(delegation, number) for number in (1, 2)]
    before = shown_counts(meeting, organiser)
    assert before == ({"XC": 2}, {"XA": 0, "XC": 2}, {"XC": 2})
    hide_own_identity(registration=rows[0], pseudonym="A. Heron", by=None)
    assert rows[0].delegation_id is not None
    assert shown_counts(meeting, organiser) == ({"XC": 2}, {"XA": 0, "XC": 1}, {"XC": 2})  # one seems to be reserved
    with pytest.raises(delegations.DelegationFull):
        nominate(delegation, 3)
    third = nominate(delegation, 3, replaces=rows[0])
    assert (third.status, shown_counts(meeting, organiser)) == ("nominated", before)
    hide_own_identity(registration=third, pseudonym="B. Heron", by=None)
    third.refresh_from_db()
    decisions.decline_registration(registration=third, by=None)
    assert shown_counts(meeting, organiser) == ({"XC": 2}, {"XA": 0, "XC": 1}, {"XC": 2})
    change_delegation(delegation, 1)
    assert taken_by_quota(meeting) == {"whole:": 1, "country:XC": 1, "group:researchers": 0}


# --- Unanswered nominations -------------------------------------------------------------------------------------------


def test_a_nominee_is_reminded_once_and_an_expired_nomination_frees_its_place(meeting):
    delegation, now = make_delegation(meeting, days=40), timezone.now()
    row = nominate(delegation, 1)
    OutgoingEmail.objects.all().delete()
    assert [invitations.send_daily_reminders(now=now + timedelta(days=days)) for days in (6, 8, 9)] == [
        0,
        2,
        0,
    ]
    assert sorted(OutgoingEmail.objects.values_list("to", flat=True)) == [
        "head@delegations.example",
        "n1@network.example",
    ]
    assert row.invitation is not None
    late = row.invitation.expires_at + timedelta(hours=1)
    OutgoingEmail.objects.all().delete()
    models.Delegation.objects.update(nominate_until=late + timedelta(days=3))
    assert [delegations.expire_nominations(now=late) for _ in range(2)] == [1, 0]
    row.refresh_from_db()
    delegation.refresh_from_db()
    assert (row.status, delegation.reserved, taken_by_quota(meeting)["country:XC"]) == ("withdrawn", 2, 2)
    title = "“Shelters near everybody”"
    assert {one.to: one.subject for one in OutgoingEmail.objects.all()} == {
        "n1@network.example": f"Samsvar: Your registration for {title} has been cancelled",
        "head@delegations.example": f"Samsvar: A member of your delegation to {title} has not responded",
    }


def test_confirmed_guests_get_one_reminder_with_venue_and_links(meeting):
    models.Quota.objects.filter(kind="whole").update(places=1)
    assert [register_guest(meeting, number).status for number in (1, 2)] == [
        RegistrationStatus.CONFIRMED,
        RegistrationStatus.WAITING,
    ]
    models.Meeting.objects.update(version=1, place="Great Hall")
    OutgoingEmail.objects.all().delete()
    before = timezone.now() + timedelta(days=84), timezone.now() + timedelta(days=86)
    assert [invitations.send_daily_reminders(now=one) for one in (*before, before[1])] == [0, 1, 0]
    letter = OutgoingEmail.objects.get()
    assert letter.to == "guest-1@guests.example"
    wanted = ("Great Hall, Harbour", f"{SITE}en/meetings/{meeting.public_id}/programme/", "/registration/")
    assert all(one in letter.body for one in wanted)
