"""The personal data export: everything about oneself, nothing about anyone else, nothing that opens an account."""

from __future__ import annotations

import io
import json
import time
import zipfile
from html import unescape

import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from samsvar.network.rights import Role
from samsvar.site.audit.actions import retention_end
from samsvar.site.audit.models import AuditEntry
from samsvar.site.network import models
from samsvar.site.network.data_inventory import data_categories, resolve_subject
from samsvar.site.network.privacy.actions.privacy import erase_personal_data, export_personal_data
from samsvar.site.network.privacy.queries.my_data import value_label
from tests.factories.people import PASSWORD, make_account, make_person, sign_in
from tests.factories.privacy import dump_database, make_marked_person

pytestmark = pytest.mark.django_db


def unzip(packed: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture
def two_people():
    """Two people with traceable data and a third, who is the other party in everything that each of them shares."""
    third = make_account(Role.SECRETARIAT, email="third@network.example")
    return make_marked_person(third=third), make_marked_person(third=third)


def test_the_export_holds_all_data_about_a_person_and_nothing_about_anyone_else(two_people):
    mine, other = two_people
    there = dump_database()
    assert mine.all_given() | other.all_given() <= {one for one in mine.all_given() | other.all_given() if one in there}
    assert len(mine.all_given()) > 40  # make sure there is something to leak
    assert {key for key, _column in mine.given} >= {"entry", "letters", "done", "seen", "uploads", "received_lines"}

    files = unzip(export_personal_data(subject=mine.subject, by=mine.account))
    for name in ("my-data.json", "my-data.html"):
        text = unescape(files[name].decode())
        missing = {key for key, marks in mine.given.items() if any(one not in text for one in marks)}
        assert missing == set(), name
        assert {one for one in other.all_given() | other.all_withheld() if one in text} == set(), name
        assert "third@network.example" not in text


def test_the_export_holds_no_secrets_and_nothing_withheld(two_people):
    mine, _other = two_people
    there = dump_database()
    hidden = mine.all_withheld() - mine.all_given()  # an address can be withheld here and exported there
    assert {one for one in hidden if one in there} == hidden
    assert {column for _key, column in mine.withheld} >= {"token_hash", "token", "key", "browser", "html"}
    for content in unzip(export_personal_data(subject=mine.subject, by=mine.account)).values():
        text = content.decode("utf-8", "replace")
        assert {one for one in hidden if one in text} == set()
        assert mine.account.password not in text


def test_the_export_for_people_shows_labels_instead_of_raw_values():
    moment = "2026-11-24T18:54:24.776005+00:00"
    raw_values = {"at": moment, "saw": True, "field": "email", "by": "secretariat"}
    assert [value_label(name, value) for name, value in raw_values.items()] == [
        "2026-11-24 18:54 UTC", "yes", "Contact email address", "secretariat",
    ]  # fmt: skip
    assert value_label("details", {"fields": ["name", "email"], "why": None}) == "fields: name, email, why: "
    assert [value_label("value", one) for one in (None, "", [], {})] == ["", "", "", ""]


def test_the_export_includes_only_the_persons_own_photographs(two_people):
    mine, other = two_people
    files = unzip(export_personal_data(subject=mine.subject, by=mine.account))
    assert [name for name in files if name.startswith("photographs/")] == [f"photographs/{mine.photograph[:16]}.webp"]
    assert other.photograph[:16] not in " ".join(files)


def test_the_json_export_explains_each_of_its_keys(two_people):
    file = json.loads(
        unzip(export_personal_data(subject=two_people[0].subject, by=two_people[0].account))["my-data.json"]
    )
    assert file["format"] == "samsvar-my-data/1"
    assert set(file) == {"format", "made_at", "controller", "contact", "data", "explained"}
    assert set(file["data"]) == set(file["explained"]) == {one.key for one in data_categories()}
    assert set(file["explained"]["letters"]) == {
        "what", "purposes", "grounds", "recipients", "kept", "erasure", "withheld"
    }  # fmt: skip


def test_the_export_says_in_which_role_and_why_data_were_accessed_but_not_by_whom():
    secretary = make_account(Role.SECRETARIAT, email="private@secretariat.example")
    person = make_person(account=make_account(Role.READER))
    for actor, session in ((secretary, "8b5f3a60-0000-4000-8000-000000000001"), (secretary, None), (None, None)):
        AuditEntry.objects.create(
            actor=actor, verb="saw", subject="directory", details={"fields": ["email"]}, saw=True,
            person=person.public_id, staff_session=session, why="a request by telephone",
            keep_until=retention_end(timezone.now().date()),
        )  # fmt: skip
    packed = unzip(export_personal_data(subject=resolve_subject(person=person), by=person.account))
    seen = json.loads(packed["my-data.json"])["data"]["seen"]
    assert [(line["by"], line["why"], line["details"]) for line in seen] == [
        ("secretariat", "a request by telephone", {"fields": ["email"]}),
        ("member", "a request by telephone", {"fields": ["email"]}),
        ("site", "a request by telephone", {"fields": ["email"]}),
    ]
    assert b"private@secretariat.example" not in b"".join(packed.values())
    assert secretary.public_id.encode() not in b"".join(packed.values())


def test_the_my_data_page_says_what_was_accessed_and_why_but_not_by_whom(client):
    person = make_person(account=make_account(Role.READER))
    mark_reauthenticated(sign_in(client, person.account))
    assert "No one but you has accessed" in client.get(reverse("network:my-data")).content.decode()
    secretary = make_account(Role.SECRETARIAT, email="private@secretariat.example")
    AuditEntry.objects.create(
        actor=secretary, verb="saw", subject="directory", details={"fields": ["email", "name"]}, saw=True,
        person=person.public_id, staff_session="8b5f3a60-0000-4000-8000-000000000001", why="a request by telephone",
        keep_until=retention_end(timezone.now().date()),
    )  # fmt: skip
    page = client.get(reverse("network:my-data")).content.decode()
    assert "No one but you has accessed" not in page
    assert "a request by telephone" in page
    assert "Contact email address, Name" in page
    assert "private@secretariat.example" not in page


def test_a_question_that_was_not_forwarded_is_not_in_the_members_export():
    asker, member = make_account(Role.READER), make_person(account=make_account(Role.READER))
    ask = models.MemberQuestion.objects.create(by=asker, to=member, subject="Still weighed by the secretariat")
    models.QuestionMessage.objects.create(ask=ask, side="asker", text="Nobody has forwarded this")
    for_member = unzip(export_personal_data(subject=resolve_subject(person=member), by=member.account))[
        "my-data.json"
    ].decode()
    for_asker = unzip(export_personal_data(subject=resolve_subject(account=asker), by=asker))["my-data.json"].decode()
    assert "Still weighed" in for_asker
    assert "Nobody has forwarded" in for_asker
    assert "Still weighed" not in for_member
    assert "Nobody has forwarded" not in for_member


def test_an_unverified_address_in_a_profile_gives_no_access_to_its_owners_data():
    """A contact address is an unverified claim; otherwise anyone could read other people's emails."""
    victim = make_account(Role.READER, email="victim@network.example")
    models.OutgoingEmail.objects.create(to=victim.email, subject="Choose a new password", body="Open this: secret-link")
    models.Invitation.objects.create(
        token_hash="1" * 64, email="invited@network.example", office="chair", expires_at=timezone.now()
    )
    thief = make_person(
        account=make_account(Role.READER), details={"email": ["victim@network.example", "invited@network.example"]}
    )
    EmailAddress.objects.create(user=thief.account, email="invited@network.example", verified=False)
    mine = json.loads(unzip(export_personal_data(subject=resolve_subject(account=victim), by=victim))["my-data.json"])
    assert [letter["body"] for letter in mine["data"]["letters"]] == ["Open this: secret-link"]  # something to steal
    stolen = json.loads(
        unzip(export_personal_data(subject=resolve_subject(person=thief), by=thief.account))["my-data.json"]
    )
    assert (stolen["data"]["letters"], stolen["data"]["invitations"]) == ([], [])
    erase_personal_data(subject=resolve_subject(person=thief), by=thief.account, channel="on the site")
    assert (models.OutgoingEmail.objects.count(), models.Invitation.objects.count()) == (1, 1)


def test_no_role_can_export_the_data_of_another_person():
    person = make_person(account=make_account(Role.READER))
    for role in Role:
        with pytest.raises(PermissionDenied):
            export_personal_data(subject=resolve_subject(person=person), by=make_account(role))


def test_the_audit_log_records_an_export_and_its_size_but_none_of_the_data(two_people):
    mine, _other = two_people
    export_personal_data(subject=mine.subject, by=mine.account)
    line = AuditEntry.objects.filter(verb="exported personal data").get()
    assert (line.actor, line.subject, line.person) == (
        mine.account, f"account {mine.account.public_id}", mine.person.public_id
    )  # fmt: skip
    assert line.details["entry"] == 13
    assert {one for one in mine.all_given() if one in str(line.details)} == set()


def mark_reauthenticated(client):
    """Mark the session of this client as just reauthenticated with the password."""
    session = client.session
    session["account_authentication_methods"] = [
        *session["account_authentication_methods"], {"method": "password", "at": time.time(), "reauthenticated": True}
    ]  # fmt: skip
    session.save()
    return client


def test_the_my_data_page_requires_reauthentication(client):
    person = make_person(account=make_account(Role.READER))
    sign_in(client, person.account)
    address = reverse("network:my-data")
    for answer in (client.get(address), client.post(address)):
        assert answer.status_code == 302
        assert answer["Location"].startswith(reverse("account_reauthenticate"))
    assert not AuditEntry.objects.filter(verb="exported personal data").exists()


def test_the_export_is_given_after_the_right_password_and_not_after_a_wrong_one(client):
    person = make_person(account=make_account(Role.READER))
    sign_in(client, person.account)
    asked = client.post(reverse("network:my-data"))
    wrong = client.post(asked["Location"], {"password": "not the password"})
    assert wrong.status_code in {200, 422}
    assert not AuditEntry.objects.filter(verb="exported personal data").exists()
    right = client.post(asked["Location"], {"password": PASSWORD})
    if right.status_code == 302:  # back to the page, now reauthenticated
        right = client.post(right["Location"])
    assert right["Content-Type"] == "application/zip"
    assert person.public_id in unzip(right.content)["my-data.json"].decode()


def test_the_my_data_page_gives_the_export_after_reauthentication(client):
    person = make_person(account=make_account(Role.READER))
    mark_reauthenticated(sign_in(client, person.account))
    page = client.get(reverse("network:my-data"))
    assert page.status_code == 200
    answer = client.post(reverse("network:my-data"))
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/zip"
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Content-Disposition"] == 'attachment; filename="my-data.zip"'
    name = person.details.get(field="name").value
    assert name in unzip(answer.content)["my-data.json"].decode()


def test_the_my_data_page_requires_signing_in(client):
    answer = client.get(reverse("network:my-data"))
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_login"))


def test_the_command_writes_an_export_that_only_the_file_owner_can_read(tmp_path):
    person = make_person()
    file = tmp_path / "my-data.zip"
    call_command("my_data", person.public_id, str(file))
    assert person.details.get(field="name").value in unzip(file.read_bytes())["my-data.json"].decode()
    assert file.stat().st_mode & 0o777 == 0o600
    with pytest.raises(CommandError, match="already exists"):
        call_command("my_data", person.public_id, str(file))
    with pytest.raises(CommandError, match="no such person or account"):
        call_command("my_data", "0123456789abcdef", str(tmp_path / "other.zip"))


# --- Privacy notice and record of processing --------------------------------------------------------------------------


def test_the_privacy_notice_is_public_and_names_the_data_controller(client, settings):
    settings.SAMSVAR_CONTROLLER = "The Ministry of Lamps of Nordmark"
    settings.SAMSVAR_PRIVACY_CONTACT = "privacy@ministry.example"
    page = client.get(reverse("network:privacy")).content.decode()
    assert "The Ministry of Lamps of Nordmark" in page
    assert "privacy@ministry.example" in page
    for holding in data_categories():
        assert str(holding.description) in unescape(page)


def test_a_site_without_a_data_controller_says_so(client, settings):
    settings.SAMSVAR_DEMO = False
    page = client.get(reverse("network:privacy")).content.decode()
    assert "This site has not named a data controller." in page
    assert "This site has not given a contact for data requests." in page


@pytest.mark.parametrize("role", [Role.SECRETARIAT, Role.AUDITOR, Role.ADMINISTRATOR])
def test_staff_responsible_for_the_data_can_read_the_record_of_processing(client, role):
    sign_in(client, make_account(role))
    page = unescape(client.get(reverse("network:record-of-processing")).content.decode())
    for holding in data_categories():
        assert str(holding.description) in page
        assert str(holding.recipients) in page


def test_no_other_role_can_read_the_record_of_processing(client):
    for role in set(Role) - {Role.SECRETARIAT, Role.AUDITOR, Role.ADMINISTRATOR}:
        sign_in(client, make_account(role))
        assert client.get(reverse("network:record-of-processing")).status_code == 403, role
