"""Places at a meeting: none is given twice, nobody is lost, and whoever waits comes in order."""

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

from samsvar.dates import shown_span
from samsvar.meetings.meeting import Entry
from samsvar.meetings.registration import Standing
from samsvar.network.rights import Role
from samsvar.site.audit.models import Entry as TrailLine
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
from samsvar.site.meetings.registration.actions import (
    places as actions_places,
)
from samsvar.site.meetings.registration.actions import questions as asking
from samsvar.site.meetings.registration.actions import (
    registering as actions,
)
from samsvar.site.meetings.registration.actions.places import quotas_of
from samsvar.site.meetings.registration.actions.registering import Said
from samsvar.site.meetings.registration.queries import questions as queries_questions
from samsvar.site.meetings.registration.queries import registrations as queries
from samsvar.site.network.models import Letter, Organisation
from samsvar.territories import name_of
from tests.factories.meetings import make_meeting, organiser_of
from tests.factories.people import make_account, make_network, make_person, sign_in

pytestmark = pytest.mark.django_db

SITE = "https://samsvar.example/"
TODAY = timezone.now().date()


@pytest.fixture
def states(db: None) -> None:
    from samsvar.site.convention.actions import load_convention

    load_convention()


def open_meeting(**more: Any) -> models.Meeting:
    first = timezone.now().date() + timedelta(days=90)
    days = {"begins": first, "ends": first + timedelta(days=2)}
    return make_meeting(**{"opens_at": timezone.now() - timedelta(days=1), **days, **more})


def quota(meeting: models.Meeting, kind: str, key: str, places: int) -> models.Quota:
    return models.Quota.objects.create(meeting=meeting, kind=kind, key=key, places=places)


def invited(meeting: models.Meeting, number: int = 1, **more: Any) -> models.MeetingInvitation:
    by = more.pop("by", None) or make_account()
    return invitations.make_invitation(
        meeting, f"guest-{number}@network.example", by=by, expires_at=timezone.now() + timedelta(days=9), language="en",
        **more,
    )  # fmt: skip


def comes(meeting: models.Meeting, number: int, **said: Any) -> models.Registration:
    invitation = meeting.invitations.filter(email=f"guest-{number}@network.example").first() or invited(meeting, number)
    return actions.register(
        meeting=meeting, said=Said(name=f"Guest {number}", **said), site=SITE, invitation=invitation
    )


def protect(person: Any, pseudonym: str = "Alder") -> None:
    type(person).objects.filter(pk=person.pk).update(at_risk=True, pseudonym=pseudonym)


def standings(meeting: models.Meeting) -> list[str]:
    return list(meeting.registrations.order_by("pk").values_list("standing", flat=True))


def books(meeting: models.Meeting) -> dict[str, tuple[int, int]]:
    """Of each quota what it says is taken, and how many places are held under it."""
    held = list(meeting.registrations.filter(standing__in=actions_places.HOLDING))
    return {
        f"{one.kind}:{one.key}": (one.taken, sum(bool(quotas_of(row, [one])) for row in held))
        for one in meeting.quotas.all()
    }


# --- Places -----------------------------------------------------------------------------------------------------------


def test_a_place_is_taken_from_every_quota_or_from_none(states):
    meeting = open_meeting()
    quota(meeting, "whole", "", 2), quota(meeting, "country", "XC", 1), quota(meeting, "group", "researchers", 5)
    comes(meeting, 1, country="XA"), comes(meeting, 2, country="XA", group="researchers"), comes(meeting, 3)
    assert standings(meeting) == ["confirmed", "confirmed", "waiting"]
    assert books(meeting) == {"whole:": (2, 2), "country:XC": (0, 0), "group:researchers": (1, 1)}


def test_whoever_gives_up_a_place_gives_it_to_the_first_who_fits(states):
    meeting = open_meeting()
    quota(meeting, "whole", "", 2), quota(meeting, "country", "XA", 1)
    first, _second = comes(meeting, 1, country="XB"), comes(meeting, 2, country="XA")
    comes(meeting, 3, country="XA"), comes(meeting, 4, country="XB"), comes(meeting, 5, country="XB")
    decisions.decline(registration=first, site=SITE, by=None)
    assert standings(meeting) == ["declined", "confirmed", "waiting", "confirmed", "waiting"]
    assert books(meeting) == {"whole:": (2, 2), "country:XA": (1, 1)}
    assert Letter.objects.filter(to="guest-4@network.example").values_list("subject", flat=True)[0] == (
        "Samsvar: You have a place at “Shelters near everybody”"
    )


def test_registering_twice_gives_the_same_answer_and_one_letter():
    meeting = open_meeting()
    quota(meeting, "whole", "", 5)
    assert comes(meeting, 1).pk == comes(meeting, 1).pk
    assert (books(meeting), Letter.objects.count()) == ({"whole:": (1, 1)}, 1)


def test_with_approval_a_place_is_held_until_somebody_decides():
    meeting = open_meeting(approval=True)
    quota(meeting, "whole", "", 1)
    by = organiser_of(meeting)
    first, second = comes(meeting, 1), comes(meeting, 2)
    assert (first.standing, second.standing) == ("asked", "waiting")
    decisions.refuse(registration=first, by=by, reason="The list is for judges.", site=SITE)
    assert standings(meeting) == ["refused", "asked"]
    decisions.approve(registration=second, by=by, site=SITE)
    decisions.put_back(registration=second, by=by, reason="The form was changed.", site=SITE)
    assert (standings(meeting), books(meeting)) == (["refused", "asked"], {"whole:": (1, 1)})


def test_changing_the_country_takes_the_place_anew_and_the_approval_with_it(states):
    meeting = open_meeting(approval=True)
    quota(meeting, "country", "XA", 1), quota(meeting, "country", "XB", 1)
    by = organiser_of(meeting)
    row = decisions.approve(registration=comes(meeting, 1, country="XA"), by=by, site=SITE)
    row = actions.change(registration=row, said=Said(country="XB"), site=SITE, by=None)
    assert (row.standing, books(meeting)) == ("asked", {"country:XA": (0, 0), "country:XB": (1, 1)})
    comes(meeting, 2, country="XA")
    with pytest.raises(registration_errors.NoPlaceLeft):
        actions.change(registration=row, said=Said(country="XA"), site=SITE, by=None)
    assert books(meeting) == {"country:XA": (1, 1), "country:XB": (1, 1)}


def test_more_places_go_to_those_who_wait_and_fewer_than_taken_are_refused():
    meeting = open_meeting()
    quota(meeting, "whole", "", 1)
    by = organiser_of(meeting)
    for number in range(1, 5):
        comes(meeting, number)
    organising.set_quota(meeting=meeting, by=by, kind="whole", key="", places=3, site=SITE)
    assert standings(meeting) == ["confirmed", "confirmed", "confirmed", "waiting"]
    with pytest.raises(delegations.FewerThanTaken):
        organising.set_quota(meeting=meeting, by=by, kind="whole", key="", places=2, site=SITE)


class Places(RuleBasedStateMachine):
    """Whatever people do, in whatever order: books are right, nobody is lost, and no free place passes who waits."""

    def __init__(self) -> None:
        super().__init__()
        self.meeting = open_meeting(approval=False)
        quota(self.meeting, "whole", "", 4), quota(self.meeting, "group", "researchers", 2)
        quota(self.meeting, "group", "politicians", 1)
        self.by = organiser_of(self.meeting)
        self.number = 0
        self.answered: list[int] = []

    @rule(group=st.sampled_from(["", "politicians", "researchers"]))
    def somebody_comes(self, group: str) -> None:
        self.number += 1
        self.answered.append(comes(self.meeting, self.number, group=group).pk)

    @precondition(lambda self: self.answered)
    @rule(data=st.data())
    def somebody_declines(self, data: Any) -> None:
        row = models.Registration.objects.get(pk=data.draw(st.sampled_from(self.answered)))
        if not Standing(row.standing).is_over:
            decisions.decline(registration=row, site=SITE, by=None)

    @precondition(lambda self: self.answered)
    @rule(data=st.data(), group=st.sampled_from(["", "politicians", "researchers"]))
    def somebody_is_moved(self, data: Any, group: str) -> None:
        row = models.Registration.objects.get(pk=data.draw(st.sampled_from(self.answered)))
        with contextlib.suppress(registration_errors.NoPlaceLeft, registration_errors.StandsOtherwise):
            decisions.move(registration=row, by=self.by, category="participant", group=group, state="", site=SITE)

    @rule(places=st.integers(0, 6))
    def places_change(self, places: int) -> None:
        with contextlib.suppress(delegations.FewerThanTaken):
            organising.set_quota(meeting=self.meeting, by=self.by, kind="whole", key="", places=places, site=SITE)

    @invariant()
    def what_must_hold(self) -> None:
        assert all(said == held for said, held in books(self.meeting).values())
        assert all(one.taken <= one.places for one in self.meeting.quotas.all())
        assert sorted(self.meeting.registrations.values_list("pk", flat=True)) == sorted(self.answered)
        waiting = self.meeting.registrations.filter(standing="waiting").order_by("waiting_number")
        quotas = list(self.meeting.quotas.all())
        assert [
            row.pk for row in waiting if all(one.taken < one.places for one in quotas_of(row, quotas))
        ] == []  # nobody waits beside a place of theirs


@pytest.mark.parametrize("seed", [1])
def test_whatever_people_do_the_books_are_right(seed, monkeypatch):
    from django.db import transaction

    class Rolled(Places):
        def __init__(self) -> None:
            self.block = transaction.atomic()
            self.block.__enter__()
            super().__init__()

        def teardown(self) -> None:
            transaction.set_rollback(True)
            self.block.__exit__(None, None, None)

    monkeypatch.setattr(permissions, "can_manage", lambda *_: True)
    run_state_machine_as_test(Rolled, settings=how(max_examples=12, stateful_step_count=14))


# --- Many at once -----------------------------------------------------------------------------------------------------


def all_at_once(jobs: list[Any]) -> list[BaseException]:
    """Do these in threads that begin together; what any of them raised."""
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
def test_many_at_once_get_no_place_twice_and_everybody_an_answer():
    meeting = open_meeting()
    quota(meeting, "whole", "", 5), quota(meeting, "group", "researchers", 3), quota(meeting, "group", "politicians", 4)
    groups = ["researchers", "politicians"] * 8
    for number in range(16):
        invited(meeting, number)
    jobs = [lambda n=n, g=g: comes(meeting, n, group=g) for n, g in enumerate(groups)]
    assert all_at_once(jobs) == []
    assert sorted(standings(meeting)) == ["confirmed"] * 5 + ["waiting"] * 11
    assert all(said == held <= 5 for said, held in books(meeting).values())
    numbers = meeting.registrations.filter(standing="waiting").values_list("waiting_number", flat=True)
    assert sorted(numbers) == list(range(1, 12))


@pytest.mark.django_db(transaction=True)
def test_a_place_that_becomes_free_while_others_come_stays_with_nobody():
    meeting = open_meeting()
    quota(meeting, "whole", "", 4)
    held = [comes(meeting, number) for number in range(4)]
    for number in range(4, 12):
        invited(meeting, number)
    jobs = [lambda row=row: decisions.decline(registration=row, site=SITE, by=None) for row in held]
    jobs += [lambda n=n: comes(meeting, n) for n in range(4, 12)]
    assert all_at_once(jobs) == []
    assert sorted(standings(meeting)) == ["confirmed"] * 4 + ["declined"] * 4 + ["waiting"] * 4
    assert books(meeting) == {"whole:": (4, 4)}


@pytest.mark.django_db(transaction=True)
def test_a_double_click_is_one_registration():
    meeting = open_meeting()
    quota(meeting, "whole", "", 4)
    invited(meeting, 1)
    assert all_at_once([lambda: comes(meeting, 1)] * 6) == []
    assert (standings(meeting), books(meeting)) == (["confirmed"], {"whole:": (1, 1)})


# --- Ways in ----------------------------------------------------------------------------------------------------------


def test_a_forwarded_link_shows_the_bound_address_and_registers_no_other(client):
    meeting = open_meeting()
    row = invited(meeting, 1)
    address = reverse("meetings:invitation", kwargs={"slug": meeting.public_id, "token": actions_emails.token_of(row)})
    page = client.get(address)
    assert (page.status_code, b"guest-1@network.example" in page.content, b'name="email"' in page.content) == (
        200, True, False,
    )  # fmt: skip
    said = {"name": "Somebody Invented", "language": "en", "email": "another@network.example"}
    assert client.post(address, said).status_code == 302
    made = meeting.registrations.get()
    assert (made.standing, actions_emails.address_of(made)) == ("confirmed", "guest-1@network.example")


def test_whoever_has_an_account_registers_as_the_person_they_are(client):
    meeting = open_meeting()
    account = make_account(Role.READER, email="guest-1@network.example")
    person = make_person(account=account)
    row = invited(meeting, 1)
    address = reverse("meetings:invitation", kwargs={"slug": meeting.public_id, "token": actions_emails.token_of(row)})
    assert client.post(address, {"name": "Somebody", "language": "en"}).status_code == 409
    assert meeting.registrations.count() == 0
    sign_in(client, account)
    assert client.post(address, {"language": "en"}).status_code == 302
    assert meeting.registrations.get().person == person


def test_somebody_elses_account_cannot_answer_an_invitation(client):
    meeting = open_meeting()
    row = invited(meeting, 1)
    sign_in(client, make_account(Role.READER))
    address = reverse("meetings:invitation", kwargs={"slug": meeting.public_id, "token": actions_emails.token_of(row)})
    page = client.get(address)
    assert (page.status_code, b"<button" in page.content.split(b"<main")[1].split(b"</main")[0]) == (409, False)


def test_open_registration_says_the_same_to_everybody_and_sends_a_link(client):
    meeting = open_meeting(entry=Entry.OPEN)
    make_account(email="known@network.example")
    address = reverse("meetings:register", args=[meeting.public_id])
    told = {
        re.sub(rb'name="csrfmiddlewaretoken" value="[^"]*"', b"", client.post(address, {"email": email}).content)
        for email in ("known@network.example", "unknown@network.example")
    }
    assert len(told) == 1
    letters = {one.to: one.body for one in Letter.objects.all()}
    assert sorted(letters) == ["known@network.example", "unknown@network.example"]
    link = re.search(r"https?://testserver(\S+)", letters["unknown@network.example"])
    assert link is not None
    assert client.post(link[1], {"name": "Invented Guest", "language": "en"}).status_code == 302
    assert standings(meeting) == ["confirmed"]


def test_an_invitation_that_was_withdrawn_opens_nothing(client):
    meeting = open_meeting()
    row = invited(meeting, 1)
    models.MeetingInvitation.objects.filter(pk=row.pk).update(withdrawn_at=timezone.now())
    address = reverse("meetings:invitation", kwargs={"slug": meeting.public_id, "token": actions_emails.token_of(row)})
    assert client.get(address).status_code == 410
    with pytest.raises(registration_errors.InvitationGone):
        comes(meeting, 1)


def test_nobody_registers_before_it_opens_or_after_it_closes():
    early = open_meeting(opens_at=timezone.now() + timedelta(days=1))
    late = open_meeting(opens_at=timezone.now() - timedelta(days=2), closes_at=timezone.now() - timedelta(days=1))
    held = make_meeting(opens_at=timezone.now() - timedelta(days=200))  # in September: nobody had to close it
    for meeting in (early, late, held):
        with pytest.raises(registration_errors.NotOpen):
            comes(meeting, 1)


def test_a_list_is_read_whole_and_each_address_invited_once(monkeypatch):
    monkeypatch.setattr(permissions, "can_manage", lambda *_: True)
    meeting = open_meeting()
    by = organiser_of(meeting)
    found = invitations.addresses_in("One <one@a.example>, two@a.example\n\nONE@a.example; three@a.example")
    assert found == ["one@a.example", "two@a.example", "three@a.example"]
    until = timezone.now() + timedelta(days=3)
    sent = [invitations.invite(meeting=meeting, addresses=found, by=by, site=SITE, expires_at=until) for _ in range(2)]
    assert sent == [invitations.Sent(3, 0), invitations.Sent(0, 3)]
    with pytest.raises(invitations.NotAddresses) as wrong:
        invitations.addresses_in("one@a.example\nnobody\n@x")
    assert wrong.value.lines == (2, 3)


# --- Delegations ------------------------------------------------------------------------------------------------------


@pytest.fixture
def delegation(states, monkeypatch) -> models.Delegation:
    monkeypatch.setattr(permissions, "can_manage", lambda *_: True)
    meeting = open_meeting()
    quota(meeting, "whole", "", 9), quota(meeting, "country", "XC", 2)
    return delegations.make_delegation(
        meeting=meeting, by=organiser_of(meeting), site=SITE, places=2, head_email="head@network.example", state="XC",
        nominate_until=timezone.now() + timedelta(days=5),
    )  # fmt: skip


def named(delegation: models.Delegation, number: int, **more: Any) -> models.Registration:
    return delegations.nominate(
        delegation=delegation, by=None, site=SITE, name=f"Nominee {number}", email=f"n{number}@network.example", **more
    )


def test_a_nominee_holds_a_place_and_confirms_by_the_letter(delegation, client):
    row = named(delegation, 1)
    assert (row.standing, books(delegation.meeting)) == (
        "nominated",
        {"whole:": (2, 1), "country:XC": (2, 1)},
    )  # one kept
    letter = Letter.objects.get(to="n1@network.example")
    link = re.search(r"https?://samsvar.example(\S+)", letter.body)
    assert link is not None
    assert client.post(link[1], {"language": "en"}).status_code == 302
    assert (standings(delegation.meeting), books(delegation.meeting)["whole:"]) == (["confirmed"], (2, 1))


def test_a_delegation_names_no_more_than_its_places_and_substitutes_keep_them(delegation):
    first = named(delegation, 1)
    named(delegation, 2)
    with pytest.raises(delegations.DelegationFull):
        named(delegation, 3)
    third = named(delegation, 3, replaces=first)
    assert (third.replaces, standings(delegation.meeting)) == (first, ["replaced", "nominated", "nominated"])
    assert books(delegation.meeting) == {"whole:": (2, 2), "country:XC": (2, 2)}
    delegations.withdraw_nominee(registration=third, by=None, site=SITE)
    assert books(delegation.meeting) == {"whole:": (2, 1), "country:XC": (2, 1)}  # kept for whom it names next


def test_a_nominee_with_an_account_takes_part_as_the_person_they_are(delegation, client):
    row = named(delegation, 1)
    written = row.person
    account = make_account(Role.READER, email="n1@network.example")
    person = make_person(account=account)
    assert row.invitation is not None
    made = actions.register(
        meeting=delegation.meeting, said=Said(name="Nominee"), site=SITE, invitation=row.invitation, account=account
    )
    assert (made.pk, made.person, made.standing) == (row.pk, person, "confirmed")
    assert type(written).objects.filter(pk=written.pk).count() == 0


def test_the_head_names_somebody_on_the_page_of_the_letter(delegation, client):
    link = re.search(r"https?://samsvar.example(\S+)", Letter.objects.get(to="head@network.example").body)
    assert link is not None
    assert client.get(link[1]).status_code == 200
    said = {"name": "Invented Nominee", "email": "n7@network.example", "category": "participant", "language": "en"}
    assert client.post(link[1], said).status_code == 302
    assert b"Invented Nominee" in client.get(link[1]).content


def test_reminders_go_once_to_whoever_has_not_answered(delegation):
    meeting = delegation.meeting
    invited(meeting, 1), invited(meeting, 2)
    models.MeetingInvitation.objects.update(at=timezone.now() - timedelta(days=8))
    models.Delegation.objects.update(at=timezone.now() - timedelta(days=8))
    comes(meeting, 2)
    Letter.objects.all().delete()
    assert [invitations.remind(meeting=meeting, site=SITE) for _ in range(2)] == [2, 0]
    assert sorted(Letter.objects.values_list("to", flat=True)) == ["guest-1@network.example", "head@network.example"]


@pytest.mark.parametrize(
    ("chosen", "account", "meetings", "read"),
    [
        ("ro", "nb", ["en", "fr"], "ro"),
        ("", "nb", ["en", "fr"], "nb"),
        ("", "", ["uk", "fr", "en"], "fr"),
        ("", "", ["uk"], "en"),
    ],
)
def test_a_head_reads_letters_in_the_language_chosen_or_their_own_or_the_meetings(
    chosen, account, meetings, read, delegation
):
    if account:
        own = make_account(email="head@network.example")
        own.language = account
        own.save()
    delegation.language = chosen
    delegation.meeting.languages = meetings
    assert actions_emails.language_of_head(delegation) == read


def test_every_letter_to_a_head_is_in_the_language_that_the_organiser_chose(delegation):
    by = organiser_of(delegation.meeting)
    change_head(delegation, by, language="fr")
    first = named(delegation, 1)
    delegations.write_to_head(delegation, site=SITE, by=by)
    decisions.decline(registration=first, site=SITE, by=None)
    models.Delegation.objects.update(at=timezone.now() - timedelta(days=8))
    invitations.remind(meeting=delegation.meeting, site=SITE)
    bodies = list(Letter.objects.filter(to="head@network.example").order_by("pk").values_list("body", flat=True))
    assert ["/fr/meetings/" in body and "Des refuges près de chacun" in body for body in bodies] == [
        False, True, True, True,
    ]  # fmt: skip


def change_head(delegation: models.Delegation, by: Any, **more: Any) -> models.Delegation:
    said: dict[str, Any] = {
        "places": delegation.places, "nominate_until": delegation.nominate_until, "note": "",
        "head_email": delegation.head_email, "language": delegation.language,
    }  # fmt: skip
    return delegations.change_delegation(delegation=delegation, by=by, site=SITE, **(said | more))


def test_another_head_gets_a_link_and_that_of_the_one_before_opens_nothing(delegation, client):
    def link(to: str) -> str:
        found = re.search(r"https?://samsvar.example(\S+)", Letter.objects.get(to=to).body)
        assert found is not None
        return found[1]

    old, by = link("head@network.example"), organiser_of(delegation.meeting)
    named(delegation, 1)
    changed = change_head(delegation, by, head_email="Other@network.example")
    answers = [client.get(one).status_code for one in (old, link("other@network.example"))]
    assert (answers, changed.registrations.count()) == ([404, 200], 1)
    with pytest.raises(delegations.FewerThanTaken):
        change_head(changed, by, places=0)


def test_a_delegation_is_changed_on_a_page_of_its_own(states, client):
    meeting = open_meeting()
    row = models.Delegation.objects.create(meeting=meeting, state_id="XC", places=2, head_email="head@network.example")
    sign_in(client, organiser_of(meeting), staff_session="preparing the meeting")
    address = reverse("meetings:change-delegation", args=[meeting.public_id, row.public_id])
    assert b"head@network.example" in client.get(address).content
    said = {"places": 3, "head_email": "head@network.example", "language": "nb", "until": "2031-01-01", "note": ""}
    assert client.post(address, said).status_code == 302
    assert client.post(address, said | {"places": 0}).status_code == 422
    row.refresh_from_db()
    assert (row.places, row.language, Letter.objects.count()) == (3, "nb", 0)


def test_the_head_hears_that_somebody_does_not_come_and_not_who(delegation):
    row = named(delegation, 1)
    Letter.objects.all().delete()
    decisions.decline(registration=row, site=SITE, by=None)
    letter = Letter.objects.get(to="head@network.example")
    assert letter.subject == "Samsvar: Somebody of your delegation does not come to “Shelters near everybody”"
    assert "Nominee" not in letter.body


# --- For the organiser ------------------------------------------------------------------------------------------------


def test_a_table_is_all_or_nothing_and_brought_twice_changes_nothing(states, monkeypatch):
    monkeypatch.setattr(permissions, "can_manage", lambda *_: True)
    meeting = open_meeting()
    quota(meeting, "whole", "", 2)
    cells = [["name", "email", "country"], *([f"Guest {n}", f"g{n}@a.example", "XC"] for n in range(3))]
    with pytest.raises(organising.WrongTable) as wrong:
        organising.read_group(meeting, [*cells, ["", "g1@a.example", "QQ"]])
    assert [(one.row, one.column) for one in wrong.value.wrong] == [(5, "name"), (5, "email"), (5, "country")]
    rows = organising.read_group(meeting, cells)
    by = organiser_of(meeting)
    done = [organising.register_group(meeting=meeting, by=by, rows=rows, site=SITE) for _ in range(2)]
    assert done == [organising.Grouped(2, 1, 0), organising.Grouped(0, 0, 3)]
    assert (standings(meeting), books(meeting)) == (["confirmed", "confirmed", "waiting"], {"whole:": (2, 2)})


def test_the_list_that_is_taken_out_runs_nothing_and_leaves_people_at_risk_out(states, client):
    meeting = open_meeting()
    by = organiser_of(meeting)
    named, hidden = comes(meeting, 1, country="XA"), comes(meeting, 2, country="XC")
    named.person.details.filter(field="name").update(value="=HYPERLINK(1)")
    protect(hidden.person)
    sign_in(client, by, staff_session="preparing the meeting")
    where = reverse("meetings:export-registrations", args=[meeting.public_id])
    assert "1 person who registered is marked as at risk." in client.get(where).content.decode()
    rows = list(csv.DictReader(io.StringIO(client.post(where, {}).content.decode("utf-8-sig"))))
    assert [(row["name"], row["country"]) for row in rows] == [("'=HYPERLINK(1)", "XA")]
    lines = TrailLine.objects.filter(actor=by, verb="exported registrations")
    assert [(line.details["people"], line.details["at_risk"]) for line in lines] == [(1, 0)]
    seen = TrailLine.objects.filter(actor=by, saw=True).values_list("person", flat=True)
    assert set(seen) == {named.person.public_id}


def test_a_list_with_people_at_risk_needs_a_reason_and_is_told_to_every_secretariat(states, client):
    network = make_network("lantern")
    meeting = open_meeting(network=network)
    by, secretary = organiser_of(meeting), make_account(Role.SECRETARIAT, network=network)
    body = Organisation.objects.create(public_id="harbour-house", name="Harbour house", state_id="XC")
    hidden = comes(meeting, 2, country="XC", organisation=body.public_id)
    protect(hidden.person)
    Letter.objects.all().delete()
    sign_in(client, by, staff_session="preparing the meeting")
    where = reverse("meetings:export-registrations", args=[meeting.public_id])
    refused = client.post(where, {"with_people_at_risk": "on", "why": "because"})
    assert (refused.status_code, Letter.objects.count()) == (409, 0)
    told = client.post(where, {"with_people_at_risk": "on", "why": "the hotel asks who sleeps there"})
    (row,) = csv.DictReader(io.StringIO(told.content.decode("utf-8-sig")))
    assert (row["name"], row["organisation"], row["country"], row["delegation"]) == ("Guest 2", "", "", "")
    (letter,) = Letter.objects.all()
    assert (letter.to, "Guest 2" in letter.body, "with 1 people" in letter.body) == (secretary.email, False, True)
    assert TrailLine.objects.get(verb="exported registrations").why == "the hotel asks who sleeps there"


def test_no_page_of_the_organiser_tells_the_country_or_the_organisation_of_people_at_risk(states, client):
    meeting = open_meeting()
    body = Organisation.objects.create(public_id="harbour-house", name="Harbour house", state_id="XC")
    invitation = invited(meeting, 2, state="XC")
    hidden = comes(meeting, 2, organisation=body.public_id)
    protect(hidden.person)
    sign_in(client, organiser_of(meeting), staff_session="preparing the meeting")
    key = [meeting.public_id]
    pages = [
        reverse("meetings:manage-registration", args=[*key, hidden.public_id]),
        reverse("meetings:manage-invitations", args=key),
        reverse("meetings:manage-letters", args=key),
    ]
    for address in pages:
        page = client.get(address)
        said = re.sub(r"<select.*?</select>", "", page.content.decode().partition("<main")[2], flags=re.DOTALL)
        found = re.findall(r".{60}" + name_of("XC", "en"), said, re.DOTALL)
        assert (page.status_code, "Harbour house" in said, found) == (200, False, []), address
    client.post(pages[0], {"category": "speaker", "group": ""})
    hidden.refresh_from_db()
    assert (hidden.category, hidden.state_id, invitation.state_id) == ("speaker", "XC", "XC")


@pytest.mark.parametrize(
    "name",
    ["manage-invitations", "manage-delegations", "manage-registrations", "manage-questions", "registration-summary",
     "register-group"],
)  # fmt: skip
def test_pages_of_the_organiser_open_with_everything_on_them(name, states, client):
    meeting = open_meeting(approval=True)
    by = organiser_of(meeting)
    quota(meeting, "whole", "", 1), quota(meeting, "country", "XC", 1)
    diet = models.Question.objects.create(
        meeting=meeting, text={"en": "What do you eat?"}, kind="choice", purpose={"en": "the kitchen"},
        options=[{"key": "all", "text": {"en": "everything"}}], delete_on=timezone.now().date() + timedelta(days=9),
    )  # fmt: skip
    models.Delegation.objects.create(meeting=meeting, state_id="XC", places=2, head_email="head@network.example")
    comes(meeting, 1, country="XC", answers={diet.pk: "all"}), comes(meeting, 2, country="XC")
    sign_in(client, by, staff_session="preparing the meeting")
    assert client.get(reverse(f"meetings:{name}", args=[meeting.public_id])).status_code == 200
    row = meeting.registrations.first()
    assert row is not None
    one = client.get(reverse("meetings:manage-registration", args=[meeting.public_id, row.public_id]))
    assert (one.status_code, b"everything" in one.content) == (200, True)


def test_decisions_about_many_name_those_that_do_not_follow(client):
    meeting = open_meeting(approval=True)
    by = organiser_of(meeting)
    rows = [comes(meeting, number) for number in (1, 2)]
    sign_in(client, by, staff_session="preparing the meeting")
    decisions.decline(registration=rows[1], site=SITE, by=None)
    address = reverse("meetings:manage-registrations", args=[meeting.public_id])
    chosen = {"registration": [row.public_id for row in rows], "what": "approve"}
    page = client.post(address, chosen, follow=True)
    assert (standings(meeting), page.status_code) == (["confirmed", "declined"], 200)
    assert client.post(address, chosen | {"what": "refuse", "reason": "short"}).status_code == 422


def test_what_an_invitation_says_is_read_before_it_is_sent(client):
    meeting = open_meeting()
    sign_in(client, organiser_of(meeting), staff_session="preparing the meeting")
    page = client.get(reverse("meetings:manage-invitations", args=[meeting.public_id]))
    said = dict(page.context["letters"])
    assert sorted(said) == ["en", "fr", "nb", "ro"]
    assert said["en"].subject == "Samsvar: An invitation to “Shelters near everybody”"
    assert "Des refuges près de chacun" in said["fr"].body
    assert said["en"].subject in page.content.decode()


def test_a_decision_about_all_of_a_list_reaches_its_other_pages_and_nobody_beside_it(client, monkeypatch):
    monkeypatch.setattr(queries, "A_PAGE", 1)
    meeting = open_meeting(approval=True)
    comes(meeting, 1, group="researchers"), comes(meeting, 2, group="researchers"), comes(meeting, 3)
    sign_in(client, organiser_of(meeting), staff_session="preparing the meeting")
    address = reverse("meetings:manage-registrations", args=[meeting.public_id]) + "?group=researchers"
    assert b"all 2 of this list" in client.get(address).content
    assert client.post(address, {"everybody": "on", "what": "approve"}).status_code == 302
    assert standings(meeting) == ["confirmed", "confirmed", "asked"]


def test_one_registration_is_decided_on_its_own_page(client):
    meeting = open_meeting(approval=True)
    row = comes(meeting, 1)
    sign_in(client, organiser_of(meeting), staff_session="preparing the meeting")
    one = reverse("meetings:manage-registration", args=[meeting.public_id, row.public_id])
    form = client.get(one).context["decision"]
    assert [code for code, _word in form.fields["what"].choices] == ["approve", "refuse", "withdraw"]
    decisions.decline(registration=row, site=SITE, by=None)
    assert b'id="decide_what"' not in client.get(one).content


def test_the_head_sees_who_comes_in_whose_place(delegation, client):
    first = named(delegation, 1)
    named(delegation, 2, replaces=first)
    link = re.search(r"https?://samsvar.example(\S+)", Letter.objects.get(to="head@network.example").body)
    assert link is not None
    lines = [(line.view.name, line.row.standing, line.instead_of) for line in queries.delegation_lines(delegation)]
    assert lines == [("Nominee 1", "replaced", ""), ("Nominee 2", "nominated", "Nominee 1")]
    assert "in the place of Nominee 1" in " ".join(client.get(link[1]).content.decode().split())


def test_a_question_is_asked_with_its_purpose_and_its_answer_is_kept(client):
    meeting = open_meeting()
    sign_in(client, organiser_of(meeting), staff_session="preparing the meeting")
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
    row = invited(meeting, 1)
    address = reverse("meetings:invitation", kwargs={"slug": meeting.public_id, "token": actions_emails.token_of(row)})
    promised = f"Used for: the kitchen. Deleted on {shown_span(gone, gone)}."
    assert promised.encode() in client.get(address).content
    own = client.post(address, {"name": "Guest", "language": "en", f"q{question.pk}": ["no-meat"]}, follow=True)
    assert (b"no meat" in own.content, b"You have a place." in own.content) == (True, True)
    own = client.post(own.request["PATH_INFO"], {"language": "fr", f"q{question.pk}": ["no-fish"]}, follow=True)
    assert models.Answer.objects.get().value == ["no-fish"]


@pytest.mark.parametrize("days", [-200, 0, 300])
def test_answers_go_on_a_day_to_come_and_at_most_half_a_year_after_the_meeting(days, client):
    meeting = open_meeting()
    by = organiser_of(meeting)
    gone = (timezone.now().date() if days <= 0 else meeting.ends) + timedelta(days=days)
    sign_in(client, by, staff_session="preparing the meeting")
    said = {
        "kind": "text", "subject": "travel", "delete_on": gone.isoformat(), "text_en": "When do you arrive?",
        "purpose_en": "the bus",
    }  # fmt: skip
    answer = client.post(reverse("meetings:manage-questions", args=[meeting.public_id]), said)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["delete_on"])
    columns = {"kind": "text", "subject": "travel", "text": {"en": "When?"}, "delete_on": gone}
    with pytest.raises(asking.DeletedTooLate):
        asking.add_question(meeting=meeting, by=by, **columns)
    assert not meeting.questions.exists()
    question = diet_of(meeting)
    with pytest.raises(asking.DeletedTooLate):
        asking.change_question(question=question, by=by, delete_on=gone)


# --- Questions --------------------------------------------------------------------------------------------------------


def diet_of(meeting: models.Meeting, **more: Any) -> models.Question:
    columns: dict[str, Any] = {
        "kind": "choice", "subject": "diet", "text": {"en": "What do you eat?"}, "purpose": {"en": "the kitchen"},
        "options": [{"key": "all", "text": {"en": "everything"}}, {"key": "vegan", "text": {"en": "vegan"}}],
        "delete_on": TODAY + timedelta(days=30),
    }  # fmt: skip
    return models.Question.objects.create(meeting=meeting, **(columns | more))


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"kind": "text"}, "kind_is_answered"),
        ({"purpose": {"en": "the kitchen and a study"}}, "purpose_is_promised"),
        ({"delete_on": TODAY + timedelta(days=31)}, "day_is_promised"),
        ({"options": [{"key": "all", "text": {"en": "everything"}}]}, "choice_is_taken"),
        ({"purpose": {"en": "the kitchen", "fr": "la cuisine"}}, ""),
        ({"delete_on": TODAY + timedelta(days=29)}, ""),
        ({"options": [{"key": "vegan", "text": {"en": "nothing of animals"}}]}, ""),
        ({"text": {"en": "What shall we cook?"}, "required": True, "of": ["speaker"]}, ""),
    ],
)
def test_what_was_said_beside_a_question_holds_for_whoever_has_answered_it(changed, refusal):
    meeting = open_meeting()
    by, diet = organiser_of(meeting), diet_of(meeting)
    comes(meeting, 1, answers={diet.pk: "vegan"})
    before = models.Question.objects.values().get()
    said = before | changed
    if refusal:
        said = before
        with pytest.raises(asking.ToldOtherwise) as error:
            asking.change_question(question=diet, by=by, **changed)
        assert error.value.code == refusal
    else:
        asking.change_question(question=diet, by=by, **changed)
    assert models.Question.objects.values().get() == said
    assert models.Answer.objects.get().value == "vegan"


def test_a_question_that_is_asked_anew_can_be_changed_in_everything_and_its_answers_are_gone():
    meeting = open_meeting()
    by, diet = organiser_of(meeting), diet_of(meeting)
    comes(meeting, 1, answers={diet.pk: "vegan"})
    asking.change_question(question=diet, by=by, anew=True, kind="text", options=[], purpose={"en": "a study"})
    assert (models.Question.objects.get().kind, models.Answer.objects.count()) == ("text", 0)
    line = TrailLine.objects.get(actor=by, verb="changed a question")
    assert line.details == {"question": diet.public_id, "deleted": 1}


def test_questions_change_places_and_one_at_the_end_stays_there():
    meeting = open_meeting()
    by = organiser_of(meeting)
    rows = [diet_of(meeting, text={"en": name}) for name in "abc"]  # all with the same number, as before there were any

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


def test_what_is_asked_after_confirmation_is_asked_of_nobody_before(client):
    meeting = open_meeting(approval=True)
    by = organiser_of(meeting)
    travel = diet_of(meeting, kind="text", text={"en": "How do you come?"}, required=True, after_confirmation=True)
    row = invited(meeting, 1)
    address = reverse("meetings:invitation", kwargs={"slug": meeting.public_id, "token": actions_emails.token_of(row)})
    assert b"How do you come?" not in client.get(address).content
    own = client.post(address, {"name": "Guest", "language": "en"}, follow=True)
    assert b"How do you come?" not in own.content
    made = meeting.registrations.get()
    assert queries_questions.still_to_answer(meeting) == {}
    decisions.approve(registration=made, by=by, site=SITE)
    assert queries_questions.still_to_answer(meeting) == {made.pk: [travel]}
    assert "Some questions are still to be answered." in Letter.objects.latest("pk").body
    link = reverse("meetings:registration-link", args=[meeting.public_id, actions_emails.token_of(made)])
    page = client.get(link).content
    assert (b"Still to answer" in page, b"How do you come?" in page) == (True, True)
    assert client.post(link, {"language": "en", f"q{travel.pk}": "by train"}).status_code == 302
    assert (b"Still to answer" in client.get(link).content, queries_questions.still_to_answer(meeting)) == (False, {})
    assert models.Answer.objects.get().value == "by train"


def test_a_nominee_accepts_without_what_is_asked_after_confirmation(delegation):
    travel = diet_of(delegation.meeting, required=True, after_confirmation=True)
    row = named(delegation, 1)
    assert row.invitation is not None
    made = actions.register(
        meeting=delegation.meeting, said=Said(name="Nominee", answers={}), site=SITE, invitation=row.invitation
    )
    assert (made.standing, queries_questions.still_to_answer(delegation.meeting)) == ("confirmed", {made.pk: [travel]})


def test_whoever_has_not_answered_is_listed_and_reminded_by_one_button_once_a_day(client):
    meeting = open_meeting()
    by = organiser_of(meeting)
    answered, silent = comes(meeting, 1), comes(meeting, 2)
    travel = diet_of(meeting, text={"en": "How do you come?"}, after_confirmation=True, kind="text")
    diet_of(meeting, required=False)  # what may be left open is asked for by nobody
    models.Answer.objects.create(registration=answered, question=travel, value="by train")
    sign_in(client, by, staff_session="preparing the meeting")
    page = client.get(reverse("meetings:manage-questions", args=[meeting.public_id])).content
    assert b"1 person with a place has not answered everything" in page
    listed = client.get(reverse("meetings:manage-registrations", args=[meeting.public_id]), {"answers": "open"})
    assert [line.row.pk for line in listed.context["page"].lines] == [silent.pk]
    Letter.objects.all().delete()
    remind = reverse("meetings:remind-of-questions", args=[meeting.public_id])
    for _ in range(2):
        assert client.post(remind).status_code == 302
    assert list(Letter.objects.values_list("to", flat=True)) == ["guest-2@network.example"]
    assert [one.details for one in TrailLine.objects.filter(actor=by, verb="reminded of questions")] == [{"letters": 1}]


def test_choices_are_said_in_other_words_added_and_taken_away_on_the_page_of_a_question(client):
    meeting = open_meeting()
    diet = diet_of(meeting, text={"en": "What do you eat?", "ro": "Ce mâncați?"})  # a language it has no more
    comes(meeting, 1, answers={diet.pk: "vegan"})
    sign_in(client, organiser_of(meeting), staff_session="preparing the meeting")
    address = reverse("meetings:change-question", args=[meeting.public_id, diet.public_id])
    page = client.get(address)
    assert (b"1 person chose it." in page.content, b"ask anew: delete the 1 answer" in page.content) == (True, True)
    form = page.context["form"]
    said = {name: form[name].value() for name in form.fields if form[name].value() not in (None, [], False)}
    said |= {"option1_en": "Nothing of animals", "option0_en": "Everything", "options_en": "Vegan\nVegan"}
    assert client.post(address, said | {"drop1": "on"}).status_code == 409  # somebody chose it
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


def test_what_people_write_in_their_own_words_is_counted_and_not_read_out(client):
    meeting = open_meeting()
    asked = {"meeting": meeting, "delete_on": meeting.ends + timedelta(days=9)}
    diet = models.Question.objects.create(
        kind="choice", text={"en": "What do you eat?"}, options=[{"key": "all", "text": {"en": "everything"}}], **asked
    )
    arrival = models.Question.objects.create(kind="text", text={"en": "When do you arrive?"}, **asked)
    comes(meeting, 1, answers={diet.pk: "all", arrival.pk: "FLIGHT-SK123"})
    sums = {one.question.pk: (one.counts, one.of, one.written) for one in queries_questions.summary(meeting, "en")}
    assert sums == {diet.pk: ((("everything", 1),), 1, False), arrival.pk: ((), 1, True)}
    sign_in(client, organiser_of(meeting), staff_session="the kitchen")
    page = client.get(reverse("meetings:registration-summary", args=[meeting.public_id])).content.decode()
    assert ("everything" in page, "FLIGHT-SK123" in page) == (True, False)


@pytest.mark.parametrize(("places", "said"), [(1, "which has 1 place."), (4, "which has 4 places.")])
def test_the_letter_to_a_head_of_delegation_counts_as_people_do(places, said, states):
    meeting = open_meeting()
    delegations.make_delegation(
        meeting=meeting,
        by=organiser_of(meeting),
        site=SITE,
        state="XC",
        places=places,
        head_email="head@network.example",
    )
    assert said in Letter.objects.get().body


def test_somebody_on_the_waiting_list_sees_their_place_in_it_and_declines(client):
    meeting = open_meeting()
    quota(meeting, "whole", "", 1)
    rows = [comes(meeting, number) for number in (1, 2, 3)]
    address = reverse(
        "meetings:registration-link", kwargs={"slug": meeting.public_id, "token": actions_emails.token_of(rows[2])}
    )
    assert b"You are number 2 on the waiting list" in client.get(address).content
    assert client.post(address, {"do": "decline"}, follow=True).status_code == 200
    assert standings(meeting) == ["confirmed", "waiting", "declined"]
