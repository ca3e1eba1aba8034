"""Places of a delegation: kept for it from the day it is made, and free for others when it names nobody more."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from samsvar.meetings.registration import Standing
from samsvar.site.meetings import models
from samsvar.site.meetings.registration import errors
from samsvar.site.meetings.registration.actions import decisions, delegations, invitations, organising
from samsvar.site.meetings.registration.actions import places as actions_places
from samsvar.site.meetings.registration.actions import registering as actions
from samsvar.site.network.models import Letter
from tests.factories.meetings import make_meeting, organiser_of
from tests.factories.people import make_account, sign_in

pytestmark = pytest.mark.django_db

SITE = "https://samsvar.example/"


@pytest.fixture
def meeting(db: None) -> models.Meeting:
    from samsvar.site.convention.models import State

    for code in ("XA", "XC"):
        State.objects.get_or_create(code=code, defaults={"kind": "invented"})
    first = timezone.now().date() + timedelta(days=90)
    made = make_meeting(begins=first, ends=first, opens_at=timezone.now() - timedelta(days=1))
    for kind, key, places in (("whole", "", 6), ("country", "XC", 3), ("group", "researchers", 1)):
        models.Quota.objects.create(meeting=made, kind=kind, key=key, places=places)
    return made


def delegation_of(meeting: models.Meeting, places: int = 2, state: str = "XC", days: int = 5) -> models.Delegation:
    return delegations.make_delegation(
        meeting=meeting, by=organiser_of(meeting), site=SITE, places=places, head_email="head@delegations.example",
        state=state, nominate_until=timezone.now() + timedelta(days=days),
    )  # fmt: skip


def comes(meeting: models.Meeting, number: int, **said: Any) -> models.Registration:
    invitation = invitations.make_invitation(
        meeting, f"guest-{number}@guests.example", by=make_account(), expires_at=timezone.now() + timedelta(days=9),
        language="en",
    )  # fmt: skip
    how = actions.Said(name=f"Guest {number}", **said)
    return actions.register(meeting=meeting, said=how, site=SITE, invitation=invitation)


def names(delegation: models.Delegation, number: int, **more: Any) -> models.Registration:
    return delegations.nominate(
        delegation=delegation, by=None, site=SITE, name=f"Nominee {number}", email=f"n{number}@network.example", **more
    )


def taken(meeting: models.Meeting) -> dict[str, int]:
    """What each quota says is taken; it must be what is held, and what is kept for delegations."""
    held = list(meeting.registrations.filter(standing__in=actions_places.HOLDING))
    kept = list(meeting.delegations.select_related("organisation"))
    found = {}
    for one in meeting.quotas.all():
        wanted = sum(bool(actions_places.quotas_of(row, [one])) for row in held)
        wanted += sum(row.reserved for row in kept if actions_places.quotas_of_delegation(row, [one]))
        assert (one.kind, one.key, one.taken) == (one.kind, one.key, wanted)
        found[f"{one.kind}:{one.key}"] = one.taken
    return found


def test_places_of_a_delegation_are_nobody_elses_from_the_day_it_is_made(meeting):
    delegation = delegation_of(meeting)
    assert taken(meeting) == {"whole:": 2, "country:XC": 2, "group:researchers": 0}
    assert [comes(meeting, number, country="XC").standing for number in (1, 2)] == ["confirmed", "waiting"]
    assert [comes(meeting, number).standing for number in range(3, 7)] == ["confirmed"] * 3 + ["waiting"]
    assert [names(delegation, number).standing for number in (1, 2)] == ["nominated", "nominated"]
    delegation.refresh_from_db()
    assert (delegation.reserved, taken(meeting)) == (0, {"whole:": 6, "country:XC": 3, "group:researchers": 0})


def test_a_delegation_that_the_quotas_have_no_places_for_is_refused_by_their_name(meeting):
    with pytest.raises(delegations.NotSoManyFree) as refused:
        delegation_of(meeting, places=4)
    assert "3 places are free, and 4 are needed." in str(refused.value)
    assert (meeting.delegations.count(), Letter.objects.count(), taken(meeting)["whole:"]) == (0, 0, 0)
    client = sign_in(Client(), organiser_of(meeting), staff_session="delegations")
    said = {
        "country": "XC", "places": "4", "head_email": "h@h.example", "until": str(meeting.begins), "language": "en",
    }  # fmt: skip
    page = client.post(reverse("meetings:manage-delegations", args=[meeting.public_id]), said)
    assert (page.status_code, "3 places are free, and 4 are needed." in page.content.decode()) == (409, True)


def test_who_is_taken_back_leaves_the_place_to_the_delegation_as_long_as_it_names_people(meeting):
    delegation = delegation_of(meeting)
    row = names(delegation, 1)
    comes(meeting, 1, country="XC"), comes(meeting, 2, country="XC")
    delegations.withdraw_nominee(registration=row, by=None, site=SITE)
    delegation.refresh_from_db()
    assert (delegation.reserved, taken(meeting)["country:XC"]) == (2, 3)
    row = names(delegation, 2)
    models.Delegation.objects.update(nominate_until=timezone.now() - timedelta(hours=1))
    row.refresh_from_db()
    decisions.decline(registration=row, site=SITE, by=None)
    assert meeting.registrations.get(invitation__email="guest-2@guests.example").standing == "confirmed"
    taken(meeting)


def test_a_full_group_refuses_by_its_name_and_leaves_the_place_kept(meeting):
    delegation = delegation_of(meeting)
    comes(meeting, 1, group="researchers")
    with pytest.raises(errors.NoPlaceLeft, match="researchers"):
        names(delegation, 1, group="researchers")
    delegation.refresh_from_db()
    assert (delegation.reserved, taken(meeting)["country:XC"]) == (2, 2)
    first = names(delegation, 2)
    names(delegation, 3, replaces=first)
    assert taken(meeting) == {"whole:": 3, "country:XC": 2, "group:researchers": 1}


def change(delegation: models.Delegation, places: int, days: int = 5) -> models.Delegation:
    return delegations.change_delegation(
        delegation=delegation, by=organiser_of(delegation.meeting), site=SITE, places=places, language="", note="",
        nominate_until=timezone.now() + timedelta(days=days), head_email=delegation.head_email,
    )  # fmt: skip


def test_a_smaller_delegation_frees_places_for_those_who_wait_and_a_larger_one_needs_free_ones(meeting):
    delegation = delegation_of(meeting, places=3)
    waits = comes(meeting, 1, country="XC")
    with pytest.raises(delegations.NotSoManyFree):
        change(delegation, 4)
    change(delegation, 2)
    waits.refresh_from_db()
    assert (waits.standing, taken(meeting)["country:XC"]) == ("confirmed", 3)


def test_what_is_kept_for_nobody_is_free_when_the_day_is_over_or_the_organiser_says_so(meeting):
    first, second = delegation_of(meeting, places=2), delegation_of(meeting, places=3, state="XA")
    waits = [comes(meeting, number) for number in (1, 2)]
    assert [one.standing for one in waits] == ["confirmed", "waiting"]
    models.Delegation.objects.filter(pk=first.pk).update(nominate_until=timezone.now() - timedelta(hours=1))
    assert delegations.let_run_out(now=timezone.now(), site=SITE) == 1
    waits[1].refresh_from_db()
    assert (waits[1].standing, taken(meeting)["whole:"]) == ("confirmed", 5)
    client = sign_in(Client(), organiser_of(meeting), staff_session="delegations")
    client.post(reverse("meetings:end-naming", args=[meeting.public_id, second.public_id]))
    assert taken(meeting)["whole:"] == 2
    with pytest.raises(delegations.NominationOver):
        names(second, 1)


def test_a_new_quota_counts_what_is_kept(meeting):
    models.Quota.objects.all().delete()
    delegation_of(meeting, places=2)
    by = organiser_of(meeting)
    with pytest.raises(delegations.FewerThanTaken):
        organising.set_quota(meeting=meeting, by=by, kind="country", key="XC", places=1, site=SITE)
    organising.set_quota(meeting=meeting, by=by, kind="country", key="XC", places=2, site=SITE)
    assert taken(meeting) == {"country:XC": 2}


@pytest.mark.django_db(transaction=True)
def test_heads_and_guests_at_once_take_no_place_twice(meeting):
    """Heads name and take back while guests register and give up: the books are right, and the kept places are kept."""
    delegation, other = delegation_of(meeting, places=2), delegation_of(meeting, places=2, state="XA")
    guests = [
        invitations.make_invitation(
            meeting, f"guest-{number}@guests.example", by=make_account(),
            expires_at=timezone.now() + timedelta(days=9), language="en",
        )
        for number in range(6)
    ]  # fmt: skip

    def head(which: models.Delegation, letter: str) -> None:
        row = delegations.nominate(
            delegation=which, by=None, site=SITE, name=letter, email=f"{letter}1@network.example"
        )
        if letter == "a":
            delegations.nominate(
                delegation=which, by=None, site=SITE, name=letter, email="a2@network.example", group="researchers"
            )
        delegations.nominate(
            delegation=which, by=None, site=SITE, name=letter, email=f"{letter}3@network.example", replaces=row
        )

    def guest(invitation: models.MeetingInvitation) -> None:
        how = actions.Said(name="Guest", country="XC")
        actions.register(meeting=meeting, said=how, site=SITE, invitation=invitation)

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
    assert taken(meeting) == {"whole:": 5, "country:XC": 3, "group:researchers": 1}
    held = meeting.registrations.filter(standing__in=actions_places.HOLDING)
    assert sorted(held.values_list("standing", flat=True)) == ["confirmed"] + ["nominated"] * 3


# --- Named and not answered -------------------------------------------------------------------------------------------


def test_who_is_named_is_reminded_once_and_a_nomination_that_runs_out_frees_its_place_and_tells_the_head(meeting):
    delegation, now = delegation_of(meeting, days=40), timezone.now()
    row = names(delegation, 1)
    Letter.objects.all().delete()
    assert [invitations.remind_all(now=now + timedelta(days=days), site=SITE) for days in (6, 8, 9)] == [0, 2, 0]
    assert sorted(Letter.objects.values_list("to", flat=True)) == ["head@delegations.example", "n1@network.example"]
    assert row.invitation is not None
    late = row.invitation.expires_at + timedelta(hours=1)
    Letter.objects.all().delete()
    models.Delegation.objects.update(nominate_until=late + timedelta(days=3))
    assert [delegations.let_run_out(now=late, site=SITE) for _ in range(2)] == [1, 0]
    row.refresh_from_db()
    delegation.refresh_from_db()
    assert (row.standing, delegation.reserved, taken(meeting)["country:XC"]) == ("withdrawn", 2, 2)
    title = "“Shelters near everybody”"
    assert {one.to: one.subject for one in Letter.objects.all()} == {
        "n1@network.example": f"Samsvar: Your registration for {title} has ended",
        "head@delegations.example": f"Samsvar: Somebody of your delegation has not answered about {title}",
    }


def test_who_has_a_place_is_reminded_once_some_days_before_with_when_where_and_their_links(meeting):
    models.Quota.objects.filter(kind="whole").update(places=1)
    assert [comes(meeting, number).standing for number in (1, 2)] == [Standing.CONFIRMED, Standing.WAITING]
    models.Meeting.objects.update(version=1, place="Great Hall")
    Letter.objects.all().delete()
    before = timezone.now() + timedelta(days=84), timezone.now() + timedelta(days=86)
    assert [invitations.remind_all(now=one, site=SITE) for one in (*before, before[1])] == [0, 1, 0]
    letter = Letter.objects.get()
    assert letter.to == "guest-1@guests.example"
    wanted = ("Great Hall, Harbour", f"{SITE}en/meetings/{meeting.public_id}/programme/", "/registration/")
    assert all(one in letter.body for one in wanted)
