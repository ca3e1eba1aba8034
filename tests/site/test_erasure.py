"""Erasure: nothing of somebody is left anywhere, and every count is what it was."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from samsvar.network.consent import Ground, Purpose, Visibility
from samsvar.network.people import Field, Group, share_of_groups
from samsvar.network.rights import Role
from samsvar.site.audit.models import Entry
from samsvar.site.monitoring.models import Finding, Upload
from samsvar.site.network import models
from samsvar.site.network.access.actions.roles import LastAdministrator
from samsvar.site.network.data_inventory import Fate, holdings, subject_of
from samsvar.site.network.privacy.actions.privacy import NobodyThere, erase
from samsvar.site.shell.uploads import fetch_private, store_private
from tests.factories.files import bytes_of
from tests.factories.people import join, make_account, make_network, make_person, sign_in
from tests.factories.privacy import Marked, everything_in_the_database, make_marked_person
from tests.site.test_withdrawal import EXPORTS, PLACES, files, is_there
from tests.site.test_withdrawal import world as world  # noqa: PLC0414 - a fixture is found by its name

KEPT = {one.key for one in holdings() if one.fate is Fate.KEPT}


def members_on_each_day(network: models.Network) -> list[int]:
    """How many memberships hold on each of the days around today, with or without a name."""
    today = timezone.now().date()
    days = [today - timedelta(days=back) for back in (500, 350, 200, 1, 0)]
    rows = list(models.Membership.objects.filter(network=network))
    return [sum((not r.begins or r.begins <= day) and (not r.ends or day <= r.ends) for r in rows) for day in days]


def shares(network: models.Network) -> dict[Group | None, tuple[int, float]]:
    groups: list[Group | None] = []
    for row in models.Membership.objects.filter(network=network):
        said = models.Detail.objects.filter(person=row.person, field=Field.GROUP).first()
        groups.append(Group(said.value) if said else None)
    return share_of_groups(groups)


def counts_of(mine: Marked) -> dict[str, object]:
    assert mine.network is not None
    return {
        "members": members_on_each_day(mine.network),
        "shares": shares(mine.network),
        "uploads": Upload.objects.filter(uploaded_by=mine.account).count(),
        "judged": Finding.objects.filter(reviewed_by=mine.account, review="confirmed").count(),
        "reports": mine.account.report_set.count(),
    }


def marks_to_go(mine: Marked) -> set[str]:
    """All marks but those that a holding keeps, and says why before."""
    every = {**mine.given, **{("withheld " + key, column): m for (key, column), m in mine.withheld.items()}}
    return {
        one for (key, _column), marks in every.items() if key.removeprefix("withheld ") not in KEPT for one in marks
    }


def files_that_hold(marks: set[str]) -> dict[str, set[str]]:
    """Which of these marks stand in which file of the site, the database's own included."""
    found = {}
    for path in Path(settings.DATA).rglob("*"):
        if path.is_file():
            content = bytes_of(path)
            there = {one for one in marks if one.encode() in content}
            if there:
                found[path.relative_to(settings.DATA).as_posix()] = there
    return found


@pytest.fixture
def third() -> models.Account:
    return make_account(Role.SECRETARIAT, email="third@network.example")


@pytest.mark.django_db(transaction=True)
def test_nothing_of_an_erased_person_is_left_in_any_table_or_file_and_every_count_is_what_it_was(third):
    mine, other = make_marked_person(third=third), make_marked_person(third=third)
    going, before = marks_to_go(mine), counts_of(mine)
    there = everything_in_the_database()
    assert {one for one in going if one in there} == going
    assert len(going) > 50  # there is something to leave behind
    assert before["members"] == [0, 1, 2, 2, 2]
    assert before["shares"][Group.PRACTITIONERS] == (1, 0.5)  # type: ignore[index]
    assert (before["uploads"], before["judged"], before["reports"]) == (1, 1, 1)
    if connection.vendor == "sqlite":
        assert files_that_hold(going) != {}
    assert fetch_private(mine.photograph) is not None

    done = erase(subject=mine.subject, by=mine.account, asked="on the site")

    there = everything_in_the_database()
    assert {one for one in going if one in there} == set()
    assert files_that_hold(going) == {}
    assert fetch_private(mine.photograph) is None
    assert counts_of(mine) == before
    assert done.public_ids == {mine.account.public_id, mine.person.public_id}
    others = other.all_given()
    assert {one for one in others if one in there} == others  # nobody else lost anything
    assert fetch_private(other.photograph) is not None


@pytest.mark.django_db(transaction=True)
def test_an_erased_person_is_gone_from_every_page_list_and_file_also_from_pages_that_were_kept(world):
    for name, place in (PLACES | EXPORTS).items():
        assert is_there(place(world)), f"nothing to leak: {name}"
    erase(subject=subject_of(person=world.person), by=None, asked="by letter")
    for name, place in (PLACES | EXPORTS).items():
        assert not is_there(place(world)), name
    assert not is_there(files(world))


@pytest.mark.django_db
def test_what_stays_is_what_the_page_said_would_stay(third):
    mine = make_marked_person(third=third)
    erase(subject=mine.subject, by=mine.account, asked="on the site")
    there = everything_in_the_database()
    staying = {(key, column) for (key, column), marks in mine.given.items() if any(one in there for one in marks)}
    assert staying == {
        ("done", "verb"), ("done", "details"), ("done", "why"),
        ("seen", "verb"), ("seen", "details"), ("seen", "why"),
        ("findings_judged", "note"),
        # about a meeting or somebody else at it, from an emptied account
        ("outcomes_recorded", "public_id"), ("outcomes_recorded", "text"),
        ("outcomes_corrected", "text_before"), ("outcomes_corrected", "why"),
        ("progress_said", "text"), ("progress_said", "evidence"),
        ("contributions_decided", "public_id"), ("contributions_decided", "reason"), ("contributions_reviewed", "text"),
        ("programmes_published", "note"), ("letters_issued", "code"), ("letters_issued", "language"),
        ("registrations_decided", "public_id"), ("meeting_invitations_sent", "public_id"),
    }  # fmt: skip


@pytest.mark.django_db
def test_account_and_person_stay_as_empty_rows(third):
    mine = make_marked_person(third=third)
    erase(subject=mine.subject, by=mine.account, asked="on the site")
    account = models.Account.objects.get(pk=mine.account.pk)
    assert account.email == f"erased-{account.public_id}@erased.invalid"
    assert not account.has_usable_password()
    assert (account.is_active, account.language, account.last_login) == (False, "", None)
    person = models.Person.objects.get(pk=mine.person.pk)
    assert (person.account, person.at_risk, person.pseudonym) == (None, False, "")
    assert account.erased_at is not None
    assert person.erased_at is not None
    left = list(person.details.values_list("field", "value", "visibility"))
    assert left == [(Field.GROUP, "practitioners", Visibility.ONLY_ME)]
    term = person.memberships.get()
    assert (term.ends, term.organisation) == (timezone.now().date(), None)


@pytest.mark.django_db
def test_the_trail_says_by_number_who_was_erased_and_how_it_was_asked(third):
    mine = make_marked_person(third=third)
    erase(subject=mine.subject, by=mine.account, asked="on the site")
    line = Entry.objects.get(verb="erased somebody")
    assert (line.subject, line.person) == (f"account {mine.account.public_id}", mine.person.public_id)
    assert (line.details["asked"], line.details["received"]) == ("on the site", "")
    assert line.details["rows"]["entry"] == 12


@pytest.mark.django_db
def test_every_browser_is_signed_out_at_once(client):
    person = make_person(account=make_account(Role.READER))
    elsewhere = sign_in(Client(), person.account)
    address = reverse("network:erase-me")
    assert elsewhere.get(address)["Location"].startswith(reverse("account_reauthenticate"))  # signed in
    confirmed(sign_in(client, person.account))
    answer = client.post(address, {"typed": person.account.email})
    assert (answer.status_code, answer["Location"]) == (302, reverse("network:erased"))
    for browser in (client, elsewhere):
        assert browser.get(address)["Location"].startswith(reverse("account_login"))
    assert client.get(reverse("network:erased")).status_code == 200


def confirmed(client: Client) -> Client:
    """The session in which somebody has just said their password once more."""
    session = client.session
    session["account_authentication_methods"] = [
        *session["account_authentication_methods"],
        {"method": "password", "at": time.time(), "reauthenticated": True},
    ]
    session.save()
    return client


@pytest.mark.django_db
def test_nobody_is_erased_by_a_word_that_was_not_typed(client):
    person = make_person(account=make_account(Role.READER))
    confirmed(sign_in(client, person.account))
    for typed in ("", "yes", "somebody@else.example"):
        answer = client.post(reverse("network:erase-me"), {"typed": typed})
        assert answer.status_code == 422
    person.refresh_from_db()
    assert person.erased_at is None


@pytest.mark.django_db
def test_the_last_administrator_hands_over_first(client):
    first = make_account(Role.ADMINISTRATOR)
    with pytest.raises(LastAdministrator) as refusal:
        erase(subject=subject_of(account=first), by=first, asked="on the site")
    assert refusal.value.message == "This is the last administrator."
    confirmed(sign_in(client, first))
    answer = client.post(reverse("network:erase-me"), {"typed": first.email})
    assert answer.status_code == 422
    assert "Make somebody else an administrator first." in answer.content.decode()
    make_account(Role.ADMINISTRATOR)
    erase(subject=subject_of(account=first), by=first, asked="on the site")
    first.refresh_from_db()
    assert first.erased_at is not None


def with_duty(purpose: Purpose, ground: Ground) -> models.Person:
    person = make_person(
        account=make_account(Role.READER),
        visibility=Visibility.SIGNED_IN,
        details={
            Field.NAME: "Invented Ada Quillfeather",
            Field.ORGANISATION: "an-invented-ministry",
            Field.COUNTRY: "XA",
            Field.TELEPHONE: "+00 000",
            Field.GENDER: "woman",
        },
    )
    models.Basis.objects.create(
        person=person, purpose=purpose, ground=ground, since=timezone.now(), note="the rules of procedure",
        text_version="1" if ground is Ground.CONSENT else "",
    )  # fmt: skip
    return person


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("purpose", "ground", "stays"),
    [
        (Purpose.MEETINGS, Ground.PUBLIC_TASK, {Field.NAME, Field.ORGANISATION, Field.COUNTRY}),
        (Purpose.PROGRAMME, Ground.LEGAL_OBLIGATION, {Field.NAME}),
        (Purpose.MEETINGS, Ground.CONSENT, set()),
        (Purpose.MEETINGS, Ground.LEGITIMATE_INTERESTS, set()),
        (Purpose.MEMBERSHIP, Ground.PUBLIC_TASK, set()),
    ],
)
def test_a_duty_keeps_what_it_needs_and_nothing_else_does(purpose, ground, stays):
    person = with_duty(purpose, ground)
    erase(subject=subject_of(person=person), by=None, asked="by letter")
    left = {one.field: one.visibility for one in person.details.all()}
    assert left == dict.fromkeys(stays, Visibility.SECRETARIAT)
    assert person.bases.count() == (1 if stays else 0)


@pytest.mark.django_db
def test_what_a_duty_keeps_is_said_before(client):
    person = with_duty(Purpose.MEETINGS, Ground.PUBLIC_TASK)
    confirmed(sign_in(client, person.account))
    page = client.get(reverse("network:erase-me")).content.decode()
    assert "the rules of procedure" in page
    assert "Name, Organisation, Country" in page
    plain = make_person(account=make_account(Role.READER))
    confirmed(sign_in(client, plain.account))
    assert "rules of procedure" not in client.get(reverse("network:erase-me")).content.decode()


@pytest.mark.django_db
def test_somebody_at_risk_keeps_that_mark_while_a_duty_keeps_the_name():
    person = with_duty(Purpose.MEETINGS, Ground.PUBLIC_TASK)
    person.at_risk, person.pseudonym = True, "Speaker from Nordmark"
    person.save()
    erase(subject=subject_of(person=person), by=None, asked="by letter")
    person.refresh_from_db()
    assert (person.at_risk, person.pseudonym) == (True, "Speaker from Nordmark")


@pytest.mark.django_db(transaction=True)
def test_a_photograph_that_two_people_share_stays_while_one_of_them_has_it():
    content_hash = store_private(b"RIFF two invented people in one picture")
    people = [make_person(), make_person()]
    for person in people:
        models.Photograph.objects.create(person=person, content_hash=content_hash, format="webp", width=1, height=1)
    erase(subject=subject_of(person=people[0]), by=None, asked="by letter")
    assert fetch_private(content_hash) is not None
    erase(subject=subject_of(person=people[1]), by=None, asked="by letter")
    assert fetch_private(content_hash) is None


@pytest.mark.django_db
def test_an_erased_person_cannot_be_erased_again():
    person = make_person(account=make_account(Role.READER))
    erase(subject=subject_of(person=person), by=None, asked="by letter")
    person.refresh_from_db()
    with pytest.raises(NobodyThere):
        erase(subject=subject_of(person=person), by=None, asked="by letter")


@pytest.mark.django_db
def test_an_address_without_an_account_is_forgotten_with_its_invitation():
    invitation = models.Invitation.objects.create(
        token_hash="0" * 64, email="invited@elsewhere.example", expires_at=timezone.now() + timedelta(days=3)
    )
    models.Letter.objects.create(to="invited@elsewhere.example", subject="An invitation", body="Open this")
    assert "invited@elsewhere.example" in everything_in_the_database()
    call_command("erase_person", "Invited@Elsewhere.example")
    assert "invited@elsewhere.example" not in everything_in_the_database()
    assert not models.Invitation.objects.filter(pk=invitation.pk).exists()


@pytest.mark.django_db
def test_after_a_restored_backup_the_same_people_are_erased_again(capsys):
    person, other = make_person(), make_person()
    call_command("erase_person", person.public_id)
    capsys.readouterr()
    call_command("erase_person", "--list")
    listed = capsys.readouterr().out.split()
    assert listed == [person.public_id]
    models.Person.objects.filter(pk=person.pk).update(erased_at=None)  # the backup remembers them
    models.Detail.objects.create(person=person, field=Field.NAME, value="Invented and restored")
    call_command("erase_person", *listed)
    assert not person.details.exists()
    assert other.details.exists()
    call_command("erase_person", *listed)  # once more is as good as once
    assert "erased already" in capsys.readouterr().out
    with pytest.raises(CommandError):
        call_command("erase_person")


# --- By letter --------------------------------------------------------------------------------------------------------


@pytest.fixture
def networks():
    return make_network("lantern"), make_network("harbour")


def staff(client: Client, *roles: Role, **scope: object) -> models.Account:
    account = make_account(*roles, **scope)
    sign_in(client, account, staff_session="a request for erasure came by letter")
    return account


@pytest.mark.django_db
def test_the_secretariat_of_a_network_erases_its_own_members_and_finds_nobody_else(client, networks):
    lantern, harbour = networks
    ours, theirs = make_person(account=make_account(Role.READER)), make_person(account=make_account(Role.READER))
    join(lantern, ours)
    join(harbour, theirs)
    staff(client, Role.SECRETARIAT, network=lantern)
    find = reverse("network:erase-people")
    found = client.post(find, {"who": ours.account.email})
    assert found["Location"] == reverse("network:erase-person", args=[ours.public_id])
    answers = [client.post(find, {"who": who}).content for who in (theirs.account.email, "no@body.example")]
    said = [content.decode().count("Nobody was found whom you may erase.") for content in answers]
    assert said == [1, 1]
    hidden = reverse("network:erase-person", args=[theirs.public_id])
    assert (client.get(hidden).status_code, client.post(hidden).status_code) == (404, 404)
    page = client.get(found["Location"])
    assert ours.details.get(field="name").value in page.content.decode()
    done = client.post(found["Location"], {"typed": ours.public_id, "received": "2026-01-02"})
    assert done["Location"] == find
    ours.refresh_from_db()
    theirs.refresh_from_db()
    assert ours.erased_at is not None
    assert theirs.erased_at is None
    line = Entry.objects.get(verb="erased somebody")
    assert (line.why, line.details["received"]) == ("a request for erasure came by letter", "2026-01-02")


@pytest.mark.django_db
def test_whose_name_the_secretariat_reads_before_erasing_them_is_written_down(client, networks):
    person = make_person()
    join(networks[0], person)
    staff(client, Role.SECRETARIAT, network=networks[0])
    client.get(reverse("network:erase-person", args=[person.public_id]))
    seen = Entry.objects.get(saw=True, person=person.public_id)
    assert (seen.subject, seen.details) == ("erasure", {"fields": ["name"]})


@pytest.mark.django_db
def test_the_secretariat_of_a_network_cannot_erase_an_administrator_by_making_them_a_member(client, networks):
    administrator = make_person(account=make_account(Role.ADMINISTRATOR))
    make_account(Role.ADMINISTRATOR)  # not the last
    join(networks[0], administrator)
    account = staff(client, Role.SECRETARIAT, network=networks[0])
    address = reverse("network:erase-person", args=[administrator.public_id])
    assert client.post(address, {"typed": administrator.public_id, "received": "2026-01-02"}).status_code == 404
    with pytest.raises(PermissionDenied):
        erase(subject=subject_of(person=administrator), by=account, asked="by letter")
    staff(client, Role.ADMINISTRATOR)
    assert client.get(address).status_code == 200


@pytest.mark.django_db
def test_no_other_role_erases_anybody(client):
    person = make_person(account=make_account(Role.READER))
    join(make_network(), person)
    for role in Role:
        if role in {Role.SECRETARIAT, Role.ADMINISTRATOR}:
            continue
        sign_in(client, make_account(role))
        answer = client.post(reverse("network:erase-person", args=[person.public_id]))
        assert answer.status_code in {302, 403, 404}, role
        with pytest.raises(PermissionDenied):
            erase(subject=subject_of(person=person), by=make_account(role), asked="by letter")
    person.refresh_from_db()
    assert person.erased_at is None


@pytest.mark.django_db
def test_without_a_staff_session_the_secretariat_is_asked_for_one(client, networks):
    person = make_person()
    join(networks[0], person)
    sign_in(client, make_account(Role.SECRETARIAT))
    answer = client.get(reverse("network:erase-person", args=[person.public_id]))
    assert answer["Location"].startswith(reverse("network:open-staff-session"))


@pytest.mark.django_db
def test_a_name_that_is_only_the_persons_own_is_not_shown_to_whoever_erases_them(client, networks):
    person = make_person(visibility=Visibility.ONLY_ME, details={Field.NAME: "Invented Nobody Elses"})
    join(networks[0], person)
    staff(client, Role.SECRETARIAT, network=networks[0])
    page = client.get(reverse("network:erase-person", args=[person.public_id]))
    assert page.status_code == 200
    assert "Invented Nobody Elses" not in page.content.decode()
    assert not Entry.objects.filter(saw=True).exists()
