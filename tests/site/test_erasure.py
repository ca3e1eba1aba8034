"""Erasure: no personal data is left anywhere, and every count stays the same."""

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

from samsvar.network.consent import LegalBasis, Purpose, Visibility
from samsvar.network.people import Field, Group, group_shares
from samsvar.network.rights import Role
from samsvar.site.audit.models import AuditEntry
from samsvar.site.monitoring.models import Finding, Upload
from samsvar.site.network import models
from samsvar.site.network.access.actions.roles import LastAdministrator
from samsvar.site.network.data_inventory import ErasureMethod, data_categories, resolve_subject
from samsvar.site.network.privacy.actions.privacy import SubjectNotFound, erase_personal_data
from samsvar.site.shell.uploads import read_private_file, store_private_file
from tests.factories.files import bytes_of
from tests.factories.people import make_account, make_membership, make_network, make_person, sign_in
from tests.factories.privacy import MarkedPerson, dump_database, make_marked_person
from tests.site.test_withdrawal import (
    EXPORTS,
    PLACES,
    shows_person,
    site_files,
)
from tests.site.test_withdrawal import world as world  # noqa: PLC0414 - a fixture is found by its name

KEPT_CATEGORIES = {one.key for one in data_categories() if one.erasure.method is ErasureMethod.KEPT}


def member_counts(network: models.Network) -> list[int]:
    """Return how many memberships, named or not, are valid on each of five days up to today."""
    today = timezone.now().date()
    days = [today - timedelta(days=back) for back in (500, 350, 200, 1, 0)]
    rows = list(models.Membership.objects.filter(network=network))
    return [sum((not r.begins or r.begins <= day) and (not r.ends or day <= r.ends) for r in rows) for day in days]


def shares_of_members(network: models.Network) -> dict[Group | None, tuple[int, float]]:
    groups: list[Group | None] = []
    for row in models.Membership.objects.filter(network=network):
        said = models.Detail.objects.filter(person=row.person, field=Field.GROUP).first()
        groups.append(Group(said.value) if said else None)
    return group_shares(groups)


def statistics_of(mine: MarkedPerson) -> dict[str, object]:
    assert mine.network is not None
    return {
        "members": member_counts(mine.network),
        "shares": shares_of_members(mine.network),
        "uploads": Upload.objects.filter(uploaded_by=mine.account).count(),
        "judged": Finding.everything.filter(reviewed_by=mine.account, review="confirmed").count(),
        "reports": mine.account.report_set.count(),
    }


def marks_to_erase(mine: MarkedPerson) -> set[str]:
    """Return all marks except those in a category that is kept, for which the page gives the reason beforehand."""
    every = {**mine.given, **{("withheld " + key, column): m for (key, column), m in mine.withheld.items()}}
    return {
        one
        for (key, _column), marks in every.items()
        if key.removeprefix("withheld ") not in KEPT_CATEGORIES
        for one in marks
    }


def files_containing(marks: set[str]) -> dict[str, set[str]]:
    """Return which marks occur in which files of the site, including those of the database."""
    found = {}
    for path in Path(settings.DATA).rglob("*"):
        if path.is_file():
            content = bytes_of(path)
            there = {one for one in marks if one.encode() in content}
            if there:
                found[path.relative_to(settings.DATA).as_posix()] = there
    return found


@pytest.fixture
def third_party() -> models.Account:
    return make_account(Role.SECRETARIAT, email="third@network.example")


@pytest.mark.django_db(transaction=True)
def test_erasure_leaves_no_personal_data_in_any_table_or_file_and_keeps_all_counts(third_party):
    mine, other = make_marked_person(third=third_party), make_marked_person(third=third_party)
    going, before = marks_to_erase(mine), statistics_of(mine)
    there = dump_database()
    assert {one for one in going if one in there} == going
    assert len(going) > 50  # the check is not vacuous
    assert before["members"] == [0, 1, 2, 2, 2]
    assert before["shares"][Group.PRACTITIONERS] == (1, 0.5)  # type: ignore[index]
    assert (before["uploads"], before["judged"], before["reports"]) == (1, 1, 1)
    if connection.vendor == "sqlite":
        assert files_containing(going) != {}
    assert read_private_file(mine.photograph) is not None

    done = erase_personal_data(subject=mine.subject, by=mine.account, channel="on the site")

    there = dump_database()
    assert {one for one in going if one in there} == set()
    assert files_containing(going) == {}
    assert read_private_file(mine.photograph) is None
    assert statistics_of(mine) == before
    assert done.public_ids == {mine.account.public_id, mine.person.public_id}
    others = other.all_given()
    assert {one for one in others if one in there} == others  # no one else lost any data
    assert read_private_file(other.photograph) is not None


@pytest.mark.django_db(transaction=True)
def test_erasure_removes_a_person_from_every_page_export_file_and_cached_page(world):
    for name, place in (PLACES | EXPORTS).items():
        assert shows_person(place(world)), f"nothing to leak: {name}"
    erase_personal_data(subject=resolve_subject(person=world.person), by=None, channel="by letter")
    for name, place in (PLACES | EXPORTS).items():
        assert not shows_person(place(world)), name
    assert not shows_person(site_files(world))


# the public history of labels, links and details, which the page announces
IN_PUBLIC_HISTORY = {
    "corrections_proposed": "label reason role decision_reason",
    "proposals_decided": "decided_role decision_reason",
    "label_changes": "before after role reason",
    "label_changes_superseded": "previous_note",
    "link_decisions": "reason role",
    "details_changes": "before after role reason",
    "review_samples": "filters finding_ids",
}
# measures, evidence and reports belong to a state or an organisation, recorded by an anonymised account
IN_RECORDS_OF_A_STATE = {
    "answers_linked": "part_text reason role",
    "findings_triaged": "note reason role",
    "measure_changes": "after before finding reason role",
    "measures_imported": "public_id",
    "imports_undone": "public_id",
    "columns_chosen": "columns",
    "evidence_given": "filename link public_id text title",
    "evidence_decided": "decided_role public_id status_reason",
    "reports_created": "public_id title",
    "reports_written": "public_id title",
    "report_sections": "role",
    "report_notes": "section_id",
    "reports_submitted": "on_behalf_of sha256",
    "reports_published": "sha256",
    "asks_made": "public_id title",
    "asks_decided": "note",
    "practice_reviews": "checks comment",
    "practice_events": "act reason role",
    "practice_leads": "finding reason",
    "help_offers": "public_id text title",
    "help_requests_entered": "public_id",
    "help_requests_taken": "public_id",
    "adoptions": "public_id",
    "adoption_events": "evidence_link reason role",
}


@pytest.mark.django_db
def test_erasure_keeps_only_what_the_page_announced(third_party):
    mine = make_marked_person(third=third_party)
    erase_personal_data(subject=mine.subject, by=mine.account, channel="on the site")
    there = dump_database()
    staying = {(key, column) for (key, column), marks in mine.given.items() if any(one in there for one in marks)}
    assert staying == {
        ("done", "verb"), ("done", "details"), ("done", "why"),
        ("seen", "verb"), ("seen", "details"), ("seen", "why"),
        ("findings_judged", "note"), ("findings_linked", "reason"),
        *((key, name) for key, names in IN_PUBLIC_HISTORY.items() for name in names.split()),
        *((key, name) for key, names in IN_RECORDS_OF_A_STATE.items() for name in names.split()),
        # about a meeting or another participant, recorded by an anonymised account
        ("outcomes_recorded", "public_id"), ("outcomes_recorded", "text"),
        ("outcomes_corrected", "text_before"), ("outcomes_corrected", "why"),
        ("progress_said", "text"), ("progress_said", "evidence"),
        ("contributions_decided", "public_id"), ("contributions_decided", "reason"), ("contributions_reviewed", "text"),
        ("programmes_published", "note"), ("letters_issued", "code"), ("letters_issued", "language"),
        ("registrations_decided", "public_id"), ("meeting_invitations_sent", "public_id"),
        *((key, name) for key, names in IN_RECORDS_OF_A_STATE.items() for name in names.split()),
    }  # fmt: skip


@pytest.mark.django_db
def test_account_and_person_remain_as_anonymised_rows(third_party):
    mine = make_marked_person(third=third_party)
    erase_personal_data(subject=mine.subject, by=mine.account, channel="on the site")
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
def test_the_audit_log_records_the_erasure_by_id_and_how_it_was_requested(third_party):
    mine = make_marked_person(third=third_party)
    erase_personal_data(subject=mine.subject, by=mine.account, channel="on the site")
    line = AuditEntry.objects.get(verb="erased a person's data")
    assert (line.subject, line.person) == (f"account {mine.account.public_id}", mine.person.public_id)
    assert (line.details["asked"], line.details["received"]) == ("on the site", "")
    assert line.details["rows"]["entry"] == 12


@pytest.mark.django_db
def test_erasure_signs_out_every_browser_at_once(client):
    person = make_person(account=make_account(Role.READER))
    elsewhere = sign_in(Client(), person.account)
    address = reverse("network:erase-my-data")
    assert elsewhere.get(address)["Location"].startswith(reverse("account_reauthenticate"))  # signed in
    reauthenticate(sign_in(client, person.account))
    answer = client.post(address, {"typed": person.account.email})
    assert (answer.status_code, answer["Location"]) == (302, reverse("network:erasure-complete"))
    for browser in (client, elsewhere):
        assert browser.get(address)["Location"].startswith(reverse("account_login"))
    assert client.get(reverse("network:erasure-complete")).status_code == 200


def reauthenticate(client: Client) -> Client:
    """Mark the session of the client as reauthenticated with the password a moment ago."""
    session = client.session
    session["account_authentication_methods"] = [
        *session["account_authentication_methods"],
        {"method": "password", "at": time.time(), "reauthenticated": True},
    ]
    session.save()
    return client


@pytest.mark.django_db
def test_no_data_are_erased_without_the_typed_confirmation(client):
    person = make_person(account=make_account(Role.READER))
    reauthenticate(sign_in(client, person.account))
    for typed in ("", "yes", "somebody@else.example"):
        answer = client.post(reverse("network:erase-my-data"), {"typed": typed})
        assert answer.status_code == 422
    person.refresh_from_db()
    assert person.erased_at is None


@pytest.mark.django_db
def test_the_last_administrator_needs_a_successor_before_erasure(client):
    first = make_account(Role.ADMINISTRATOR)
    with pytest.raises(LastAdministrator) as refusal:
        erase_personal_data(subject=resolve_subject(account=first), by=first, channel="on the site")
    assert refusal.value.message == "This is the last administrator."
    reauthenticate(sign_in(client, first))
    answer = client.post(reverse("network:erase-my-data"), {"typed": first.email})
    assert answer.status_code == 422
    assert "Make someone else an administrator first." in answer.content.decode()
    make_account(Role.ADMINISTRATOR)
    erase_personal_data(subject=resolve_subject(account=first), by=first, channel="on the site")
    first.refresh_from_db()
    assert first.erased_at is not None


def make_person_with_basis(purpose: Purpose, ground: LegalBasis) -> models.Person:
    person = make_person(
        account=make_account(Role.READER),
        visibility=Visibility.SIGNED_IN,
        details={
            Field.NAME: "Fictional Ada Quillfeather",
            Field.ORGANISATION: "an-fictional-ministry",
            Field.COUNTRY: "XA",
            Field.TELEPHONE: "+00 000",
            Field.GENDER: "woman",
        },
    )
    models.Basis.objects.create(
        person=person, purpose=purpose, ground=ground, since=timezone.now(), note="the rules of procedure",
        text_version="1" if ground is LegalBasis.CONSENT else "",
    )  # fmt: skip
    return person


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("purpose", "ground", "stays"),
    [
        (Purpose.MEETINGS, LegalBasis.PUBLIC_TASK, {Field.NAME, Field.ORGANISATION, Field.COUNTRY}),
        (Purpose.PROGRAMME, LegalBasis.LEGAL_OBLIGATION, {Field.NAME}),
        (Purpose.MEETINGS, LegalBasis.CONSENT, set()),
        (Purpose.MEETINGS, LegalBasis.LEGITIMATE_INTERESTS, set()),
        (Purpose.MEMBERSHIP, LegalBasis.PUBLIC_TASK, set()),
    ],
)
def test_only_a_legal_duty_keeps_data_and_only_what_it_needs(purpose, ground, stays):
    person = make_person_with_basis(purpose, ground)
    erase_personal_data(subject=resolve_subject(person=person), by=None, channel="by letter")
    left = {one.field: one.visibility for one in person.details.all()}
    assert left == dict.fromkeys(stays, Visibility.SECRETARIAT)
    assert person.bases.count() == (1 if stays else 0)


@pytest.mark.django_db
def test_the_page_says_beforehand_what_a_duty_keeps(client):
    person = make_person_with_basis(Purpose.MEETINGS, LegalBasis.PUBLIC_TASK)
    reauthenticate(sign_in(client, person.account))
    page = client.get(reverse("network:erase-my-data")).content.decode()
    assert "the rules of procedure" in page
    assert "Name, Organisation, Country" in page
    plain = make_person(account=make_account(Role.READER))
    reauthenticate(sign_in(client, plain.account))
    assert "rules of procedure" not in client.get(reverse("network:erase-my-data")).content.decode()


@pytest.mark.django_db
def test_a_person_at_risk_stays_marked_while_a_duty_keeps_their_name():
    person = make_person_with_basis(Purpose.MEETINGS, LegalBasis.PUBLIC_TASK)
    person.at_risk, person.pseudonym = True, "Speaker from Nordmark"
    person.save()
    erase_personal_data(subject=resolve_subject(person=person), by=None, channel="by letter")
    person.refresh_from_db()
    assert (person.at_risk, person.pseudonym) == (True, "Speaker from Nordmark")


@pytest.mark.django_db(transaction=True)
def test_a_photograph_shared_by_two_people_is_kept_while_one_of_them_has_it():
    content_hash = store_private_file(b"RIFF two fictional people in one picture")
    people = [make_person(), make_person()]
    for person in people:
        models.Photograph.objects.create(person=person, content_hash=content_hash, format="webp", width=1, height=1)
    erase_personal_data(subject=resolve_subject(person=people[0]), by=None, channel="by letter")
    assert read_private_file(content_hash) is not None
    erase_personal_data(subject=resolve_subject(person=people[1]), by=None, channel="by letter")
    assert read_private_file(content_hash) is None


@pytest.mark.django_db
def test_the_data_of_a_person_cannot_be_erased_twice():
    person = make_person(account=make_account(Role.READER))
    erase_personal_data(subject=resolve_subject(person=person), by=None, channel="by letter")
    person.refresh_from_db()
    with pytest.raises(SubjectNotFound):
        erase_personal_data(subject=resolve_subject(person=person), by=None, channel="by letter")


@pytest.mark.django_db
def test_an_address_without_an_account_is_erased_with_its_invitation():
    invitation = models.Invitation.objects.create(
        token_hash="0" * 64, email="invited@elsewhere.example", expires_at=timezone.now() + timedelta(days=3)
    )
    models.OutgoingEmail.objects.create(to="invited@elsewhere.example", subject="An invitation", body="Open this")
    assert "invited@elsewhere.example" in dump_database()
    call_command("erase_person", "Invited@Elsewhere.example")
    assert "invited@elsewhere.example" not in dump_database()
    assert not models.Invitation.objects.filter(pk=invitation.pk).exists()


@pytest.mark.django_db
def test_erasures_can_be_repeated_after_a_backup_was_restored(capsys):
    person, other = make_person(), make_person()
    call_command("erase_person", person.public_id)
    capsys.readouterr()
    call_command("erase_person", "--list")
    listed = capsys.readouterr().out.split()
    assert listed == [person.public_id]
    models.Person.objects.filter(pk=person.pk).update(erased_at=None)  # the backup still has the person
    models.Detail.objects.create(person=person, field=Field.NAME, value="Fictional and restored")
    call_command("erase_person", *listed)
    assert not person.details.exists()
    assert other.details.exists()
    call_command("erase_person", *listed)  # repeating it changes nothing
    assert "already been deleted" in capsys.readouterr().out
    with pytest.raises(CommandError):
        call_command("erase_person")


# --- Requests by letter -----------------------------------------------------------------------------------------------


@pytest.fixture
def networks():
    return make_network("lantern"), make_network("harbour")


def sign_in_staff(client: Client, *roles: Role, **scope: object) -> models.Account:
    account = make_account(*roles, **scope)
    sign_in(client, account, staff_session="a request for erasure came by letter")
    return account


@pytest.mark.django_db
def test_a_network_secretariat_can_find_and_erase_only_data_of_its_own_members(client, networks):
    lantern, harbour = networks
    ours, theirs = make_person(account=make_account(Role.READER)), make_person(account=make_account(Role.READER))
    make_membership(lantern, ours)
    make_membership(harbour, theirs)
    sign_in_staff(client, Role.SECRETARIAT, network=lantern)
    find = reverse("network:erasure-requests")
    found = client.post(find, {"identifier": ours.account.email})
    assert found["Location"] == reverse("network:erase-person", args=[ours.public_id])
    answers = [client.post(find, {"identifier": who}).content for who in (theirs.account.email, "no@body.example")]
    said = [content.decode().count("We found no one whose personal data you can delete.") for content in answers]
    assert said == [2, 2]  # in the summary of errors, and beside the field
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
    line = AuditEntry.objects.get(verb="erased a person's data")
    assert (line.why, line.details["received"]) == ("a request for erasure came by letter", "2026-01-02")


@pytest.mark.django_db
def test_a_name_shown_to_the_secretariat_before_erasure_is_logged(client, networks):
    person = make_person()
    make_membership(networks[0], person)
    sign_in_staff(client, Role.SECRETARIAT, network=networks[0])
    client.get(reverse("network:erase-person", args=[person.public_id]))
    seen = AuditEntry.objects.get(saw=True, person=person.public_id)
    assert (seen.subject, seen.details) == ("erasure", {"fields": ["name"]})


@pytest.mark.django_db
def test_a_network_secretariat_cannot_erase_an_administrator_by_making_them_a_member(client, networks):
    administrator = make_person(account=make_account(Role.ADMINISTRATOR))
    make_account(Role.ADMINISTRATOR)  # so that this one is not the last
    make_membership(networks[0], administrator)
    account = sign_in_staff(client, Role.SECRETARIAT, network=networks[0])
    address = reverse("network:erase-person", args=[administrator.public_id])
    assert client.post(address, {"typed": administrator.public_id, "received": "2026-01-02"}).status_code == 404
    with pytest.raises(PermissionDenied):
        erase_personal_data(subject=resolve_subject(person=administrator), by=account, channel="by letter")
    sign_in_staff(client, Role.ADMINISTRATOR)
    assert client.get(address).status_code == 200


@pytest.mark.django_db
def test_no_other_role_can_erase_personal_data(client):
    person = make_person(account=make_account(Role.READER))
    make_membership(make_network(), person)
    for role in Role:
        if role in {Role.SECRETARIAT, Role.ADMINISTRATOR}:
            continue
        sign_in(client, make_account(role))
        answer = client.post(reverse("network:erase-person", args=[person.public_id]))
        assert answer.status_code in {302, 403, 404}, role
        with pytest.raises(PermissionDenied):
            erase_personal_data(subject=resolve_subject(person=person), by=make_account(role), channel="by letter")
    person.refresh_from_db()
    assert person.erased_at is None


@pytest.mark.django_db
def test_the_secretariat_needs_a_staff_session_to_erase_data(client, networks):
    person = make_person()
    make_membership(networks[0], person)
    sign_in(client, make_account(Role.SECRETARIAT))
    answer = client.get(reverse("network:erase-person", args=[person.public_id]))
    assert answer["Location"].startswith(reverse("network:open-staff-session"))


@pytest.mark.django_db
def test_a_name_visible_only_to_its_owner_is_not_shown_before_erasure(client, networks):
    person = make_person(visibility=Visibility.ONLY_ME, details={Field.NAME: "Fictional Nobody Elses"})
    make_membership(networks[0], person)
    sign_in_staff(client, Role.SECRETARIAT, network=networks[0])
    page = client.get(reverse("network:erase-person", args=[person.public_id]))
    assert page.status_code == 200
    assert "Fictional Nobody Elses" not in page.content.decode()
    assert not AuditEntry.objects.filter(saw=True).exists()
