"""Places at a meeting: none is given twice, no one is lost, and the waiting list is served in order."""

from __future__ import annotations

import contextlib
import csv
import io
import re
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from hypothesis import settings as how
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from samsvar.dates import display_date_range
from samsvar.meetings.meeting import RegistrationPolicy
from samsvar.meetings.registration import RegistrationStatus
from samsvar.network.rights import Role
from samsvar.site.audit.models import AuditEntry as TrailLine
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting import permissions
from samsvar.site.meetings.registration import errors as registration_errors
from samsvar.site.meetings.registration.actions import (
    decisions,
    delegations,
    invitations,
    organising,
)
from samsvar.site.meetings.registration.actions import (
    emails as actions_emails,
)
from samsvar.site.meetings.registration.actions import questions as asking
from samsvar.site.meetings.registration.actions import (
    registering as actions,
)
from samsvar.site.meetings.registration.actions.registering import RegistrationData
from samsvar.site.meetings.registration.queries import questions as queries_questions
from samsvar.site.meetings.registration.queries import quotas as quota_queries
from samsvar.site.meetings.registration.queries import registrations as queries
from samsvar.site.meetings.registration.queries.quotas import registration_quotas
from samsvar.site.network.models import Organisation, OutgoingEmail
from samsvar.territories import territory_name
from tests.factories.meetings import make_meeting, make_organiser
from tests.factories.people import make_account, make_network, make_person, sign_in

pytestmark = pytest.mark.django_db

TODAY = timezone.now().date()


@pytest.fixture
def states(db: None) -> None:
    from samsvar.site.convention.actions import load_convention

    load_convention()


def make_open_meeting(**more: Any) -> models.Meeting:
    first = timezone.now().date() + timedelta(days=90)
    days = {"begins": first, "ends": first + timedelta(days=2)}
    return make_meeting(**{"opens_at": timezone.now() - timedelta(days=1), **days, **more})


def make_quota(meeting: models.Meeting, kind: str, key: str, places: int) -> models.Quota:
    return models.Quota.objects.create(meeting=meeting, kind=kind, key=key, places=places)


def make_invitation(meeting: models.Meeting, number: int = 1, **more: Any) -> models.MeetingInvitation:
    by = more.pop("by", None) or make_account()
    return invitations.create_invitation(
        meeting, f"guest-{number}@network.example", by=by, expires_at=timezone.now() + timedelta(days=9), language="en",
        **more,
    )  # fmt: skip


def register_guest(meeting: models.Meeting, number: int, **said: Any) -> models.Registration:
    invitation = meeting.invitations.filter(email=f"guest-{number}@network.example").first() or make_invitation(
        meeting, number
    )
    return actions.register_person(
        meeting=meeting, data=RegistrationData(name=f"Guest {number}", **said), invitation=invitation
    )


def mark_at_risk(person: Any, pseudonym: str = "Alder") -> None:
    type(person).objects.filter(pk=person.pk).update(at_risk=True, pseudonym=pseudonym)


def statuses(meeting: models.Meeting) -> list[str]:
    return list(meeting.registrations.order_by("pk").values_list("status", flat=True))


def quota_counts(meeting: models.Meeting) -> dict[str, tuple[int, int]]:
    """Of each quota what it says is taken, and how many places are held under it."""
    held = list(meeting.registrations.filter(status__in=quota_queries.PLACE_HOLDING_STATUSES))
    return {
        f"{one.kind}:{one.key}": (one.taken, sum(bool(registration_quotas(row, [one])) for row in held))
        for one in meeting.quotas.all()
    }


# --- Organiser pages --------------------------------------------------------------------------------------------------


def test_a_place_counts_against_every_matching_quota_or_none(states):
    meeting = make_open_meeting()
    (
        make_quota(meeting, "whole", "", 2),
        make_quota(meeting, "country", "XC", 1),
        make_quota(meeting, "group", "researchers", 5),
    )
    (
        register_guest(meeting, 1, country="XA"),
        register_guest(meeting, 2, country="XA", group="researchers"),
        register_guest(meeting, 3),
    )
    assert statuses(meeting) == ["confirmed", "confirmed", "waiting"]
    assert quota_counts(meeting) == {"whole:": (2, 2), "country:XC": (0, 0), "group:researchers": (1, 1)}


def test_a_released_place_goes_to_the_first_match_on_the_waiting_list(states):
    meeting = make_open_meeting()
    make_quota(meeting, "whole", "", 2), make_quota(meeting, "country", "XA", 1)
    first, _second = register_guest(meeting, 1, country="XB"), register_guest(meeting, 2, country="XA")
    (
        register_guest(meeting, 3, country="XA"),
        register_guest(meeting, 4, country="XB"),
        register_guest(meeting, 5, country="XB"),
    )
    decisions.decline_registration(registration=first, by=None)
    assert statuses(meeting) == ["declined", "confirmed", "waiting", "confirmed", "waiting"]
    assert quota_counts(meeting) == {"whole:": (2, 2), "country:XA": (1, 1)}
    assert OutgoingEmail.objects.filter(to="guest-4@network.example").values_list("subject", flat=True)[0] == (
        "Samsvar: Your registration for “Shelters near everybody” is confirmed"
    )


def test_registering_twice_gives_one_registration_and_one_email():
    meeting = make_open_meeting()
    make_quota(meeting, "whole", "", 5)
    assert register_guest(meeting, 1).pk == register_guest(meeting, 1).pk
    assert (quota_counts(meeting), OutgoingEmail.objects.count()) == ({"whole:": (1, 1)}, 1)


def test_with_approval_a_place_is_held_until_the_organiser_decides():
    meeting = make_open_meeting(approval=True)
    make_quota(meeting, "whole", "", 1)
    by = make_organiser(meeting)
    first, second = register_guest(meeting, 1), register_guest(meeting, 2)
    assert (first.status, second.status) == ("asked", "waiting")
    decisions.refuse_registration(registration=first, by=by, reason="The list is for judges.")
    assert statuses(meeting) == ["refused", "asked"]
    decisions.approve_registration(registration=second, by=by)
    decisions.revert_to_pending(registration=second, by=by, reason="The form was changed.")
    assert (statuses(meeting), quota_counts(meeting)) == (["refused", "asked"], {"whole:": (1, 1)})


def test_changing_the_country_reassigns_the_place_and_resets_the_approval(states):
    meeting = make_open_meeting(approval=True)
    make_quota(meeting, "country", "XA", 1), make_quota(meeting, "country", "XB", 1)
    by = make_organiser(meeting)
    row = decisions.approve_registration(registration=register_guest(meeting, 1, country="XA"), by=by)
    row = actions.change_registration(registration=row, data=RegistrationData(country="XB"), by=None)
    assert (row.status, quota_counts(meeting)) == ("asked", {"country:XA": (0, 0), "country:XB": (1, 1)})
    register_guest(meeting, 2, country="XA")
    with pytest.raises(registration_errors.QuotaFull):
        actions.change_registration(registration=row, data=RegistrationData(country="XA"), by=None)
    assert quota_counts(meeting) == {"country:XA": (1, 1), "country:XB": (1, 1)}


def test_extra_places_go_to_the_waiting_list_and_fewer_than_taken_are_rejected():
    meeting = make_open_meeting()
    make_quota(meeting, "whole", "", 1)
    by = make_organiser(meeting)
    for number in range(1, 5):
        register_guest(meeting, number)
    organising.set_quota(meeting=meeting, by=by, kind="whole", key="", places=3)
    assert statuses(meeting) == ["confirmed", "confirmed", "confirmed", "waiting"]
    with pytest.raises(delegations.FewerPlacesThanTaken):
        organising.set_quota(meeting=meeting, by=by, kind="whole", key="", places=2)


class QuotaStateMachine(RuleBasedStateMachine):
    """Random actions in any order: quota counts are right, no one is lost, and no free place is left unused."""

    def __init__(self) -> None:
        super().__init__()
        self.meeting = make_open_meeting(approval=False)
        make_quota(self.meeting, "whole", "", 4), make_quota(self.meeting, "group", "researchers", 2)
        make_quota(self.meeting, "group", "politicians", 1)
        self.by = make_organiser(self.meeting)
        self.number = 0
        self.answered: list[int] = []

    @rule(group=st.sampled_from(["", "politicians", "researchers"]))
    def somebody_comes(self, group: str) -> None:
        self.number += 1
        self.answered.append(register_guest(self.meeting, self.number, group=group).pk)

    @precondition(lambda self: self.answered)
    @rule(data=st.data())
    def somebody_declines(self, data: Any) -> None:
        row = models.Registration.objects.get(pk=data.draw(st.sampled_from(self.answered)))
        if not RegistrationStatus(row.status).is_over:
            decisions.decline_registration(registration=row, by=None)

    @precondition(lambda self: self.answered)
    @rule(data=st.data(), group=st.sampled_from(["", "politicians", "researchers"]))
    def somebody_is_moved(self, data: Any, group: str) -> None:
        row = models.Registration.objects.get(pk=data.draw(st.sampled_from(self.answered)))
        with contextlib.suppress(registration_errors.QuotaFull, registration_errors.StatusConflict):
            decisions.reassign_registration(registration=row, by=self.by, category="participant", group=group, state="")

    @rule(places=st.integers(0, 6))
    def places_change(self, places: int) -> None:
        with contextlib.suppress(delegations.FewerPlacesThanTaken):
            organising.set_quota(meeting=self.meeting, by=self.by, kind="whole", key="", places=places)

    @invariant()
    def what_must_hold(self) -> None:
        assert all(said == held for said, held in quota_counts(self.meeting).values())
        assert all(one.taken <= one.places for one in self.meeting.quotas.all())
        assert sorted(self.meeting.registrations.values_list("pk", flat=True)) == sorted(self.answered)
        waiting = self.meeting.registrations.filter(status="waiting").order_by("waiting_number")
        quotas = list(self.meeting.quotas.all())
        assert [
            row.pk for row in waiting if all(one.taken < one.places for one in registration_quotas(row, quotas))
        ] == []  # no one waits while a place is free for them


@pytest.mark.parametrize("seed", [1])
def test_quota_counts_are_right_whatever_people_do(seed, monkeypatch):
    from django.db import transaction

    class Rolled(QuotaStateMachine):
        def __init__(self) -> None:
            self.block = transaction.atomic()
            self.block.__enter__()
            super().__init__()

        def teardown(self) -> None:
            transaction.set_rollback(True)
            self.block.__exit__(None, None, None)

    monkeypatch.setattr(permissions, "can_manage", lambda *_: True)
    run_state_machine_as_test(Rolled, settings=how(max_examples=12, stateful_step_count=14))


# --- Concurrency ------------------------------------------------------------------------------------------------------


def run_concurrently(jobs: list[Any]) -> list[BaseException]:
    """Run the jobs in threads that start together, and return the exceptions they raised."""
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
    return wrong


@pytest.mark.django_db(transaction=True)
def test_concurrent_registrations_share_no_place_and_all_get_an_answer():
    meeting = make_open_meeting()
    (
        make_quota(meeting, "whole", "", 5),
        make_quota(meeting, "group", "researchers", 3),
        make_quota(meeting, "group", "politicians", 4),
    )
    groups = ["researchers", "politicians"] * 8
    for number in range(16):
        make_invitation(meeting, number)
    jobs = [lambda n=n, g=g: register_guest(meeting, n, group=g) for n, g in enumerate(groups)]
    assert run_concurrently(jobs) == []
    assert sorted(statuses(meeting)) == ["confirmed"] * 5 + ["waiting"] * 11
    assert all(said == held <= 5 for said, held in quota_counts(meeting).values())
    numbers = meeting.registrations.filter(status="waiting").values_list("waiting_number", flat=True)
    assert sorted(numbers) == list(range(1, 12))


@pytest.mark.django_db(transaction=True)
def test_a_place_released_during_other_registrations_does_not_stay_empty():
    meeting = make_open_meeting()
    make_quota(meeting, "whole", "", 4)
    held = [register_guest(meeting, number) for number in range(4)]
    for number in range(4, 12):
        make_invitation(meeting, number)
    jobs = [lambda row=row: decisions.decline_registration(registration=row, by=None) for row in held]
    jobs += [lambda n=n: register_guest(meeting, n) for n in range(4, 12)]
    assert run_concurrently(jobs) == []
    assert sorted(statuses(meeting)) == ["confirmed"] * 4 + ["declined"] * 4 + ["waiting"] * 4
    assert quota_counts(meeting) == {"whole:": (4, 4)}


@pytest.mark.django_db(transaction=True)
def test_a_double_click_is_one_registration():
    meeting = make_open_meeting()
    make_quota(meeting, "whole", "", 4)
    make_invitation(meeting, 1)
    assert run_concurrently([lambda: register_guest(meeting, 1)] * 6) == []
    assert (statuses(meeting), quota_counts(meeting)) == (["confirmed"], {"whole:": (1, 1)})


# --- Ways to register -------------------------------------------------------------------------------------------------


def test_a_forwarded_link_registers_only_the_invited_address(client):
    meeting = make_open_meeting()
    row = make_invitation(meeting, 1)
    address = reverse(
        "meetings:invitation", kwargs={"slug": meeting.public_id, "token": actions_emails.link_token(row)}
    )
    page = client.get(address)
    assert (page.status_code, b"guest-1@network.example" in page.content, b'name="email"' in page.content) == (
        200, True, False,
    )  # fmt: skip
    said = {"name": "Somebody Fictional", "language": "en", "email": "another@network.example"}
    assert client.post(address, said).status_code == 302
    made = meeting.registrations.get()
    assert (made.status, actions_emails.registration_email_address(made)) == ("confirmed", "guest-1@network.example")


def test_an_account_holder_registers_as_their_own_person(client):
    meeting = make_open_meeting()
    account = make_account(Role.READER, email="guest-1@network.example")
    person = make_person(account=account)
    row = make_invitation(meeting, 1)
    address = reverse(
        "meetings:invitation", kwargs={"slug": meeting.public_id, "token": actions_emails.link_token(row)}
    )
    assert client.post(address, {"name": "Somebody", "language": "en"}).status_code == 409
    assert meeting.registrations.count() == 0
    sign_in(client, account)
    assert client.post(address, {"language": "en"}).status_code == 302
    assert meeting.registrations.get().person == person


def test_another_account_cannot_answer_an_invitation(client):
    meeting = make_open_meeting()
    row = make_invitation(meeting, 1)
    sign_in(client, make_account(Role.READER))
    address = reverse(
        "meetings:invitation", kwargs={"slug": meeting.public_id, "token": actions_emails.link_token(row)}
    )
    page = client.get(address)
    assert (page.status_code, b"<button" in page.content.split(b"<main")[1].split(b"</main")[0]) == (409, False)


def test_open_registration_reveals_no_accounts_and_emails_a_link(client):
    meeting = make_open_meeting(entry=RegistrationPolicy.OPEN)
    make_account(email="known@network.example")
    address = reverse("meetings:register", args=[meeting.public_id])
    told = {
        re.sub(rb'name="csrfmiddlewaretoken" value="[^"]*"', b"", client.post(address, {"email": email}).content)
        for email in ("known@network.example", "unknown@network.example")
    }
    assert len(told) == 1
    letters = {one.to: one.body for one in OutgoingEmail.objects.all()}
    assert sorted(letters) == ["known@network.example", "unknown@network.example"]
    link = re.search(r"https://samsvar\.example(\S+)", letters["unknown@network.example"])
    assert link is not None
    assert client.post(link[1], {"name": "Fictional Guest", "language": "en"}).status_code == 302
    assert statuses(meeting) == ["confirmed"]


def test_a_withdrawn_invitation_opens_nothing(client):
    meeting = make_open_meeting()
    row = make_invitation(meeting, 1)
    models.MeetingInvitation.objects.filter(pk=row.pk).update(withdrawn_at=timezone.now())
    address = reverse(
        "meetings:invitation", kwargs={"slug": meeting.public_id, "token": actions_emails.link_token(row)}
    )
    assert client.get(address).status_code == 410
    with pytest.raises(registration_errors.MeetingInvitationExpired):
        register_guest(meeting, 1)


def test_no_one_can_register_before_opening_or_after_closing():
    early = make_open_meeting(opens_at=timezone.now() + timedelta(days=1))
    late = make_open_meeting(opens_at=timezone.now() - timedelta(days=2), closes_at=timezone.now() - timedelta(days=1))
    held = make_meeting(opens_at=timezone.now() - timedelta(days=200))  # it was in September; it needs no closing date
    for meeting in (early, late, held):
        with pytest.raises(registration_errors.RegistrationNotOpen):
            register_guest(meeting, 1)


def test_a_list_is_read_completely_and_each_address_is_invited_once(monkeypatch):
    monkeypatch.setattr(permissions, "can_manage", lambda *_: True)
    meeting = make_open_meeting()
    by = make_organiser(meeting)
    found = invitations.parse_addresses("One <one@a.example>, two@a.example\n\nONE@a.example; three@a.example")
    assert found == ["one@a.example", "two@a.example", "three@a.example"]
    until = timezone.now() + timedelta(days=3)
    sent = [invitations.invite_addresses(meeting=meeting, addresses=found, by=by, expires_at=until) for _ in range(2)]
    assert sent == [invitations.InvitationResult(3, 0), invitations.InvitationResult(0, 3)]
    with pytest.raises(invitations.InvalidAddresses) as wrong:
        invitations.parse_addresses("one@a.example\nnobody\n@x")
    assert wrong.value.lines == (2, 3)


# --- Delegations ------------------------------------------------------------------------------------------------------


@pytest.fixture
def delegation(states, monkeypatch) -> models.Delegation:
    monkeypatch.setattr(permissions, "can_manage", lambda *_: True)
    meeting = make_open_meeting()
    make_quota(meeting, "whole", "", 9), make_quota(meeting, "country", "XC", 2)
    return delegations.create_delegation(
        meeting=meeting, by=make_organiser(meeting), places=2, head_email="head@network.example", state="XC",
        nominate_until=timezone.now() + timedelta(days=5),
    )  # fmt: skip


def nominate(delegation: models.Delegation, number: int, **more: Any) -> models.Registration:
    return delegations.nominate_person(
        delegation=delegation, by=None, name=f"Nominee {number}", email=f"n{number}@network.example", **more
    )


def test_a_nominee_holds_a_place_and_confirms_it_by_email(delegation, client):
    row = nominate(delegation, 1)
    assert (row.status, quota_counts(delegation.meeting)) == (
        "nominated",
        {"whole:": (2, 1), "country:XC": (2, 1)},
    )  # one reserved
    letter = OutgoingEmail.objects.get(to="n1@network.example")
    link = re.search(r"https?://samsvar.example(\S+)", letter.body)
    assert link is not None
    assert client.post(link[1], {"language": "en"}).status_code == 302
    assert (statuses(delegation.meeting), quota_counts(delegation.meeting)["whole:"]) == (["confirmed"], (2, 1))


def test_a_delegation_cannot_exceed_its_places_and_a_substitute_keeps_the_place(delegation):
    first = nominate(delegation, 1)
    nominate(delegation, 2)
    with pytest.raises(delegations.DelegationFull):
        nominate(delegation, 3)
    third = nominate(delegation, 3, replaces=first)
    assert (third.replaces, statuses(delegation.meeting)) == (first, ["replaced", "nominated", "nominated"])
    assert quota_counts(delegation.meeting) == {"whole:": (2, 2), "country:XC": (2, 2)}
    delegations.withdraw_nomination(registration=third, by=None)
    assert quota_counts(delegation.meeting) == {"whole:": (2, 1), "country:XC": (2, 1)}  # kept for whom it names next


def test_a_nominee_with_an_account_takes_part_as_their_own_person(delegation, client):
    row = nominate(delegation, 1)
    written = row.person
    account = make_account(Role.READER, email="n1@network.example")
    person = make_person(account=account)
    assert row.invitation is not None
    made = actions.register_person(
        meeting=delegation.meeting,
        data=RegistrationData(name="Nominee"),
        invitation=row.invitation,
        account=account,
    )
    assert (made.pk, made.person, made.status) == (row.pk, person, "confirmed")
    assert type(written).objects.filter(pk=written.pk).count() == 0


def test_the_head_can_nominate_someone_on_the_emailed_page(delegation, client):
    link = re.search(r"https?://samsvar.example(\S+)", OutgoingEmail.objects.get(to="head@network.example").body)
    assert link is not None
    assert client.get(link[1]).status_code == 200
    said = {"name": "Fictional Nominee", "email": "n7@network.example", "category": "participant", "language": "en"}
    assert client.post(link[1], said).status_code == 302
    assert b"Fictional Nominee" in client.get(link[1]).content


def test_reminders_are_sent_once_to_those_who_have_not_answered(delegation):
    meeting = delegation.meeting
    make_invitation(meeting, 1), make_invitation(meeting, 2)
    models.MeetingInvitation.objects.update(at=timezone.now() - timedelta(days=8))
    models.Delegation.objects.update(at=timezone.now() - timedelta(days=8))
    register_guest(meeting, 2)
    OutgoingEmail.objects.all().delete()
    assert [invitations.send_reminders(meeting=meeting) for _ in range(2)] == [2, 0]
    assert sorted(OutgoingEmail.objects.values_list("to", flat=True)) == [
        "guest-1@network.example",
        "head@network.example",
    ]


@pytest.mark.parametrize(
    ("chosen", "account", "meetings", "read"),
    [
        ("ro", "nb", ["en", "fr"], "ro"),
        ("", "nb", ["en", "fr"], "nb"),
        ("", "", ["uk", "fr", "en"], "fr"),
        ("", "", ["uk"], "en"),
    ],
)
def test_emails_to_a_head_use_the_chosen_language_their_own_or_the_meetings(
    chosen, account, meetings, read, delegation
):
    if account:
        own = make_account(email="head@network.example")
        own.language = account
        own.save()
    delegation.language = chosen
    delegation.meeting.languages = meetings
    assert actions_emails.delegation_head_language(delegation) == read


def test_every_email_to_a_head_is_in_the_language_chosen_by_the_organiser(delegation):
    by = make_organiser(delegation.meeting)
    change_head(delegation, by, language="fr")
    first = nominate(delegation, 1)
    delegations.send_head_link(delegation, by=by)
    decisions.decline_registration(registration=first, by=None)
    models.Delegation.objects.update(at=timezone.now() - timedelta(days=8))
    invitations.send_reminders(meeting=delegation.meeting)
    bodies = list(OutgoingEmail.objects.filter(to="head@network.example").order_by("pk").values_list("body", flat=True))
    assert ["/fr/meetings/" in body and "Des refuges près de chacun" in body for body in bodies] == [
        False, True, True, True,
    ]  # fmt: skip


def change_head(delegation: models.Delegation, by: Any, **more: Any) -> models.Delegation:
    said: dict[str, Any] = {
        "places": delegation.places, "nominate_until": delegation.nominate_until, "note": "",
        "head_email": delegation.head_email, "language": delegation.language,
    }  # fmt: skip
    return delegations.change_delegation(delegation=delegation, by=by, **(said | more))


def test_a_new_head_gets_a_link_and_the_previous_link_stops_working(delegation, client):
    def link(to: str) -> str:
        found = re.search(r"https?://samsvar.example(\S+)", OutgoingEmail.objects.get(to=to).body)
        assert found is not None
        return found[1]

    old, by = link("head@network.example"), make_organiser(delegation.meeting)
    nominate(delegation, 1)
    changed = change_head(delegation, by, head_email="Other@network.example")
    answers = [client.get(one).status_code for one in (old, link("other@network.example"))]
    assert (answers, changed.registrations.count()) == ([404, 200], 1)
    with pytest.raises(delegations.FewerPlacesThanTaken):
        change_head(changed, by, places=0)


def test_a_delegation_is_edited_on_its_own_page(states, client):
    meeting = make_open_meeting()
    row = models.Delegation.objects.create(meeting=meeting, state_id="XC", places=2, head_email="head@network.example")
    sign_in(client, make_organiser(meeting), staff_session="preparing the meeting")
    address = reverse("meetings:change-delegation", args=[meeting.public_id, row.public_id])
    assert b"head@network.example" in client.get(address).content
    said = {"places": 3, "head_email": "head@network.example", "language": "nb", "until": "2031-01-01", "note": ""}
    assert client.post(address, said).status_code == 302
    assert client.post(address, said | {"places": 0}).status_code == 422
    row.refresh_from_db()
    assert (row.places, row.language, OutgoingEmail.objects.count()) == (3, "nb", 0)


def test_the_head_is_notified_that_someone_declined_but_not_who(delegation):
    row = nominate(delegation, 1)
    OutgoingEmail.objects.all().delete()
    decisions.decline_registration(registration=row, by=None)
    letter = OutgoingEmail.objects.get(to="head@network.example")
    assert letter.subject == "Samsvar: A member of your delegation will not be attending “Shelters near everybody”"
    assert "Nominee" not in letter.body


# --- Organiser pages --------------------------------------------------------------------------------------------------


def test_a_table_is_imported_completely_or_not_at_all_and_only_once(states, monkeypatch):
    monkeypatch.setattr(permissions, "can_manage", lambda *_: True)
    meeting = make_open_meeting()
    make_quota(meeting, "whole", "", 2)
    cells = [["name", "email", "country"], *([f"Guest {n}", f"g{n}@a.example", "XC"] for n in range(3))]
    with pytest.raises(organising.InvalidGroupTable) as wrong:
        organising.parse_group_table(meeting, [*cells, ["", "g1@a.example", "QQ"]])
    assert [(one.row, one.column) for one in wrong.value.errors] == [(5, "name"), (5, "email"), (5, "country")]
    rows = organising.parse_group_table(meeting, cells)
    by = make_organiser(meeting)
    done = [organising.register_group(meeting=meeting, by=by, rows=rows) for _ in range(2)]
    assert done == [organising.GroupRegistrationResult(2, 1, 0), organising.GroupRegistrationResult(0, 0, 3)]
    assert (statuses(meeting), quota_counts(meeting)) == (["confirmed", "confirmed", "waiting"], {"whole:": (2, 2)})


def test_the_exported_list_has_no_formulas_and_no_people_at_risk(states, client):
    meeting = make_open_meeting()
    by = make_organiser(meeting)
    named, hidden = register_guest(meeting, 1, country="XA"), register_guest(meeting, 2, country="XC")
    named.person.details.filter(field="name").update(value="=HYPERLINK(1)")
    mark_at_risk(hidden.person)
    sign_in(client, by, staff_session="preparing the meeting")
    where = reverse("meetings:export-registrations", args=[meeting.public_id])
    assert "1 person who registered is marked as being at risk." in client.get(where).content.decode()
    rows = list(csv.DictReader(io.StringIO(client.post(where, {}).content.decode("utf-8-sig"))))
    assert [(row["name"], row["country"]) for row in rows] == [("'=HYPERLINK(1)", "XA")]
    lines = TrailLine.objects.filter(actor=by, verb="exported registrations")
    assert [(line.details["people"], line.details["at_risk"]) for line in lines] == [(1, 0)]
    seen = TrailLine.objects.filter(actor=by, saw=True).values_list("person", flat=True)
    assert set(seen) == {named.person.public_id}


def test_exporting_people_at_risk_needs_a_reason_and_notifies_every_secretariat(states, client):
    network = make_network("lantern")
    meeting = make_open_meeting(network=network)
    by, secretary = make_organiser(meeting), make_account(Role.SECRETARIAT, network=network)
    body = Organisation.objects.create(public_id="harbour-house", name="Harbour house", state_id="XC")
    hidden = register_guest(meeting, 2, country="XC", organisation=body.public_id)
    mark_at_risk(hidden.person)
    OutgoingEmail.objects.all().delete()
    sign_in(client, by, staff_session="preparing the meeting")
    where = reverse("meetings:export-registrations", args=[meeting.public_id])
    refused = client.post(where, {"with_people_at_risk": "on", "why": "because"})
    assert (refused.status_code, OutgoingEmail.objects.count()) == (409, 0)
    told = client.post(where, {"with_people_at_risk": "on", "why": "the hotel asks who sleeps there"})
    (row,) = csv.DictReader(io.StringIO(told.content.decode("utf-8-sig")))
    assert (row["name"], row["organisation"], row["country"], row["delegation"]) == ("Guest 2", "", "", "")
    (letter,) = OutgoingEmail.objects.all()
    assert (letter.to, "Guest 2" in letter.body, "marked as at risk: 1." in letter.body) == (
        secretary.email,
        False,
        True,
    )
    assert TrailLine.objects.get(verb="exported registrations").why == "the hotel asks who sleeps there"


def test_no_organiser_page_shows_the_country_or_organisation_of_people_at_risk(states, client):
    meeting = make_open_meeting()
    body = Organisation.objects.create(public_id="harbour-house", name="Harbour house", state_id="XC")
    invitation = make_invitation(meeting, 2, state="XC")
    hidden = register_guest(meeting, 2, organisation=body.public_id)
    mark_at_risk(hidden.person)
    sign_in(client, make_organiser(meeting), staff_session="preparing the meeting")
    key = [meeting.public_id]
    pages = [
        reverse("meetings:manage-registration", args=[*key, hidden.public_id]),
        reverse("meetings:manage-invitations", args=key),
        reverse("meetings:manage-letters", args=key),
    ]
    for address in pages:
        page = client.get(address)
        said = re.sub(r"<select.*?</select>", "", page.content.decode().partition("<main")[2], flags=re.DOTALL)
        found = re.findall(r".{60}" + territory_name("XC", "en"), said, re.DOTALL)
        assert (page.status_code, "Harbour house" in said, found) == (200, False, []), address
    client.post(pages[0], {"category": "speaker", "group": ""})
    hidden.refresh_from_db()
    assert (hidden.category, hidden.state_id, invitation.state_id) == ("speaker", "XC", "XC")


@pytest.mark.parametrize(
    "name",
    ["manage-invitations", "manage-delegations", "manage-registrations", "manage-questions", "registration-summary",
     "register-group"],
)  # fmt: skip
def test_organiser_pages_open_with_all_kinds_of_content(name, states, client):
    meeting = make_open_meeting(approval=True)
    by = make_organiser(meeting)
    make_quota(meeting, "whole", "", 1), make_quota(meeting, "country", "XC", 1)
    diet = models.Question.objects.create(
        meeting=meeting, text={"en": "What do you eat?"}, kind="choice", purpose={"en": "the kitchen"},
        options=[{"key": "all", "text": {"en": "everything"}}], delete_on=timezone.now().date() + timedelta(days=9),
    )  # fmt: skip
    models.Delegation.objects.create(meeting=meeting, state_id="XC", places=2, head_email="head@network.example")
    register_guest(meeting, 1, country="XC", answers={diet.pk: "all"}), register_guest(meeting, 2, country="XC")
    sign_in(client, by, staff_session="preparing the meeting")
    assert client.get(reverse(f"meetings:{name}", args=[meeting.public_id])).status_code == 200
    row = meeting.registrations.first()
    assert row is not None
    one = client.get(reverse("meetings:manage-registration", args=[meeting.public_id, row.public_id]))
    assert (one.status_code, b"everything" in one.content) == (200, True)


def test_a_bulk_decision_skips_registrations_that_it_cannot_change(client):
    meeting = make_open_meeting(approval=True)
    by = make_organiser(meeting)
    rows = [register_guest(meeting, number) for number in (1, 2)]
    sign_in(client, by, staff_session="preparing the meeting")
    decisions.decline_registration(registration=rows[1], by=None)
    address = reverse("meetings:manage-registrations", args=[meeting.public_id])
    chosen = {"registration": [row.public_id for row in rows], "what": "approve"}
    page = client.post(address, chosen, follow=True)
    assert (statuses(meeting), page.status_code) == (["confirmed", "declined"], 200)
    assert client.post(address, chosen | {"what": "refuse", "reason": "short"}).status_code == 422


def test_an_invitation_can_be_previewed_before_it_is_sent(client):
    meeting = make_open_meeting()
    sign_in(client, make_organiser(meeting), staff_session="preparing the meeting")
    page = client.get(reverse("meetings:manage-invitations", args=[meeting.public_id]))
    said = dict(page.context["letters"])
    assert sorted(said) == ["en", "fr", "nb", "ro"]
    assert said["en"].subject == "Samsvar: Invitation to “Shelters near everybody”"
    assert "Des refuges près de chacun" in said["fr"].body
    assert said["en"].subject in page.content.decode()


def test_a_decision_on_a_whole_list_covers_all_its_pages_and_no_one_else(client, monkeypatch):
    monkeypatch.setattr(queries, "PAGE_SIZE", 1)
    meeting = make_open_meeting(approval=True)
    (
        register_guest(meeting, 1, group="researchers"),
        register_guest(meeting, 2, group="researchers"),
        register_guest(meeting, 3),
    )
    sign_in(client, make_organiser(meeting), staff_session="preparing the meeting")
    address = reverse("meetings:manage-registrations", args=[meeting.public_id]) + "?group=researchers"
    assert b"All 2 registrations in this list" in client.get(address).content
    assert client.post(address, {"everyone": "on", "what": "approve"}).status_code == 302
    assert statuses(meeting) == ["confirmed", "confirmed", "asked"]


def test_the_whole_list_can_be_selected_before_the_first_row_and_each_row_at_its_beginning(client):
    meeting = make_open_meeting(approval=True)
    rows = [register_guest(meeting, number) for number in (1, 2)]
    sign_in(client, make_organiser(meeting), staff_session="preparing the meeting")
    address = reverse("meetings:manage-registrations", args=[meeting.public_id])
    page = client.get(address).content.decode().partition('id="people"')[2]
    assert "Select all 2 registrations in this list" in page
    places = [
        page.index(text)
        for text in ('name="everyone"', 'name="registration"', "manage/registrations/" + rows[1].public_id)
    ]
    assert places == sorted(places)
    assert client.post(address, {"everyone": "on", "what": "approve"}).status_code == 302
    assert statuses(meeting) == ["confirmed", "confirmed"]


def test_a_single_registration_is_decided_on_its_own_page(client):
    meeting = make_open_meeting(approval=True)
    row = register_guest(meeting, 1)
    sign_in(client, make_organiser(meeting), staff_session="preparing the meeting")
    one = reverse("meetings:manage-registration", args=[meeting.public_id, row.public_id])
    form = client.get(one).context["decision"]
    assert [code for code, _word in form.fields["what"].choices] == ["approve", "refuse", "withdraw"]
    decisions.decline_registration(registration=row, by=None)
    assert b'id="decide_what"' not in client.get(one).content


def test_the_head_sees_who_replaces_whom(delegation, client):
    first = nominate(delegation, 1)
    nominate(delegation, 2, replaces=first)
    link = re.search(r"https?://samsvar.example(\S+)", OutgoingEmail.objects.get(to="head@network.example").body)
    assert link is not None
    lines = [(row.name, row.registration.status, row.replaced_name) for row in queries.nominee_rows(delegation, None)]
    assert lines == [("Nominee 1", "replaced", ""), ("Nominee 2", "nominated", "Nominee 1")]
    assert "replacing Nominee 1" in " ".join(client.get(link[1]).content.decode().split())


def test_a_question_is_shown_with_its_purpose_and_its_answer_is_saved(client):
    meeting = make_open_meeting()
    sign_in(client, make_organiser(meeting), staff_session="preparing the meeting")
    gone = meeting.ends + timedelta(days=9)
    said = {
        "kind": "choices", "subject": "diet", "delete_on": gone.isoformat(), "text_en": "What do you eat?",
        "purpose_en": "the kitchen", "options_en": "no meat\nno fish",
    }  # fmt: skip
    assert client.post(reverse("meetings:manage-questions", args=[meeting.public_id]), said).status_code == 302
    question = meeting.questions.get()
    assert question.options == [
        {"key": "no-meat", "text": {"en": "no meat"}}, {"key": "no-fish", "text": {"en": "no fish"}},
    ]  # fmt: skip
    client.logout()
    row = make_invitation(meeting, 1)
    address = reverse(
        "meetings:invitation", kwargs={"slug": meeting.public_id, "token": actions_emails.link_token(row)}
    )
    promised = f"Used for: the kitchen. Your answer will be deleted on {display_date_range(gone, gone)}."
    assert promised.encode() in client.get(address).content
    own = client.post(address, {"name": "Guest", "language": "en", f"q{question.pk}": ["no-meat"]}, follow=True)
    assert (b"no meat" in own.content, b"You have a place." in own.content) == (True, True)
    own = client.post(own.request["PATH_INFO"], {"language": "fr", f"q{question.pk}": ["no-fish"]}, follow=True)
    assert models.Answer.objects.get().value == ["no-fish"]


@pytest.mark.parametrize("days", [-200, 0, 300])
def test_answers_must_be_deleted_on_a_future_date_within_half_a_year_of_the_meeting(days, client):
    meeting = make_open_meeting()
    by = make_organiser(meeting)
    gone = (timezone.now().date() if days <= 0 else meeting.ends) + timedelta(days=days)
    sign_in(client, by, staff_session="preparing the meeting")
    said = {
        "kind": "text", "subject": "travel", "delete_on": gone.isoformat(), "text_en": "When do you arrive?",
        "purpose_en": "the bus",
    }  # fmt: skip
    answer = client.post(reverse("meetings:manage-questions", args=[meeting.public_id]), said)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["delete_on"])
    columns = {"kind": "text", "subject": "travel", "text": {"en": "When?"}, "delete_on": gone}
    with pytest.raises(asking.DeletionDateOutOfRange):
        asking.add_question(meeting=meeting, by=by, **columns)
    assert not meeting.questions.exists()
    question = make_diet_question(meeting)
    with pytest.raises(asking.DeletionDateOutOfRange):
        asking.change_question(question=question, by=by, delete_on=gone)


# --- Questions --------------------------------------------------------------------------------------------------------


def make_diet_question(meeting: models.Meeting, **more: Any) -> models.Question:
    columns: dict[str, Any] = {
        "kind": "choice", "subject": "diet", "text": {"en": "What do you eat?"}, "purpose": {"en": "the kitchen"},
        "options": [{"key": "all", "text": {"en": "everything"}}, {"key": "vegan", "text": {"en": "vegan"}}],
        "delete_on": TODAY + timedelta(days=30),
    }  # fmt: skip
    return models.Question.objects.create(meeting=meeting, **(columns | more))


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"kind": "text"}, "kind_locked"),
        ({"purpose": {"en": "the kitchen and a study"}}, "purpose_locked"),
        ({"delete_on": TODAY + timedelta(days=31)}, "deletion_date_locked"),
        ({"options": [{"key": "all", "text": {"en": "everything"}}]}, "choice_in_use"),
        ({"purpose": {"en": "the kitchen", "fr": "la cuisine"}}, ""),
        ({"delete_on": TODAY + timedelta(days=29)}, ""),
        ({"options": [{"key": "vegan", "text": {"en": "nothing of animals"}}]}, ""),
        ({"text": {"en": "What shall we cook?"}, "required": True, "of": ["speaker"]}, ""),
    ],
)
def test_an_answered_question_keeps_the_terms_under_which_it_was_answered(changed, refusal):
    meeting = make_open_meeting()
    by, diet = make_organiser(meeting), make_diet_question(meeting)
    register_guest(meeting, 1, answers={diet.pk: "vegan"})
    before = models.Question.objects.values().get()
    said = before | changed
    if refusal:
        said = before
        with pytest.raises(asking.QuestionLocked) as error:
            asking.change_question(question=diet, by=by, **changed)
        assert error.value.code == refusal
    else:
        asking.change_question(question=diet, by=by, **changed)
    assert models.Question.objects.values().get() == said
    assert models.Answer.objects.get().value == "vegan"


def test_asking_a_question_again_allows_any_change_and_deletes_its_answers():
    meeting = make_open_meeting()
    by, diet = make_organiser(meeting), make_diet_question(meeting)
    register_guest(meeting, 1, answers={diet.pk: "vegan"})
    asking.change_question(
        question=diet, by=by, delete_answers=True, kind="text", options=[], purpose={"en": "a study"}
    )
    assert (models.Question.objects.get().kind, models.Answer.objects.count()) == ("text", 0)
    line = TrailLine.objects.get(actor=by, verb="changed a question")
    assert line.details == {"question": diet.public_id, "deleted": 1}


def test_questions_can_be_reordered_and_new_ones_are_added_at_the_end():
    meeting = make_open_meeting()
    by = make_organiser(meeting)
    rows = [
        make_diet_question(meeting, text={"en": name}) for name in "abc"
    ]  # all with the same order number, as before it was introduced

    def order() -> str:
        return "".join(one.text["en"] for one in meeting.questions.all())

    said = []
    for number, up in ((2, True), (2, True), (2, True), (0, False), (0, False)):
        asking.move_question(question=rows[number], by=by, up=up)
        said.append(order())
    assert said == ["acb", "cab", "cab", "cba", "cba"]
    assert TrailLine.objects.filter(actor=by, verb="moved a question").count() == 3
    asking.add_question(
        meeting=meeting, by=by, kind="text", text={"en": "d"}, purpose={"en": "x"}, delete_on=rows[0].delete_on
    )
    assert order() == "cbad"


def test_a_question_for_after_confirmation_is_not_asked_earlier(client):
    meeting = make_open_meeting(approval=True)
    by = make_organiser(meeting)
    travel = make_diet_question(
        meeting, kind="text", text={"en": "How do you come?"}, required=True, after_confirmation=True
    )
    row = make_invitation(meeting, 1)
    address = reverse(
        "meetings:invitation", kwargs={"slug": meeting.public_id, "token": actions_emails.link_token(row)}
    )
    assert b"How do you come?" not in client.get(address).content
    own = client.post(address, {"name": "Guest", "language": "en"}, follow=True)
    assert b"How do you come?" not in own.content
    made = meeting.registrations.get()
    assert queries_questions.unanswered_questions(meeting) == {}
    decisions.approve_registration(registration=made, by=by)
    assert queries_questions.unanswered_questions(meeting) == {made.pk: [travel]}
    assert "Some questions are still unanswered." in OutgoingEmail.objects.latest("pk").body
    link = reverse("meetings:registration-link", args=[meeting.public_id, actions_emails.link_token(made)])
    page = client.get(link).content
    assert (b"Questions to answer" in page, b"How do you come?" in page) == (True, True)
    assert client.post(link, {"language": "en", f"q{travel.pk}": "by train"}).status_code == 302
    assert (
        b"Questions to answer" in client.get(link).content,
        queries_questions.unanswered_questions(meeting),
    ) == (
        False,
        {},
    )
    assert models.Answer.objects.get().value == "by train"


def test_a_nominee_can_accept_without_answering_questions_for_after_confirmation(delegation):
    travel = make_diet_question(delegation.meeting, required=True, after_confirmation=True)
    row = nominate(delegation, 1)
    assert row.invitation is not None
    made = actions.register_person(
        meeting=delegation.meeting,
        data=RegistrationData(name="Nominee", answers={}),
        invitation=row.invitation,
    )
    assert (made.status, queries_questions.unanswered_questions(delegation.meeting)) == (
        "confirmed",
        {made.pk: [travel]},
    )


def test_people_with_unanswered_questions_are_listed_and_reminded_once_a_day(client):
    meeting = make_open_meeting()
    by = make_organiser(meeting)
    answered, silent = register_guest(meeting, 1), register_guest(meeting, 2)
    travel = make_diet_question(meeting, text={"en": "How do you come?"}, after_confirmation=True, kind="text")
    make_diet_question(meeting, required=False)  # an optional question does not block anything
    models.Answer.objects.create(registration=answered, question=travel, value="by train")
    sign_in(client, by, staff_session="preparing the meeting")
    page = client.get(reverse("meetings:manage-questions", args=[meeting.public_id])).content
    assert b"1 person with a place has unanswered questions" in page
    listed = client.get(reverse("meetings:manage-registrations", args=[meeting.public_id]), {"answers": "open"})
    assert [line.registration.pk for line in listed.context["page"].rows] == [silent.pk]
    OutgoingEmail.objects.all().delete()
    remind = reverse("meetings:send-question-reminders", args=[meeting.public_id])
    for _ in range(2):
        assert client.post(remind).status_code == 302
    assert list(OutgoingEmail.objects.values_list("to", flat=True)) == ["guest-2@network.example"]
    assert [one.details for one in TrailLine.objects.filter(actor=by, verb="sent a reminder about questions")] == [
        {"letters": 1}
    ]


def test_options_can_be_reworded_added_and_removed_on_the_page_of_a_question(client):
    meeting = make_open_meeting()
    diet = make_diet_question(
        meeting, text={"en": "What do you eat?", "ro": "Ce mâncați?"}
    )  # a language it no longer has
    register_guest(meeting, 1, answers={diet.pk: "vegan"})
    sign_in(client, make_organiser(meeting), staff_session="preparing the meeting")
    address = reverse("meetings:change-question", args=[meeting.public_id, diet.public_id])
    page = client.get(address)
    assert (b"Chosen by 1 person." in page.content, b"ask again: delete the 1 answer" in page.content) == (True, True)
    form = page.context["form"]
    said = {name: form[name].value() for name in form.fields if form[name].value() not in (None, [], False)}
    said |= {"option1_en": "Nothing of animals", "option0_en": "Everything", "options_en": "Vegan\nVegan"}
    assert client.post(address, said | {"drop1": "on"}).status_code == 409  # someone chose it
    assert client.post(address, said | {"drop0": "on"}).status_code == 302
    diet.refresh_from_db()
    assert diet.text == {"en": "What do you eat?", "ro": "Ce mâncați?"}
    assert diet.options == [
        {"key": "vegan", "text": {"en": "Nothing of animals"}},
        {"key": "vegan-2", "text": {"en": "Vegan"}},
        {"key": "vegan-3", "text": {"en": "Vegan"}},
    ]
    moved = client.post(reverse("meetings:move-question", args=[meeting.public_id, diet.public_id]), {"way": "down"})
    assert moved["Location"].endswith(f"/questions/#question-{diet.public_id}")


def test_free_text_answers_are_counted_but_not_shown(client):
    meeting = make_open_meeting()
    asked = {"meeting": meeting, "delete_on": meeting.ends + timedelta(days=9)}
    diet = models.Question.objects.create(
        kind="choice", text={"en": "What do you eat?"}, options=[{"key": "all", "text": {"en": "everything"}}], **asked
    )
    arrival = models.Question.objects.create(kind="text", text={"en": "When do you arrive?"}, **asked)
    register_guest(meeting, 1, answers={diet.pk: "all", arrival.pk: "FLIGHT-SK123"})
    sums = {
        one.question.pk: (one.counts, one.answer_count, one.is_free_text)
        for one in queries_questions.answer_summaries(meeting, "en")
    }
    assert sums == {diet.pk: ((("everything", 1),), 1, False), arrival.pk: ((), 1, True)}
    sign_in(client, make_organiser(meeting), staff_session="the kitchen")
    page = client.get(reverse("meetings:registration-summary", args=[meeting.public_id])).content.decode()
    assert ("everything" in page, "FLIGHT-SK123" in page) == (True, False)


@pytest.mark.parametrize(("places", "said"), [(1, "which has 1 place."), (4, "which has 4 places.")])
def test_the_email_to_a_head_of_delegation_uses_singular_and_plural_forms(places, said, states):
    meeting = make_open_meeting()
    delegations.create_delegation(
        meeting=meeting,
        by=make_organiser(meeting),
        state="XC",
        places=places,
        head_email="head@network.example",
    )
    assert said in OutgoingEmail.objects.get().body


def test_someone_on_the_waiting_list_sees_their_position_and_can_decline(client):
    meeting = make_open_meeting()
    make_quota(meeting, "whole", "", 1)
    rows = [register_guest(meeting, number) for number in (1, 2, 3)]
    address = reverse(
        "meetings:registration-link", kwargs={"slug": meeting.public_id, "token": actions_emails.link_token(rows[2])}
    )
    assert b"You are number 2 on the waiting list" in client.get(address).content
    assert client.post(address, {"do": "decline"}, follow=True).status_code == 200
    assert statuses(meeting) == ["confirmed", "waiting", "declined"]
