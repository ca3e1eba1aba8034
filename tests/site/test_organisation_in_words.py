"""An organisation that the list has not is said in words: seen like a chosen one, and of people at risk nowhere."""

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

from samsvar.ids import secret_hash
from samsvar.network.consent import Purpose, Visibility, current_text
from samsvar.network.people import Field
from samsvar.network.rights import Role
from samsvar.site.audit.models import Entry
from samsvar.site.meetings import models
from samsvar.site.meetings.attendance.actions.badges import print_badges
from samsvar.site.meetings.attendance.actions.one_to_one import set_hours
from samsvar.site.meetings.attendance.queries.check_in import confirmed
from samsvar.site.meetings.letters.actions import issue_letter
from samsvar.site.meetings.pdf import CannotPrint
from samsvar.site.meetings.registration.actions import delegations, invitations, organising
from samsvar.site.meetings.registration.actions import emails as actions_emails
from samsvar.site.meetings.registration.actions import registering as actions
from samsvar.site.network.data_inventory import subject_of
from samsvar.site.network.directory.actions.people import Said, hide_participant, save_entry
from samsvar.site.network.directory.queries.directory import directory_page
from samsvar.site.network.directory.queries.organisations import values_of_organisations
from samsvar.site.network.models import Detail, Letter, Organisation, Person
from samsvar.site.network.privacy.actions.privacy import erase, hand_out
from tests.factories.meetings import give_duty, make_guest, make_meeting, make_session, organiser_of, published
from tests.factories.people import join, make_account, make_network, make_person, sign_in
from tests.site.test_entry import details, form

pytestmark = pytest.mark.django_db

SITE = "https://samsvar.example/"
WORDS = "Lighthouse Keepers of Quillfrost"
VALUE = f"“{WORDS}”"
SAID = {"name": "Ilvane Brookmantle", "country": "XC", "language": "en", "listed": "public", "photographs": ""}
BOTH = {"organisation": "harbour-house", "organisation_in_words": WORDS}
NOT_BOTH = "Choose one of the list or write one here, not both."


@pytest.fixture
def meeting(db: None) -> models.Meeting:
    from samsvar.site.convention.actions import load_convention

    load_convention()
    Organisation.objects.create(public_id="harbour-house", name="Harbour house", state_id="XC", kind="shelter_ngo")
    first = (timezone.now() + timedelta(days=30)).date()
    return make_meeting(
        opens_at=timezone.now() - timedelta(days=1), begins=first, ends=first + timedelta(days=2), city="Lantern Bay"
    )


def link(meeting: models.Meeting, number: int = 1, **more: Any) -> str:
    invitation = invitations.make_invitation(
        meeting, f"guest-{number}@network.example", by=make_account(), expires_at=timezone.now() + timedelta(days=9),
        language="en", **more,
    )  # fmt: skip
    return reverse("meetings:invitation", args=[meeting.public_id, actions_emails.token_of(invitation)])


def comes(meeting: models.Meeting, **said: Any) -> models.Registration:
    answer = Client().post(link(meeting, category="speaker"), {**SAID, "organisation_in_words": WORDS, **said})
    assert answer.status_code == 302
    return models.Registration.objects.get()


def own_page(row: models.Registration) -> str:
    return reverse("meetings:registration-link", args=[row.meeting.public_id, actions_emails.token_of(row)])


def organisations_of(person: Person | None) -> list[str]:
    assert person is not None
    return list(person.details.filter(field=Field.ORGANISATION).values_list("value", flat=True))


def call_of(meeting: models.Meeting) -> str:
    """Where somebody offers something by a link."""
    now = timezone.now()
    call = models.ContributionCall.objects.create(
        meeting=meeting, opens_at=now - timedelta(days=1), closes_at=now + timedelta(days=9), languages=["en"],
        text={"en": "Offer something"},
    )  # fmt: skip
    call.links.create(email="otto@network.example", token_hash=secret_hash("a-token"), sent_at=now)
    return reverse("meetings:offer-by-link", args=[meeting.public_id, "a-token"])


def delegation_of(meeting: models.Meeting, **whose: Any) -> models.Delegation:
    return delegations.make_delegation(
        meeting=meeting, by=organiser_of(meeting), site=SITE, places=2, head_email="head@delegations.example",
        nominate_until=timezone.now() + timedelta(days=5), **whose,
    )  # fmt: skip


# --- Said -------------------------------------------------------------------------------------------------------------


def test_who_registers_says_it_in_words_and_no_stranger_reads_it(meeting):
    row = comes(meeting, listed="organisers")
    assert details(row.person)["organisation", VALUE] == "secretariat"
    assert f"<dd>{WORDS}</dd>" in Client().get(own_page(row)).content.decode()
    organiser = sign_in(Client(), organiser_of(meeting), staff_session="preparing the meeting")
    page = organiser.get(reverse("meetings:manage-registration", args=[meeting.public_id, row.public_id]))
    assert f"<dd>{WORDS}</dd>" in page.content.decode()
    for name in ("meeting", "participants", "programme", "speakers"):
        assert WORDS not in Client().get(reverse(f"meetings:{name}", args=[meeting.public_id])).content.decode(), name
    for line in Entry.objects.all():
        assert WORDS not in json.dumps([line.subject, line.details, line.why]), line.verb


@pytest.mark.parametrize("written", ["Harbour house", " HARBOUR  HOUSE "])
def test_words_that_name_one_of_the_list_are_that_one(meeting, written):
    row = comes(meeting, organisation_in_words=written)
    assert organisations_of(row.person) == ["harbour-house"]


def test_a_name_is_one_of_the_list_only_where_nothing_speaks_against_it(meeting):
    for number, state in enumerate(("XA", "XB")):
        Organisation.objects.create(public_id=f"justice-{number}", name="Ministry of Justice", state_id=state)
    Organisation.objects.create(public_id="world", name="Forum Ș", state_id=None)
    asked = {
        ("Harbour House", "XC"): "harbour-house",
        ("Harbour House", ""): "harbour-house",
        ("Harbour House", "XA"): "“Harbour House”",  # of another country
        ("ministry of justice", "XA"): "justice-0",
        ("ministry of justice", "XB"): "justice-1",
        ("ministry of justice", ""): "“ministry of justice”",  # of which of the two, nobody said
        ("Ministry of Justice", "XC"): "“Ministry of Justice”",
        ("FORUM S\N{COMBINING COMMA BELOW}", "XC"): "world",
        ("Harbour", "XC"): "“Harbour”",
        (" ", "XC"): "",
    }
    assert dict(zip(asked, values_of_organisations(list(asked)), strict=True)) == asked


def test_a_table_names_organisations_in_a_column_with_a_heading_of_each_language(meeting):
    long_name = "Institute " + "of the sea " * 12
    Organisation.objects.create(public_id="sea", name=long_name.strip(), state_id="XC")
    cells = [
        ["name", "email", "Land", "Organisasjon"],
        ["A", "a@a.example", "XC", "harbour HOUSE"],
        ["B", "b@a.example", "XA", "Harbour house"],
        ["C", "c@a.example", "XC", WORDS],
        ["D", "d@a.example", "XC", ""],
        ["E", "e@a.example", "XC", long_name],
    ]
    client = sign_in(Client(), organiser_of(meeting), staff_session="a group")
    address = reverse("meetings:register-group", args=[meeting.public_id])
    table = io.BytesIO("\r\n".join(";".join(line) for line in cells).encode())
    table.name = "guests.csv"
    page = client.post(address, {"table": table, "encoding": "cp1252"}).content.decode()
    assert f"<td>{WORDS}</td>" in page
    checked = page.partition('name="checked" value="')[2].partition('"')[0]
    assert client.post(address, {"checked": checked}).status_code == 302
    names = {row.person.details.get(field=Field.NAME).value: row.person for row in meeting.registrations.all()}
    assert {name: organisations_of(person) for name, person in names.items()} == {
        "A": ["harbour-house"], "B": ["“Harbour house”"], "C": [VALUE], "D": [], "E": ["sea"],
    }  # fmt: skip
    for heading in ("organisation", "Organizație", "Organisation"):
        assert organising.read_group(meeting, [["name", "email", heading], ["A", "a@a.example", WORDS]])
    with pytest.raises(organising.WrongTable) as wrong:
        organising.read_group(meeting, [*cells, ["F", "f@a.example", "XC", "x" * 121]])
    assert [(one.row, one.column) for one in wrong.value.wrong] == [(7, "organisation")]


def test_whoever_walks_in_says_it_in_words_and_a_device_loses_nobody_for_having_said_both(meeting):
    client = sign_in(Client(), organiser_of(meeting), staff_session="at the door")
    client.post(
        reverse("meetings:walk-in", args=[meeting.public_id]), {"name": "Ana Moreau", "organisation_in_words": WORDS}
    )
    assert organisations_of(models.Registration.objects.get().person) == [VALUE]
    helper = make_account()
    give_duty(meeting, helper)
    door, now = sign_in(Client(), helper), timezone.now().isoformat()
    strangers = [
        {"name": "Petra Lind", **BOTH},
        {"name": "Otto Birk", "organisation_in_words": "House\u2028 " + "x" * 200},
        {"name": "Dorin Kest", "organisation": "nowhere", "organisation_in_words": WORDS},
    ]
    body = {"device": "phone-1", "sent": now, "seen": [
        {"id": str(uuid.uuid4()), "at": now, "walk_in": one} for one in strangers
    ]}  # fmt: skip
    address = reverse("meetings:merge-check-ins", args=[meeting.public_id])
    answers = door.post(address, json.dumps(body), content_type="application/json").json()["answers"]
    assert set(answers.values()) == {"stored"}
    found = [organisations_of(row.person) for row in meeting.registrations.order_by("pk")[1:]]
    assert found == [["harbour-house"], ["“House " + "x" * 114 + "”"], [VALUE]]


def test_a_head_says_where_a_nominee_comes_from_unless_the_delegation_is_of_one(meeting):
    head = Client()
    of_state = delegation_of(meeting, state="XC")
    where = reverse("meetings:delegation", args=[meeting.public_id, actions_emails.token_of(of_state)])
    said = {"name": "Ana Moreau", "email": "ana@network.example", "category": "participant", "language": "en"}
    assert head.post(where, {**said, "organisation_in_words": WORDS}).status_code == 302
    assert organisations_of(of_state.registrations.get().person) == [VALUE]
    of_body = delegation_of(meeting, organisation=Organisation.objects.get().pk)
    where = reverse("meetings:delegation", args=[meeting.public_id, actions_emails.token_of(of_body)])
    assert "organisation_in_words" not in head.get(where).content.decode()
    head.post(where, {**said, "email": "otto@network.example", "organisation_in_words": WORDS})
    assert organisations_of(of_body.registrations.get().person) == ["harbour-house"]


def test_who_offers_a_contribution_says_it_and_the_programme_says_it_once_they_agree(meeting):
    what = {"title": "Shelters", "abstract": "What they need", "kind": "talk", "language": "en"}
    who = {"name": "Ilvane Brookmantle", "organisation_in_words": WORDS, "country": "XC"}
    address = call_of(meeting)
    client = Client()
    assert client.post(address, {**who, **what}).status_code == 302
    row = models.Contribution.objects.get()
    assert (organisations_of(row.person), row.title) == ([VALUE], "Shelters")
    session = make_session(meeting)
    models.Appearance.objects.create(session=session, person=row.person, part="speaker")
    published(meeting)
    pages = [reverse(f"meetings:{name}", args=[meeting.public_id]) for name in ("programme", "speakers")]

    def said() -> list[bool]:
        return [WORDS in Client().get(page).content.decode() for page in pages]

    assert said() == [False, False]
    client.post(address, {"do": "name", "version": current_text(Purpose.PROGRAMME).version})  # type: ignore[union-attr]
    assert said() == [True, True]
    client.post(address, {"do": "unname"})
    assert said() == [False, False]


def test_an_organiser_says_it_of_an_expert_who_corrects_it_by_the_link_unless_hidden(meeting):
    session, organiser = make_session(meeting), Client()
    sign_in(organiser, organiser_of(meeting), staff_session="the programme")
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
    assert (refused.status_code, NOT_BOTH in refused.content.decode(), Person.objects.count()) == (422, True, 0)
    assert typed(organisation_in_words=WORDS).status_code == 302
    sent = models.SpeakerLink.objects.get()
    assert organisations_of(sent.person) == [VALUE]
    page = reverse("meetings:speaking", args=[meeting.public_id, actions_emails.token_of(sent)])
    assert f"<dd>{WORDS}</dd>" in Client().get(page).content.decode()
    assert f'value="{WORDS}"' in Client().get(page).content.decode()
    correct = {"do": "correct", "name": "Ilvane Brookmantle", "title": ""}
    assert Client().post(page, {**correct, **BOTH}).status_code == 422
    assert Client().post(page, {**correct, "organisation_in_words": "Lamp Menders"}).status_code == 302
    assert organisations_of(sent.person) == ["“Lamp Menders”"]
    hide_participant(person=sent.person, pseudonym="A. Heron", by=None, meeting=meeting.public_id, own=True)
    hidden = Client().get(page).content.decode()
    assert ("Lamp Menders" in hidden, "organisation_in_words" in hidden) == (False, False)
    assert Client().post(page, {**correct, "organisation": "harbour-house"}).status_code == 302
    assert organisations_of(sent.person) == ["“Lamp Menders”"]


# --- One or the other -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("which", ["registration", "walk-in", "offer", "entry", "own page", "one registration", "head"])
def test_both_is_an_error_beside_the_words_and_nothing_is_stored(meeting, which):
    client = Client()
    if which == "registration":
        address, said = link(meeting), SAID
    elif which == "walk-in":
        sign_in(client, organiser_of(meeting), staff_session="at the door")
        address, said = reverse("meetings:walk-in", args=[meeting.public_id]), {"name": "Ana Moreau"}
    elif which == "offer":
        address = call_of(meeting)
        said = {"name": "Ana", "title": "Shelters", "abstract": "All", "kind": "talk", "language": "en"}
    elif which == "entry":
        sign_in(client, make_account(Role.READER))
        address, said = reverse("network:entry"), form()
    elif which == "head":
        found = delegation_of(meeting, state="XC")
        address = reverse("meetings:delegation", args=[meeting.public_id, actions_emails.token_of(found)])
        said = {"name": "Ana", "email": "ana@network.example", "category": "participant", "language": "en"}
    else:
        row = make_guest(meeting, "Ana Moreau")
        row.token_hash = secret_hash(actions_emails.token_of(row))
        row.save()
        address, said = own_page(row), {"do": "correct", "name": "Ana Moreau"}
        if which == "one registration":
            sign_in(client, organiser_of(meeting), staff_session="preparing the meeting")
            address = reverse("meetings:manage-registration", args=[meeting.public_id, row.public_id])
            said = said | {"why": "A slip of the pen."}
    answer = client.post(address, {**said, **BOTH})
    page = answer.content.decode()
    assert (answer.status_code, page.count(NOT_BOTH)) == (422, 1)
    assert NOT_BOTH in page.partition('name="organisation_in_words"')[2][:700]
    assert not Detail.objects.filter(field=Field.ORGANISATION).exists()
    assert client.post(address, {**said, **BOTH, "organisation": ""}).status_code == 302
    assert Detail.objects.get(field=Field.ORGANISATION).value == VALUE


def test_an_entry_has_one_or_the_other_and_shows_words_without_a_link_to_whom_one_chose(client, meeting):
    account, anybody = make_account(Role.READER), AnonymousUser()
    sign_in(client, account)
    agreed = {"consent_directory": "on", "consent_public_entry": "on", "sees_name": "public"}
    client.post("/en/entry/", form(organisation_in_words=WORDS, **agreed))
    person = Person.objects.get(account=account)
    public = reverse("network:person", args=[person.public_id])

    def read(address: str) -> str:
        return Client().get(address).content.decode().partition("<main")[2]

    def found(asked: str) -> int:
        return directory_page(anybody, QueryDict(f"q={asked}")).count

    assert (WORDS in read(public), found("keepers"), found("Ilvane")) == (False, 0, 1)  # for the secretariat alone
    client.post("/en/entry/", form(organisation_in_words=WORDS, sees_organisation="public", sees_name="public"))
    assert details(person)["organisation", VALUE] == "public"
    for page in (read(public), read(reverse("network:directory"))):
        assert (WORDS in page, f">{WORDS}</a>" in page, "/organisations/“" in page) == (True, False, False)
    assert (found("keepers"), found("QUILLFROST"), found("harbour")) == (1, 1, 0)
    assert directory_page(anybody, QueryDict()).choices["kind"] == ()
    page = client.get("/en/entry/").content.decode()
    assert (f'value="{WORDS}"' in page, "“Lighthouse" in page) == (True, False)

    client.post("/en/entry/", form(organisation="harbour-house", sees_organisation="public", sees_name="public"))
    assert organisations_of(person) == ["harbour-house"]
    assert ("Harbour house</a>" in read(public), WORDS in read(public)) == (True, False)


# --- Shown ------------------------------------------------------------------------------------------------------------


def words_in(pdf: bytes) -> str:
    pages = pdfium.PdfDocument(io.BytesIO(pdf))
    return " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in pages)


def every_place(meeting: models.Meeting, row: models.Registration) -> dict[str, Callable[[], str]]:
    """Wherever a chosen organisation is said of somebody who agreed to all of it, and their own page."""
    key = [meeting.public_id]
    organiser = sign_in(Client(), organiser_of(meeting), staff_session="preparing the meeting")
    by = organiser_of(meeting)
    helper, guest = make_account(), make_guest(meeting, "Otto Birk", account=make_account())
    give_duty(meeting, helper)
    fellow = sign_in(Client(), guest.person.account)  # type: ignore[union-attr, arg-type]

    def page(client: Client, name: str, *more: str) -> Callable[[], str]:
        return lambda: (
            client.get(reverse(f"meetings:{name}", args=[*key, *more])).content.decode().partition("<main")[2]
        )

    def taken_out() -> str:
        said = {"with_people_at_risk": "on", "why": "the hotel asks who sleeps there"}
        return organiser.post(reverse("meetings:export-registrations", args=key), said).content.decode("utf-8-sig")

    def letter() -> str:
        found = confirmed(meeting).get(pk=row.pk)
        return words_in(issue_letter(by=by, registration=found, kind="visa", site=SITE, language="en").pdf)

    def badges() -> str:
        return words_in(print_badges(by=by, meeting=meeting, registrations=confirmed(meeting), language="en"))

    def own() -> str:
        return Client().get(own_page(row)).content.decode()

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


def test_it_is_said_wherever_a_chosen_one_is_and_of_somebody_at_risk_nowhere(meeting):
    row = comes(meeting, named="on")
    session = make_session(meeting)
    models.Appearance.objects.create(session=session, person=row.person, part="speaker")
    published(meeting)
    starts = timezone.now() + timedelta(days=1)
    set_hours(
        by=organiser_of(meeting), meeting=meeting, starts=starts, ends=starts + timedelta(hours=1), minutes=20, tables=1
    )
    models.OpenToTalk.objects.create(registration=row, about="Shelters")
    places = every_place(meeting, row)
    assert {name for name, text in places.items() if WORDS not in text()} == set()
    assert row.person is not None
    hide_participant(person=row.person, pseudonym="A. Heron", by=None, meeting=meeting.public_id, own=True)
    row.refresh_from_db()
    assert {name for name, text in places.items() if "Lighthouse" in text()} == set()
    network = make_network("lantern")
    join(network, row.person)
    for account in (None, make_account(Role.READER), organiser_of(meeting)):
        client = sign_in(Client(), account) if account else Client()
        address = reverse("network:person", args=[row.person.public_id])
        assert WORDS not in client.get(address).content.decode()
    assert organisations_of(row.person) == [VALUE]  # the secretariat and they themselves know


def test_members_are_taken_out_with_it_and_a_formula_does_not_run(client):
    network = make_network("lantern")
    person = make_person(details={Field.NAME: "Ilvane", Field.ORGANISATION: "“=HYPERLINK(1)”"})
    join(network, person)
    sign_in(client, make_account(Role.SECRETARIAT, network=network), staff_session="the yearly list")
    answer = client.post(reverse("network:export-members", args=["lantern"]), {"form": "csv"})
    (row,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert row["organisation"] == "'=HYPERLINK(1)"


def test_words_that_no_font_of_ours_can_print_are_refused_on_a_badge_by_name(meeting):
    comes(meeting, organisation_in_words="House \ue000")
    with pytest.raises(CannotPrint, match=r"House � \(U\+E000\)"):
        print_badges(by=organiser_of(meeting), meeting=meeting, registrations=confirmed(meeting), language="en")


# --- Corrected, handed out, erased ------------------------------------------------------------------------------------


def test_a_guest_and_the_organiser_correct_it_and_the_trail_and_the_letter_say_that_and_not_what(meeting):
    row = comes(meeting)
    own, said = Client(), {"do": "correct", "name": "Ilvane Brookmantle", "title": ""}
    assert f'value="{WORDS}"' in own.get(own_page(row)).content.decode()
    assert own.post(own_page(row), {**said, "organisation_in_words": "Lamp Menders"}).status_code == 302
    assert details(row.person)["organisation", "“Lamp Menders”"] == "secretariat"
    by = organiser_of(meeting)
    organiser = sign_in(Client(), by, staff_session="preparing the meeting")
    address = reverse("meetings:manage-registration", args=[meeting.public_id, row.public_id])
    assert 'value="Lamp Menders"' in organiser.get(address).content.decode()
    Letter.objects.all().delete()
    organiser.post(address, {**said, "organisation": "harbour-house", "why": "They sit in our list."})
    assert organisations_of(row.person) == ["harbour-house"]
    assert '<option value="harbour-house" selected>' in organiser.get(address).content.decode()
    letter = Letter.objects.get()
    lines = Entry.objects.filter(verb="corrected a participant").order_by("pk")
    assert [(line.actor, line.details) for line in lines] == [
        (None, {"fields": ["organisation"]}), (by, {"fields": ["organisation"]}),
    ]  # fmt: skip
    assert (letter.to, "Lamp" in letter.body, "Harbour" in letter.body) == ("guest-1@network.example", False, False)
    assert actions.correct_name(registration=row, name="Other", title="", site=SITE)
    assert organisations_of(row.person) == ["harbour-house"]  # of which nothing was said


def test_of_somebody_at_risk_their_page_neither_shows_nor_changes_it(meeting):
    row = comes(meeting, hide="on", pseudonym="A. Heron")
    page = Client().get(own_page(row)).content.decode()
    assert ("correct_name" in page, "organisation_in_words" in page, WORDS in page) == (True, False, False)
    said = {"do": "correct", "name": "Ilvane", "title": "", "organisation": "harbour-house"}
    assert Client().post(own_page(row), said).status_code == 302
    assert organisations_of(row.person) == [VALUE]


def test_their_data_have_it_and_nothing_of_it_stays_when_they_are_erased(member_with_words):
    account = member_with_words
    with zipfile.ZipFile(io.BytesIO(hand_out(subject=subject_of(account=account), by=account))) as archive:
        assert VALUE in json.dumps(json.loads(archive.read("my-data.json")), ensure_ascii=False)
        assert WORDS in archive.read("my-data.html").decode()
    erase(subject=subject_of(account=account), by=account, asked="on the site")
    assert not Detail.objects.filter(value__contains="Lighthouse").exists()
    assert not any("Lighthouse" in json.dumps(line.details) for line in Entry.objects.all())


@pytest.fixture
def member_with_words(db: None) -> Any:
    account = make_account(Role.READER)
    said = {
        Field.NAME: Said(("Ilvane",), Visibility.SECRETARIAT),
        Field.ORGANISATION: Said((VALUE,), Visibility.SECRETARIAT),
    }
    save_entry(person=None, said=said, by=account)
    return account
