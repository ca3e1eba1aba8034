"""My data: everything of oneself, nothing of anybody else, nothing that opens an account."""

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
from samsvar.site.audit.actions import kept_until
from samsvar.site.audit.models import Entry
from samsvar.site.network import models
from samsvar.site.network.data_inventory import holdings, subject_of
from samsvar.site.network.privacy.actions.privacy import erase, hand_out
from samsvar.site.network.privacy.queries.privacy import said
from tests.factories.people import PASSWORD, make_account, make_person, sign_in
from tests.factories.privacy import everything_in_the_database, make_marked_person

pytestmark = pytest.mark.django_db


def unpacked(packed: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture
def two():
    """Two marked people and a third, who is on the other side of what each of them shares."""
    third = make_account(Role.SECRETARIAT, email="third@network.example")
    return make_marked_person(third=third), make_marked_person(third=third)


def test_every_text_of_a_persons_every_row_is_in_the_file_and_nothing_of_another_person(two):
    mine, other = two
    there = everything_in_the_database()
    assert mine.all_given() | other.all_given() <= {one for one in mine.all_given() | other.all_given() if one in there}
    assert len(mine.all_given()) > 40  # there is something to leak
    assert {key for key, _column in mine.given} >= {"entry", "letters", "done", "seen", "uploads", "received_lines"}

    files = unpacked(hand_out(subject=mine.subject, by=mine.account))
    for name in ("my-data.json", "my-data.html"):
        text = unescape(files[name].decode())
        missing = {key for key, marks in mine.given.items() if any(one not in text for one in marks)}
        assert missing == set(), name
        assert {one for one in other.all_given() | other.all_withheld() if one in text} == set(), name
        assert "third@network.example" not in text


def test_nothing_that_opens_the_account_and_nothing_of_those_beside_is_in_the_file(two):
    mine, _other = two
    there = everything_in_the_database()
    hidden = mine.all_withheld() - mine.all_given()  # an address of mine is withheld in one place and given in another
    assert {one for one in hidden if one in there} == hidden
    assert {column for _key, column in mine.withheld} >= {"token_hash", "token", "key", "browser", "html"}
    for content in unpacked(hand_out(subject=mine.subject, by=mine.account)).values():
        text = content.decode("utf-8", "replace")
        assert {one for one in hidden if one in text} == set()
        assert mine.account.password not in text


def test_people_read_words_where_machines_read_values():
    moment = "2026-11-24T18:54:24.776005+00:00"
    assert [said("at", moment), said("saw", True), said("field", "email"), said("by", "secretariat")] == [
        "2026-11-24 18:54 UTC", "yes", "E-mail address for contact", "secretariat",
    ]  # fmt: skip
    assert said("details", {"fields": ["name", "email"], "why": None}) == "fields: name, email, why: "
    assert [said("value", one) for one in (None, "", [], {})] == ["", "", "", ""]


def test_photographs_are_in_the_file(two):
    mine, other = two
    files = unpacked(hand_out(subject=mine.subject, by=mine.account))
    assert [name for name in files if name.startswith("photographs/")] == [f"photographs/{mine.photograph[:16]}.webp"]
    assert other.photograph[:16] not in " ".join(files)


def test_the_file_for_machines_explains_each_of_its_keys(two):
    file = json.loads(unpacked(hand_out(subject=two[0].subject, by=two[0].account))["my-data.json"])
    assert file["format"] == "samsvar-my-data/1"
    assert set(file) == {"format", "made_at", "controller", "contact", "data", "explained"}
    assert set(file["data"]) == set(file["explained"]) == {one.key for one in holdings()}
    assert set(file["explained"]["letters"]) == {
        "what", "purposes", "grounds", "recipients", "kept", "erasure", "withheld"
    }  # fmt: skip


def test_a_person_reads_as_what_somebody_saw_them_and_why_and_never_who_it_was():
    secretary = make_account(Role.SECRETARIAT, email="private@secretariat.example")
    person = make_person(account=make_account(Role.READER))
    for actor, session in ((secretary, "8b5f3a60-0000-4000-8000-000000000001"), (secretary, None), (None, None)):
        Entry.objects.create(
            actor=actor, verb="saw", subject="directory", details={"fields": ["email"]}, saw=True,
            person=person.public_id, staff_session=session, why="a request by telephone",
            keep_until=kept_until(timezone.now().date()),
        )  # fmt: skip
    packed = unpacked(hand_out(subject=subject_of(person=person), by=person.account))
    seen = json.loads(packed["my-data.json"])["data"]["seen"]
    assert [(line["by"], line["why"], line["details"]) for line in seen] == [
        ("secretariat", "a request by telephone", {"fields": ["email"]}),
        ("member", "a request by telephone", {"fields": ["email"]}),
        ("site", "a request by telephone", {"fields": ["email"]}),
    ]
    assert b"private@secretariat.example" not in b"".join(packed.values())
    assert secretary.public_id.encode() not in b"".join(packed.values())


def test_the_page_tells_who_saw_me_as_what_and_why(client):
    person = make_person(account=make_account(Role.READER))
    confirmed(sign_in(client, person.account))
    assert "Nobody but you has seen" in client.get(reverse("network:my-data")).content.decode()
    secretary = make_account(Role.SECRETARIAT, email="private@secretariat.example")
    Entry.objects.create(
        actor=secretary, verb="saw", subject="directory", details={"fields": ["email", "name"]}, saw=True,
        person=person.public_id, staff_session="8b5f3a60-0000-4000-8000-000000000001", why="a request by telephone",
        keep_until=kept_until(timezone.now().date()),
    )  # fmt: skip
    page = client.get(reverse("network:my-data")).content.decode()
    assert "Nobody but you has seen" not in page
    assert "a request by telephone" in page
    assert "E-mail address for contact, Name" in page
    assert "private@secretariat.example" not in page


def test_a_question_that_has_not_reached_a_member_is_not_in_their_file():
    asker, member = make_account(Role.READER), make_person(account=make_account(Role.READER))
    ask = models.Ask.objects.create(by=asker, to=member, subject="Still weighed by the secretariat")
    models.AskLine.objects.create(ask=ask, side="asker", text="Nobody has forwarded this")
    for_member = unpacked(hand_out(subject=subject_of(person=member), by=member.account))["my-data.json"].decode()
    for_asker = unpacked(hand_out(subject=subject_of(account=asker), by=asker))["my-data.json"].decode()
    assert "Still weighed" in for_asker
    assert "Nobody has forwarded" in for_asker
    assert "Still weighed" not in for_member
    assert "Nobody has forwarded" not in for_member


def test_an_address_that_somebody_wrote_into_their_own_entry_gives_them_nothing_of_whoever_has_it():
    """Or everybody could read the letters of everybody: a contact address is a claim, and nobody has confirmed it."""
    victim = make_account(Role.READER, email="victim@network.example")
    models.Letter.objects.create(to=victim.email, subject="Choose a new password", body="Open this: secret-link")
    models.Invitation.objects.create(
        token_hash="1" * 64, email="invited@network.example", office="chair", expires_at=timezone.now()
    )
    thief = make_person(
        account=make_account(Role.READER), details={"email": ["victim@network.example", "invited@network.example"]}
    )
    EmailAddress.objects.create(user=thief.account, email="invited@network.example", verified=False)
    mine = json.loads(unpacked(hand_out(subject=subject_of(account=victim), by=victim))["my-data.json"])
    assert [letter["body"] for letter in mine["data"]["letters"]] == ["Open this: secret-link"]  # something to steal
    stolen = json.loads(unpacked(hand_out(subject=subject_of(person=thief), by=thief.account))["my-data.json"])
    assert (stolen["data"]["letters"], stolen["data"]["invitations"]) == ([], [])
    erase(subject=subject_of(person=thief), by=thief.account, asked="on the site")
    assert (models.Letter.objects.count(), models.Invitation.objects.count()) == (1, 1)


def test_nobody_gets_another_persons_data_whatever_their_role():
    person = make_person(account=make_account(Role.READER))
    for role in Role:
        with pytest.raises(PermissionDenied):
            hand_out(subject=subject_of(person=person), by=make_account(role))


def test_the_trail_says_that_data_were_handed_out_and_how_much_and_nothing_of_them(two):
    mine, _other = two
    hand_out(subject=mine.subject, by=mine.account)
    line = Entry.objects.filter(verb="handed out data").get()
    assert (line.actor, line.subject, line.person) == (
        mine.account, f"account {mine.account.public_id}", mine.person.public_id
    )  # fmt: skip
    assert line.details["entry"] == 13
    assert {one for one in mine.all_given() if one in str(line.details)} == set()


def confirmed(client):
    """The session in which somebody has just said their password once more."""
    session = client.session
    session["account_authentication_methods"] = [
        *session["account_authentication_methods"], {"method": "password", "at": time.time(), "reauthenticated": True}
    ]  # fmt: skip
    session.save()
    return client


def test_the_page_asks_who_it_is_once_more_before_it_says_anything(client):
    person = make_person(account=make_account(Role.READER))
    sign_in(client, person.account)
    address = reverse("network:my-data")
    for answer in (client.get(address), client.post(address)):
        assert answer.status_code == 302
        assert answer["Location"].startswith(reverse("account_reauthenticate"))
    assert not Entry.objects.filter(verb="handed out data").exists()


def test_who_says_the_password_once_more_gets_what_they_asked_for_and_who_does_not_gets_nothing(client):
    person = make_person(account=make_account(Role.READER))
    sign_in(client, person.account)
    asked = client.post(reverse("network:my-data"))
    wrong = client.post(asked["Location"], {"password": "not the password"})
    assert wrong.status_code in {200, 422}
    assert not Entry.objects.filter(verb="handed out data").exists()
    right = client.post(asked["Location"], {"password": PASSWORD})
    if right.status_code == 302:  # back to the page, now confirmed
        right = client.post(right["Location"])
    assert right["Content-Type"] == "application/zip"
    assert person.public_id in unpacked(right.content)["my-data.json"].decode()


def test_the_page_gives_the_file_to_whoever_confirmed(client):
    person = make_person(account=make_account(Role.READER))
    confirmed(sign_in(client, person.account))
    page = client.get(reverse("network:my-data"))
    assert page.status_code == 200
    answer = client.post(reverse("network:my-data"))
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/zip"
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Content-Disposition"] == 'attachment; filename="my-data.zip"'
    name = person.details.get(field="name").value
    assert name in unpacked(answer.content)["my-data.json"].decode()


def test_the_page_is_nobodys_who_is_not_signed_in(client):
    answer = client.get(reverse("network:my-data"))
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_login"))


def test_a_request_that_came_by_letter_is_answered_with_a_file_that_only_its_owner_reads(tmp_path):
    person = make_person()
    file = tmp_path / "my-data.zip"
    call_command("my_data", person.public_id, str(file))
    assert person.details.get(field="name").value in unpacked(file.read_bytes())["my-data.json"].decode()
    assert file.stat().st_mode & 0o777 == 0o600
    with pytest.raises(CommandError, match="there already"):
        call_command("my_data", person.public_id, str(file))
    with pytest.raises(CommandError, match="nobody is called so"):
        call_command("my_data", "0123456789abcdef", str(tmp_path / "other.zip"))


# --- What the site says of itself -------------------------------------------------------------------------------------


def test_the_privacy_notice_is_open_to_all_and_names_who_is_responsible(client, settings):
    settings.SAMSVAR_CONTROLLER = "The Ministry of Lamps of Nordmark"
    settings.SAMSVAR_PRIVACY_CONTACT = "privacy@ministry.example"
    page = client.get(reverse("network:privacy")).content.decode()
    assert "The Ministry of Lamps of Nordmark" in page
    assert "privacy@ministry.example" in page
    for holding in holdings():
        assert str(holding.what) in unescape(page)


def test_a_site_that_names_nobody_says_so(client, settings):
    settings.SAMSVAR_DEMO = False
    page = client.get(reverse("network:privacy")).content.decode()
    assert "This site has not said who is responsible for it." in page
    assert "This site has not said where to ask." in page


@pytest.mark.parametrize("role", [Role.SECRETARIAT, Role.AUDITOR, Role.ADMINISTRATOR])
def test_who_answers_for_the_data_reads_the_record_of_processing(client, role):
    sign_in(client, make_account(role))
    page = unescape(client.get(reverse("network:processing")).content.decode())
    for holding in holdings():
        assert str(holding.what) in page
        assert str(holding.recipients) in page


def test_nobody_else_reads_the_record_of_processing(client):
    for role in set(Role) - {Role.SECRETARIAT, Role.AUDITOR, Role.ADMINISTRATOR}:
        sign_in(client, make_account(role))
        assert client.get(reverse("network:processing")).status_code == 403, role
