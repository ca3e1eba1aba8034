"""An unlisted organisation is entered as text: shown like a listed one, but never for people at risk."""

from __future__ import annotations

import csv
import io
import json
import uuid
import zipfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pypdfium2 as pdfium
import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from samsvar.ids import hash_secret
from samsvar.network.consent import Purpose, Visibility, current_consent_text
from samsvar.network.people import Field
from samsvar.network.rights import Role
from samsvar.site.audit.models import AuditEntry
from samsvar.site.meetings import models
from samsvar.site.meetings.attendance.actions.badges import render_badges
from samsvar.site.meetings.attendance.actions.one_to_one import add_one_to_one_period
from samsvar.site.meetings.attendance.queries.check_in import confirmed_registrations
from samsvar.site.meetings.letters.actions import issue_letter
from samsvar.site.meetings.pdf import UnprintableCharacters
from samsvar.site.meetings.registration.actions import delegations, invitations, organising
from samsvar.site.meetings.registration.actions import emails as actions_emails
from samsvar.site.meetings.registration.actions import registering as actions
from samsvar.site.network.data_inventory import resolve_subject
from samsvar.site.network.directory.actions.people import FieldUpdate, hide_participant_profile, save_profile
from samsvar.site.network.directory.queries.directory import directory_page
from samsvar.site.network.directory.queries.organisations import organisation_field_values
from samsvar.site.network.models import Detail, Organisation, OutgoingEmail, Person
from samsvar.site.network.privacy.actions.privacy import erase_personal_data, export_personal_data
from tests.factories.meetings import (
    make_duty,
    make_meeting,
    make_organiser,
    make_registration,
    make_session,
    publish_programme,
)
from tests.factories.people import make_account, make_membership, make_network, make_person, sign_in
from tests.site.test_entry import form_data, stored_details

pytestmark = pytest.mark.django_db

UNLISTED = "Lighthouse Keepers of Quillfrost"
UNLISTED_VALUE = f"“{UNLISTED}”"
REGISTRATION_FORM = {
    "name": "Ilvane Brookmantle",
    "country": "XC",
    "language": "en",
    "listed": "public",
    "photographs": "",
}
BOTH = {"organisation": "harbour-house", "organisation_in_words": UNLISTED}
NOT_BOTH_ERROR = "Choose an organisation from the list or enter one here, not both."


@pytest.fixture
def meeting(db: None) -> models.Meeting:
    from samsvar.site.convention.actions import load_convention

    load_convention()
    Organisation.objects.create(public_id="harbour-house", name="Harbour house", state_id="XC", kind="shelter_ngo")
    first = (timezone.now() + timedelta(days=30)).date()
    return make_meeting(
        opens_at=timezone.now() - timedelta(days=1), begins=first, ends=first + timedelta(days=2), city="Lantern Bay"
    )


def invitation_url(meeting: models.Meeting, number: int = 1, **more: Any) -> str:
    invitation = invitations.create_invitation(
        meeting, f"guest-{number}@network.example", by=make_account(), expires_at=timezone.now() + timedelta(days=9),
        language="en", **more,
    )  # fmt: skip
    return reverse("meetings:invitation", args=[meeting.public_id, actions_emails.link_token(invitation)])


def register(meeting: models.Meeting, **said: Any) -> models.Registration:
    answer = Client().post(
        invitation_url(meeting, category="speaker"), {**REGISTRATION_FORM, "organisation_in_words": UNLISTED, **said}
    )
    assert answer.status_code == 302
    return models.Registration.objects.get()


def own_page_url(row: models.Registration) -> str:
    return reverse("meetings:registration-link", args=[row.meeting.public_id, actions_emails.link_token(row)])


def organisations_of(person: Person | None) -> list[str]:
    assert person is not None
    return list(person.details.filter(field=Field.ORGANISATION).values_list("value", flat=True))


def make_call_url(meeting: models.Meeting) -> str:
    """Open a call for contributions and return the address of a link to it."""
    now = timezone.now()
    call = models.ContributionCall.objects.create(
        meeting=meeting, opens_at=now - timedelta(days=1), closes_at=now + timedelta(days=9), languages=["en"],
        text={"en": "Offer something"},
    )  # fmt: skip
    call.links.create(email="otto@network.example", token_hash=hash_secret("a-token"), sent_at=now)
    return reverse("meetings:submit-by-link", args=[meeting.public_id, "a-token"])


def make_delegation(meeting: models.Meeting, **whose: Any) -> models.Delegation:
    return delegations.create_delegation(
        meeting=meeting, by=make_organiser(meeting), places=2, head_email="head@delegations.example",
        nominate_until=timezone.now() + timedelta(days=5), **whose,
    )  # fmt: skip


# --- Correction, export and erasure -----------------------------------------------------------------------------------


def test_an_unlisted_organisation_given_at_registration_is_not_public(meeting):
    row = register(meeting, listed="organisers")
    assert stored_details(row.person)["organisation", UNLISTED_VALUE] == "secretariat"
    assert f"<dd>{UNLISTED}</dd>" in Client().get(own_page_url(row)).content.decode()
    organiser = sign_in(Client(), make_organiser(meeting), staff_session="preparing the meeting")
    page = organiser.get(reverse("meetings:manage-registration", args=[meeting.public_id, row.public_id]))
    assert f"<dd>{UNLISTED}</dd>" in page.content.decode()
    for name in ("meeting", "participants", "programme", "speakers"):
        assert UNLISTED not in Client().get(reverse(f"meetings:{name}", args=[meeting.public_id])).content.decode(), (
            name
        )
    for line in AuditEntry.objects.all():
        assert UNLISTED not in json.dumps([line.subject, line.details, line.why]), line.verb


@pytest.mark.parametrize("written", ["Harbour house", " HARBOUR  HOUSE "])
def test_entering_the_name_of_a_listed_organisation_selects_it(meeting, written):
    row = register(meeting, organisation_in_words=written)
    assert organisations_of(row.person) == ["harbour-house"]


def test_a_name_matches_a_listed_organisation_only_if_the_match_is_unambiguous(meeting):
    for number, state in enumerate(("XA", "XB")):
        Organisation.objects.create(public_id=f"justice-{number}", name="Ministry of Justice", state_id=state)
    Organisation.objects.create(public_id="world", name="Forum Ș", state_id=None)
    asked = {
        ("Harbour House", "XC"): "harbour-house",
        ("Harbour House", ""): "harbour-house",
        ("Harbour House", "XA"): "“Harbour House”",  # in another country
        ("ministry of justice", "XA"): "justice-0",
        ("ministry of justice", "XB"): "justice-1",
        ("ministry of justice", ""): "“ministry of justice”",  # which of the two is not known
        ("Ministry of Justice", "XC"): "“Ministry of Justice”",
        ("FORUM S\N{COMBINING COMMA BELOW}", "XC"): "world",
        ("Harbour", "XC"): "“Harbour”",
        (" ", "XC"): "",
    }
    assert dict(zip(asked, organisation_field_values(list(asked)), strict=True)) == asked


def test_a_table_may_have_an_organisation_column_with_a_heading_in_any_language(meeting):
    long_name = "Institute " + "of the sea " * 12
    Organisation.objects.create(public_id="sea", name=long_name.strip(), state_id="XC")
    cells = [
        ["name", "email", "Land", "Organisasjon"],
        ["A", "a@a.example", "XC", "harbour HOUSE"],
        ["B", "b@a.example", "XA", "Harbour house"],
        ["C", "c@a.example", "XC", UNLISTED],
        ["D", "d@a.example", "XC", ""],
        ["E", "e@a.example", "XC", long_name],
    ]
    client = sign_in(Client(), make_organiser(meeting), staff_session="a group")
    address = reverse("meetings:register-group", args=[meeting.public_id])
    table = io.BytesIO("\r\n".join(";".join(line) for line in cells).encode())
    table.name = "guests.csv"
    page = client.post(address, {"table": table, "encoding": "cp1252"}).content.decode()
    assert f"<td>{UNLISTED}</td>" in page
    checked = page.partition('name="checked" value="')[2].partition('"')[0]
    assert client.post(address, {"checked": checked}).status_code == 302
    names = {row.person.details.get(field=Field.NAME).value: row.person for row in meeting.registrations.all()}
    assert {name: organisations_of(person) for name, person in names.items()} == {
        "A": ["harbour-house"], "B": ["“Harbour house”"], "C": [UNLISTED_VALUE], "D": [], "E": ["sea"],
    }  # fmt: skip
    for heading in ("organisation", "Organizație", "Organisation"):
        assert organising.parse_group_table(meeting, [["name", "email", heading], ["A", "a@a.example", UNLISTED]])
    with pytest.raises(organising.InvalidGroupTable) as wrong:
        organising.parse_group_table(meeting, [*cells, ["F", "f@a.example", "XC", "x" * 121]])
    assert [(one.row, one.column) for one in wrong.value.errors] == [(7, "organisation")]


def test_a_walk_in_can_give_an_unlisted_organisation_and_no_offline_walk_in_is_lost(meeting):
    client = sign_in(Client(), make_organiser(meeting), staff_session="at the door")
    client.post(
        reverse("meetings:walk-in", args=[meeting.public_id]), {"name": "Ana Moreau", "organisation_in_words": UNLISTED}
    )
    assert organisations_of(models.Registration.objects.get().person) == [UNLISTED_VALUE]
    helper = make_account()
    make_duty(meeting, helper)
    door, now = sign_in(Client(), helper), timezone.now().isoformat()
    strangers = [
        {"name": "Petra Lind", **BOTH},
        {"name": "Otto Birk", "organisation_in_words": "House\u2028 " + "x" * 200},
        {"name": "Dorin Kest", "organisation": "nowhere", "organisation_in_words": UNLISTED},
    ]
    body = {"device": "phone-1", "sent": now, "seen": [
        {"id": str(uuid.uuid4()), "at": now, "walk_in": one} for one in strangers
    ]}  # fmt: skip
    address = reverse("meetings:merge-check-ins", args=[meeting.public_id])
    answers = door.post(address, json.dumps(body), content_type="application/json").json()["answers"]
    assert set(answers.values()) == {"stored"}
    found = [organisations_of(row.person) for row in meeting.registrations.order_by("pk")[1:]]
    assert found == [["harbour-house"], ["“House " + "x" * 114 + "”"], [UNLISTED_VALUE]]


def test_a_head_of_delegation_gives_the_organisation_only_for_a_state_delegation(meeting):
    head = Client()
    of_state = make_delegation(meeting, state="XC")
    where = reverse("meetings:delegation", args=[meeting.public_id, actions_emails.link_token(of_state)])
    said = {"name": "Ana Moreau", "email": "ana@network.example", "category": "participant", "language": "en"}
    assert head.post(where, {**said, "organisation_in_words": UNLISTED}).status_code == 302
    assert organisations_of(of_state.registrations.get().person) == [UNLISTED_VALUE]
    of_body = make_delegation(meeting, organisation=Organisation.objects.get().pk)
    where = reverse("meetings:delegation", args=[meeting.public_id, actions_emails.link_token(of_body)])
    assert "organisation_in_words" not in head.get(where).content.decode()
    head.post(where, {**said, "email": "otto@network.example", "organisation_in_words": UNLISTED})
    assert organisations_of(of_body.registrations.get().person) == ["harbour-house"]


def test_the_programme_shows_a_contributors_unlisted_organisation_once_they_agree(meeting):
    what = {"title": "Shelters", "abstract": "What they need", "kind": "talk", "language": "en"}
    who = {"name": "Ilvane Brookmantle", "organisation_in_words": UNLISTED, "country": "XC"}
    address = make_call_url(meeting)
    client = Client()
    assert client.post(address, {**who, **what}).status_code == 302
    row = models.Contribution.objects.get()
    assert (organisations_of(row.person), row.title) == ([UNLISTED_VALUE], "Shelters")
    session = make_session(meeting)
    models.Appearance.objects.create(session=session, person=row.person, part="speaker")
    publish_programme(meeting)
    pages = [reverse(f"meetings:{name}", args=[meeting.public_id]) for name in ("programme", "speakers")]

    def said() -> list[bool]:
        return [UNLISTED in Client().get(page).content.decode() for page in pages]

    assert said() == [False, False]
    client.post(address, {"do": "name", "version": current_consent_text(Purpose.PROGRAMME).version})  # type: ignore[union-attr]
    assert said() == [True, True]
    client.post(address, {"do": "unname"})
    assert said() == [False, False]


def test_a_speaker_can_correct_their_unlisted_organisation_unless_they_are_hidden(meeting):
    session, organiser = make_session(meeting), Client()
    sign_in(organiser, make_organiser(meeting), staff_session="the programme")
    address = reverse("meetings:session-people", args=[meeting.public_id, session.public_id])
    said = {
        "name": "Ilvane Brookmantle",
        "email": "i@experts.example",
        "country": "XC",
        "letters": "en",
        "part": "chair",
    }

    def typed(**more: str) -> Any:
        return organiser.post(
            address, {"what": "expert"} | {f"expert-{name}": value for name, value in (said | more).items()}
        )

    refused = typed(**BOTH)
    assert (refused.status_code, NOT_BOTH_ERROR in refused.content.decode(), Person.objects.count()) == (422, True, 0)
    assert typed(organisation_in_words=UNLISTED).status_code == 302
    sent = models.SpeakerLink.objects.get()
    assert organisations_of(sent.person) == [UNLISTED_VALUE]
    page = reverse("meetings:speaker-page", args=[meeting.public_id, actions_emails.link_token(sent)])
    assert f"<dd>{UNLISTED}</dd>" in Client().get(page).content.decode()
    assert f'value="{UNLISTED}"' in Client().get(page).content.decode()
    correct = {"do": "correct", "name": "Ilvane Brookmantle", "title": ""}
    assert Client().post(page, {**correct, **BOTH}).status_code == 422
    assert Client().post(page, {**correct, "organisation_in_words": "Lamp Menders"}).status_code == 302
    assert organisations_of(sent.person) == ["“Lamp Menders”"]
    hide_participant_profile(person=sent.person, pseudonym="A. Heron", by=None, meeting=meeting.public_id, own=True)
    hidden = Client().get(page).content.decode()
    assert ("Lamp Menders" in hidden, "organisation_in_words" in hidden) == (False, False)
    assert Client().post(page, {**correct, "organisation": "harbour-house"}).status_code == 302
    assert organisations_of(sent.person) == ["“Lamp Menders”"]


# --- Either listed or unlisted ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("which", ["registration", "walk-in", "offer", "entry", "own page", "one registration", "head"])
def test_giving_a_listed_and_an_unlisted_organisation_is_an_error_and_saves_nothing(meeting, which):
    client = Client()
    if which == "registration":
        address, said = invitation_url(meeting), REGISTRATION_FORM
    elif which == "walk-in":
        sign_in(client, make_organiser(meeting), staff_session="at the door")
        address, said = reverse("meetings:walk-in", args=[meeting.public_id]), {"name": "Ana Moreau"}
    elif which == "offer":
        address = make_call_url(meeting)
        said = {"name": "Ana", "title": "Shelters", "abstract": "All", "kind": "talk", "language": "en"}
    elif which == "entry":
        sign_in(client, make_account(Role.READER))
        address, said = reverse("network:profile"), form_data()
    elif which == "head":
        found = make_delegation(meeting, state="XC")
        address = reverse("meetings:delegation", args=[meeting.public_id, actions_emails.link_token(found)])
        said = {"name": "Ana", "email": "ana@network.example", "category": "participant", "language": "en"}
    else:
        row = make_registration(meeting, "Ana Moreau")
        row.token_hash = hash_secret(actions_emails.link_token(row))
        row.save()
        address, said = own_page_url(row), {"do": "correct", "name": "Ana Moreau"}
        if which == "one registration":
            sign_in(client, make_organiser(meeting), staff_session="preparing the meeting")
            address = reverse("meetings:manage-registration", args=[meeting.public_id, row.public_id])
            said = said | {"why": "A slip of the pen."}
    answer = client.post(address, {**said, **BOTH})
    page = answer.content.decode()
    before, _, after = page.partition('role="alert"')
    summary, _, fields = after.partition("</div>")
    counts = [part.count(NOT_BOTH_ERROR) for part in (before, summary, fields)]
    assert (answer.status_code, counts) == (422, [0, 1, 1])  # in the summary, and beside the field
    assert NOT_BOTH_ERROR in page.partition('name="organisation_in_words"')[2][:700]
    assert not Detail.objects.filter(field=Field.ORGANISATION).exists()
    assert client.post(address, {**said, **BOTH, "organisation": ""}).status_code == 302
    assert Detail.objects.get(field=Field.ORGANISATION).value == UNLISTED_VALUE


def test_a_profile_shows_an_unlisted_organisation_without_a_link(client, meeting):
    account, anybody = make_account(Role.READER), AnonymousUser()
    sign_in(client, account)
    agreed = {"consent_directory": "on", "consent_public_entry": "on", "sees_name": "public"}
    client.post("/en/profile/", form_data(organisation_in_words=UNLISTED, **agreed))
    person = Person.objects.get(account=account)
    public = reverse("network:person", args=[person.public_id])

    def read(address: str) -> str:
        return Client().get(address).content.decode().partition("<main")[2]

    def found(asked: str) -> int:
        return directory_page(anybody, QueryDict(f"q={asked}")).count

    # only the secretariat sees it
    assert (UNLISTED in read(public), found("keepers"), found("Ilvane")) == (False, 0, 1)
    client.post(
        "/en/profile/", form_data(organisation_in_words=UNLISTED, sees_organisation="public", sees_name="public")
    )
    assert stored_details(person)["organisation", UNLISTED_VALUE] == "public"
    for page in (read(public), read(reverse("network:directory"))):
        assert (UNLISTED in page, f">{UNLISTED}</a>" in page, "/organisations/“" in page) == (True, False, False)
    assert (found("keepers"), found("QUILLFROST"), found("harbour")) == (1, 1, 0)
    assert directory_page(anybody, QueryDict()).choices["kind"] == {}
    page = client.get("/en/profile/").content.decode()
    assert (f'value="{UNLISTED}"' in page, "“Lighthouse" in page) == (True, False)

    client.post("/en/profile/", form_data(organisation="harbour-house", sees_organisation="public", sees_name="public"))
    assert organisations_of(person) == ["harbour-house"]
    assert ("Harbour house</a>" in read(public), UNLISTED in read(public)) == (True, False)


# --- Where it is shown ------------------------------------------------------------------------------------------------


def pdf_text(pdf: bytes) -> str:
    pages = pdfium.PdfDocument(io.BytesIO(pdf))
    return " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in pages)


def pages_with_organisation(meeting: models.Meeting, row: models.Registration) -> dict[str, Callable[[], str]]:
    """Return every page that shows the organisation of someone who agreed to all of it, and their own page."""
    key = [meeting.public_id]
    organiser = sign_in(Client(), make_organiser(meeting), staff_session="preparing the meeting")
    by = make_organiser(meeting)
    helper, guest = make_account(), make_registration(meeting, "Otto Birk", account=make_account())
    make_duty(meeting, helper)
    fellow = sign_in(Client(), guest.person.account)  # type: ignore[union-attr, arg-type]

    def page(client: Client, name: str, *more: str) -> Callable[[], str]:
        return lambda: (
            client.get(reverse(f"meetings:{name}", args=[*key, *more])).content.decode().partition("<main")[2]
        )

    def taken_out() -> str:
        said = {"with_people_at_risk": "on", "why": "the hotel asks who sleeps there"}
        return organiser.post(reverse("meetings:export-registrations", args=key), said).content.decode("utf-8-sig")

    def letter() -> str:
        found = confirmed_registrations(meeting).get(pk=row.pk)
        return pdf_text(issue_letter(by=by, registration=found, kind="visa", language="en").pdf)

    def badges() -> str:
        return pdf_text(
            render_badges(by=by, meeting=meeting, registrations=confirmed_registrations(meeting), language="en")
        )

    def own() -> str:
        return Client().get(own_page_url(row)).content.decode()

    return {
        "own page": own,
        "one registration": page(organiser, "manage-registration", row.public_id),
        "list taken out": taken_out,
        "badges": badges,
        "letter": letter,
        "participants": page(Client(), "participants"),
        "programme": page(Client(), "programme"),
        "speakers": page(Client(), "speakers"),
        "one-to-one": page(fellow, "one-to-one"),
    }


def test_an_unlisted_organisation_is_shown_everywhere_except_for_a_person_at_risk(meeting):
    row = register(meeting, named="on")
    session = make_session(meeting)
    models.Appearance.objects.create(session=session, person=row.person, part="speaker")
    publish_programme(meeting)
    starts = timezone.now() + timedelta(days=1)
    add_one_to_one_period(
        by=make_organiser(meeting),
        meeting=meeting,
        starts=starts,
        ends=starts + timedelta(hours=1),
        minutes=20,
        tables=1,
    )
    models.NetworkingOptIn.objects.create(registration=row, about="Shelters")
    places = pages_with_organisation(meeting, row)
    assert {name for name, text in places.items() if UNLISTED not in text()} == set()
    assert row.person is not None
    hide_participant_profile(person=row.person, pseudonym="A. Heron", by=None, meeting=meeting.public_id, own=True)
    row.refresh_from_db()
    assert {name for name, text in places.items() if "Lighthouse" in text()} == set()
    network = make_network("lantern")
    make_membership(network, row.person)
    for account in (None, make_account(Role.READER), make_organiser(meeting)):
        client = sign_in(Client(), account) if account else Client()
        address = reverse("network:person", args=[row.person.public_id])
        assert UNLISTED not in client.get(address).content.decode()
    assert organisations_of(row.person) == [UNLISTED_VALUE]  # the secretariat and the person can still see it


def test_a_formula_in_an_unlisted_organisation_is_escaped_in_the_member_export(client):
    network = make_network("lantern")
    person = make_person(details={Field.NAME: "Ilvane", Field.ORGANISATION: "“=HYPERLINK(1)”"})
    make_membership(network, person)
    sign_in(client, make_account(Role.SECRETARIAT, network=network), staff_session="the yearly list")
    answer = client.post(reverse("network:export-members", args=["lantern"]), {"form": "csv"})
    (row,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert row["organisation"] == "'=HYPERLINK(1)"


def test_an_organisation_with_unprintable_characters_is_refused_on_a_badge(meeting):
    register(meeting, organisation_in_words="House \ue000")
    with pytest.raises(UnprintableCharacters, match=r"House � \(U\+E000\)"):
        render_badges(
            by=make_organiser(meeting), meeting=meeting, registrations=confirmed_registrations(meeting), language="en"
        )


# --- Correction, export and erasure -----------------------------------------------------------------------------------


def test_the_audit_log_and_the_email_say_that_it_was_corrected_but_not_the_new_name(meeting):
    row = register(meeting)
    own, said = Client(), {"do": "correct", "name": "Ilvane Brookmantle", "title": ""}
    assert f'value="{UNLISTED}"' in own.get(own_page_url(row)).content.decode()
    assert own.post(own_page_url(row), {**said, "organisation_in_words": "Lamp Menders"}).status_code == 302
    assert stored_details(row.person)["organisation", "“Lamp Menders”"] == "secretariat"
    by = make_organiser(meeting)
    organiser = sign_in(Client(), by, staff_session="preparing the meeting")
    address = reverse("meetings:manage-registration", args=[meeting.public_id, row.public_id])
    assert 'value="Lamp Menders"' in organiser.get(address).content.decode()
    OutgoingEmail.objects.all().delete()
    organiser.post(address, {**said, "organisation": "harbour-house", "why": "They sit in our list."})
    assert organisations_of(row.person) == ["harbour-house"]
    assert '<option value="harbour-house" selected>' in organiser.get(address).content.decode()
    letter = OutgoingEmail.objects.get()
    lines = AuditEntry.objects.filter(verb="corrected a participant").order_by("pk")
    assert [(line.actor, line.details) for line in lines] == [
        (None, {"fields": ["organisation"]}), (by, {"fields": ["organisation"]}),
    ]  # fmt: skip
    assert (letter.to, "Lamp" in letter.body, "Harbour" in letter.body) == ("guest-1@network.example", False, False)
    assert actions.correct_name(registration=row, name="Other", title="")
    assert organisations_of(row.person) == ["harbour-house"]  # of which nothing was said


def test_the_page_of_a_person_at_risk_neither_shows_nor_changes_the_organisation(meeting):
    row = register(meeting, hide="on", pseudonym="A. Heron")
    page = Client().get(own_page_url(row)).content.decode()
    assert ("correct_name" in page, "organisation_in_words" in page, UNLISTED in page) == (True, False, False)
    said = {"do": "correct", "name": "Ilvane", "title": "", "organisation": "harbour-house"}
    assert Client().post(own_page_url(row), said).status_code == 302
    assert organisations_of(row.person) == [UNLISTED_VALUE]


def test_an_unlisted_organisation_is_exported_and_erased_with_the_persons_data(member_with_unlisted_organisation):
    account = member_with_unlisted_organisation
    with zipfile.ZipFile(
        io.BytesIO(export_personal_data(subject=resolve_subject(account=account), by=account))
    ) as archive:
        assert UNLISTED_VALUE in json.dumps(json.loads(archive.read("my-data.json")), ensure_ascii=False)
        assert UNLISTED in archive.read("my-data.html").decode()
    erase_personal_data(subject=resolve_subject(account=account), by=account, channel="on the site")
    assert not Detail.objects.filter(value__contains="Lighthouse").exists()
    assert not any("Lighthouse" in json.dumps(line.details) for line in AuditEntry.objects.all())


@pytest.fixture
def member_with_unlisted_organisation(db: None) -> Any:
    account = make_account(Role.READER)
    said = {
        Field.NAME: FieldUpdate(("Ilvane",), Visibility.SECRETARIAT),
        Field.ORGANISATION: FieldUpdate((UNLISTED_VALUE,), Visibility.SECRETARIAT),
    }
    save_profile(person=None, updates=said, by=account)
    return account
