"""Networks and organisations: office holders, succession, and what a secretariat may do in its own network only."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from dataclasses import replace
from datetime import date, timedelta
from urllib.parse import urlsplit
from xml.etree import ElementTree as Xml

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone
from selectolax.lexbor import LexborHTMLParser

from samsvar.dates import parse_partial_date
from samsvar.network import loading
from samsvar.network.consent import Purpose, Visibility
from samsvar.network.membership import InvalidTermDates, Office, TermsOverlap
from samsvar.network.people import Field, OrganisationKind
from samsvar.network.rights import Role
from samsvar.site.audit.models import AuditEntry
from samsvar.site.convention.actions import load_convention
from samsvar.site.network import models
from samsvar.site.network.membership.actions.members import (
    CountryMissing,
    OfficeMismatch,
    add_member,
    appoint,
    end_seat,
    end_term,
    give_seat,
    load_networks,
    save_network,
    save_organisation,
)
from samsvar.site.network.membership.queries import network_page
from tests.factories.people import make_account, make_membership, make_network, make_person, sign_in

pytestmark = pytest.mark.django_db

BOTH = (Purpose.DIRECTORY, Purpose.PUBLIC_ENTRY)
REASON = "yearly check of the list"


@pytest.fixture
def states():
    load_convention()


@pytest.fixture
def lantern(states):
    return make_network("lantern", lead_id="XA")


def make_public_member(network, name, **columns):
    office = columns.pop("office", "member")
    person = make_person(
        visibility=Visibility.PUBLIC, consents=BOTH, details={Field.NAME: name, Field.NETWORKS: network.slug}
    )
    return make_membership(network, person, office, **columns)


def sign_in_secretariat(client, network=None, reason=REASON):
    account = make_account(Role.SECRETARIAT, network=network)
    return account, sign_in(client, account, staff_session=reason)


def page_text(client, name, *args, **query):
    response = client.get(reverse(f"network:{name}", args=args), query)
    assert response.status_code == 200, response
    return response.content.decode()


# --- Exports ----------------------------------------------------------------------------------------------------------


def test_office_holders_are_shown_as_of_the_chosen_date(client, lantern):
    make_public_member(lantern, "Ilvane Brookmantle", office="chair", begins=date(2020, 1, 1), ends=date(2022, 12, 31))
    make_public_member(lantern, "Tamsel Quillfrost", office="chair", begins=date(2023, 1, 1))

    def office(day):
        page = page_text(client, "network", "lantern", on=day)
        return page[page.index('id="offices"') : page.index("On another date")]

    assert "Ilvane Brookmantle" in office("2022-12-31")
    assert "Tamsel Quillfrost" not in office("2022-12-31")
    assert "Tamsel Quillfrost" in office("2023-01-01")
    assert "No office holders are known" in office("2019-01-01")
    page = page_text(client, "network", "lantern")
    succession = page[page.index("Previous office holders: chair") : page.index('id="members"')]
    assert succession.index("Ilvane Brookmantle") < succession.index("Tamsel Quillfrost")


def test_an_office_with_a_hidden_holder_is_shown_only_as_filled(client, lantern):
    hidden = make_person(details={Field.NAME: "Ilvane Brookmantle", Field.NETWORKS: "lantern"})
    make_membership(lantern, hidden, "chair", begins=date(2021, 3, 7))
    page = page_text(client, "network", "lantern")
    assert "filled (name not shown)" in page
    assert "Ilvane" not in page
    assert "2021" not in page
    assert hidden.public_id not in page
    for day in ("2021-03-06", "2021-03-07"):  # trying dates one by one must not reveal when the term began
        assert "No office holders are known" in page_text(client, "network", "lantern", on=day)


def test_the_number_of_members_is_shown_for_today_only(client, lantern):
    """Trying dates one by one must not reveal when a hidden member joined or left."""
    today = timezone.now().date()
    make_public_member(lantern, "Ilvane Brookmantle", begins=date(2020, 1, 1))
    hidden = make_person(details={Field.NAME: "Tamsel Quillfrost"}, at_risk=True, pseudonym="A. Heron")
    make_membership(lantern, hidden, begins=date(2023, 4, 17), ends=today + timedelta(days=3))
    days = {
        day: network_page(AnonymousUser(), lantern, day=day, today=today, language="en").member_count
        for day in (date(2023, 4, 16), date(2023, 4, 17), today, today + timedelta(days=4))
    }
    assert list(days.values()) == [None, None, 2, None]
    assert "2 members" in page_text(client, "network", "lantern")
    pages = [page_text(client, "network", "lantern", on=day) for day in ("2023-04-16", "2023-04-17")]
    assert [re.search(r"\d members?\b", page) for page in pages] == [None, None]
    assert pages[0].replace("2023-04-16", "DAY").replace("16 April 2023", "DAY") == pages[1].replace(
        "2023-04-17", "DAY"
    ).replace("17 April 2023", "DAY")


def test_an_invalid_date_is_reported_on_the_page(client, lantern):
    assert "This is not a valid date: 2020-13-40" in page_text(client, "network", "lantern", on="2020-13-40")


def test_the_chair_sees_the_shares_of_the_groups_but_members_and_visitors_do_not(client, lantern):
    for number, group in enumerate(["politicians", "researchers", "researchers"]):
        make_membership(lantern, make_person(details={Field.NAME: f"Fictional {number}", Field.GROUP: group}))
    chair = make_account(Role.READER)
    make_membership(lantern, make_person(account=chair, details={Field.NAME: "The Chair"}), "chair")
    member = make_account(Role.READER)
    make_membership(lantern, make_person(account=member, details={Field.NAME: "A Member"}))
    assert "Members by group" in page_text(sign_in(client, chair), "network", "lantern")
    page = page_text(client, "network", "lantern")
    shares = page[page.index("Members by group") : page.index("For use in other software")]
    assert "2 <meter" in shares
    assert "40 %" in shares  # two researchers of five members
    assert "Fictional" not in shares
    yesterday = timezone.now().date() - timedelta(days=1)  # comparing two dates would reveal a new member's group
    assert "Members by group" not in page_text(client, "network", "lantern", on=yesterday.isoformat())
    assert "Members by group" not in page_text(sign_in(client, member), "network", "lantern")
    client.logout()
    assert "Members by group" not in page_text(client, "network", "lantern")


def test_languages_and_expertise_are_counted_from_visible_details_only(client, lantern):
    for visibility in (Visibility.PUBLIC, Visibility.SECRETARIAT):
        person = make_person(
            visibility=Visibility.PUBLIC,
            consents=BOTH,
            details={Field.NAME: f"Fictional {visibility}", Field.NETWORKS: "lantern"},
        )
        models.Detail.objects.create(person=person, field=Field.LANGUAGES, value="ro", visibility=visibility)
        models.Detail.objects.create(person=person, field=Field.EXPERTISE, value="article:20", visibility=visibility)
        make_membership(lantern, person)
    page = page_text(client, "network", "lantern")
    assert 'language=ro">Romanian</a> <span class="quiet">1</span>' in page
    assert "Article 20 –" in page


def test_public_facts_have_sources_and_make_no_one_a_member(client, states):
    assert load_networks() == {"networks": 1, "organisations": models.Organisation.objects.count()}
    assert load_networks() == {"networks": 0, "organisations": 0}
    assert (models.Seat.objects.count(), models.Person.objects.count()) == (0, 0)
    page = page_text(client, "network", "synergy")
    assert "eeagender.org" in page or "regjeringen.no" in page
    assert "A mention does not mean that anyone is a member" in page
    assert "leads the network" in page_text(client, "organisation", "no-ministry-of-justice-and-public-security")
    assert "Et nettverk av departementer" in client.get("/nb/networks/synergy/").content.decode()


def test_the_page_of_a_real_network_leads_to_what_its_members_can_do_together(client, states):
    load_networks()
    panel = LexborHTMLParser(client.get(reverse("network:network", args=["synergy"])).content).css("#together + ul a")
    addresses = [link.attributes["href"] or "" for link in panel]
    names = ("ask", "practices", "offers", "achievements")
    assert [urlsplit(address).path for address in addresses if "meetings" not in address] == [
        reverse(f"exchange:{name}") for name in names
    ]
    assert f"{reverse('meetings:meetings')}?network=synergy" in addresses
    # asking and offers are for members
    assert [client.get(address).status_code for address in addresses] == [302, 200, 302, 200, 200]


def test_pages_of_networks_and_organisations_work_without_data(client, states):
    for name in ("networks", "organisations", "directory"):
        page_text(client, name)
    assert client.get("/en/networks/nowhere/").status_code == 404
    assert client.get("/en/organisations/nowhere/").status_code == 404


def test_feeds_and_lists_contain_only_public_profiles(client, lantern):
    make_public_member(lantern, "Ilvane Brookmantle")
    make_membership(lantern, make_person(details={Field.NAME: "Tamsel Quillfrost", Field.NETWORKS: "lantern"}))
    rows = client.get("/en/networks/lantern/people.json").json()
    assert [row["name"] for row in rows] == ["Ilvane Brookmantle"]
    for name in ("people.csv", "feed.atom", "people.json"):
        response = client.get(f"/en/networks/lantern/{name}")
        assert "Ilvane Brookmantle" in response.content.decode()
        assert "Tamsel" not in response.content.decode()
        assert response["Cache-Control"] == "no-store"


def test_the_feed_of_a_network_changed_with_its_newest_entry_and_never_in_the_future(client, states, monkeypatch):
    load_networks()
    held, *_ = loading.gatherings_held_by("synergy")
    days = {"Held": "2021-03-18", "In a month": "2019-06", "To come": "2999-01-01", "Undated": ""}
    gatherings = tuple(
        replace(held, title=title, begins=parse_partial_date(day), ends=parse_partial_date(day))
        for title, day in days.items()
    )
    monkeypatch.setattr(loading, "gatherings", lambda: gatherings)
    monkeypatch.setattr(loading, "publications", lambda: ())
    feed = Xml.fromstring(client.get("/en/networks/synergy/feed.atom").content)
    atom = "{http://www.w3.org/2005/Atom}"
    assert feed.findtext(f"{atom}updated") == "2021-03-18T00:00:00+00:00"
    entries = feed.findall(f"{atom}entry")
    assert [(entry.findtext(f"{atom}title"), entry.findtext(f"{atom}updated")[:10]) for entry in entries] == [
        ("Held", "2021-03-18"), ("In a month", "2019-06-01"), ("To come", "2018-01-01"), ("Undated", "2018-01-01"),
    ]  # fmt: skip


def test_signing_in_adds_nothing_to_the_public_lists(client, lantern):
    person = make_person(
        visibility=Visibility.SIGNED_IN,
        consents=(Purpose.DIRECTORY,),
        details={Field.NAME: "Tamsel Quillfrost", Field.NETWORKS: "lantern"},
    )
    make_membership(lantern, person)
    sign_in(client, make_account(Role.READER))
    assert "Tamsel Quillfrost" in page_text(client, "network", "lantern")
    assert client.get("/en/networks/lantern/people.json").json() == []


# --- What a secretariat can do ----------------------------------------------------------------------------------------


def test_a_member_added_by_the_secretariat_is_visible_to_no_one_else(client, lantern):
    account, _ = sign_in_secretariat(client, lantern)
    told = {"name": "Ilvane Brookmantle", "office": "member", "note": "named by their ministry on 3 March"}
    response = client.post("/en/networks/lantern/members/add/", told)
    person = models.Person.objects.get()
    assert response["Location"] == f"/en/people/{person.public_id}/manage/"
    assert list(person.details.values_list("field", "value", "visibility")) == [
        ("name", "Ilvane Brookmantle", "secretariat"),
        ("networks", "lantern", "secretariat"),
    ]
    (basis,) = person.bases.all()
    assert (basis.purpose, basis.ground, basis.note) == ("membership", "public_task", told["note"])
    assert "Ilvane Brookmantle" in page_text(client, "network-members", "lantern")
    line = AuditEntry.objects.filter(saw=True, person=person.public_id).latest("pk")
    assert (line.actor, line.subject, line.why) == (account, "members of lantern", REASON)
    client.logout()
    assert client.get(f"/en/people/{person.public_id}/").status_code == 404


def test_an_office_for_one_person_cannot_be_given_twice(lantern):
    first = make_person(details={Field.NAME: "Ilvane Brookmantle"})
    second = make_person(details={Field.NAME: "Tamsel Quillfrost"})
    before = appoint(network=lantern, person=first, by=None, office=Office.CHAIR, begins=date(2020, 1, 1))
    with pytest.raises(TermsOverlap):
        appoint(network=lantern, person=second, by=None, office=Office.CHAIR, begins=date(2023, 1, 1))
    end_term(membership=before, ends=date(2022, 12, 31), by=None)
    after = appoint(
        network=lantern, person=second, by=None, office=Office.CHAIR, begins=date(2023, 1, 1), follows=before
    )
    assert after.follows == before
    with pytest.raises(CountryMissing):
        appoint(network=lantern, person=first, by=None, office=Office.NATIONAL_CONTACT_POINT)
    with pytest.raises(OfficeMismatch):
        appoint(network=lantern, person=first, by=None, office=Office.MEMBER, follows=before)


def test_the_audit_log_of_an_appointment_holds_no_personal_details(lantern):
    made = add_member(
        network=lantern, by=None, name="Ilvane Brookmantle", note="named by letter", begins=date(2026, 1, 1)
    )
    line = AuditEntry.objects.get(verb="appointed")
    assert (line.person, line.subject) == (made.person.public_id, f"membership {made.public_id}")
    assert line.details == {
        "network": "lantern",
        "office": "member",
        "country": "",
        "begins": "2026-01-01",
        "ends": "",
    }
    assert "Ilvane" not in str(list(AuditEntry.objects.values()))


SECRETARIAT_PAGES = ("members", "members/add", "members/export", "seats")


@pytest.mark.parametrize("page", SECRETARIAT_PAGES)
def test_a_secretariat_of_another_network_is_refused(client, lantern, page):
    other = make_network("harbour")
    sign_in_secretariat(client, lantern)
    assert client.get(f"/en/networks/lantern/{page}/").status_code == 200
    assert client.get(f"/en/networks/{other.slug}/{page}/").status_code == 403


@pytest.mark.parametrize("page", SECRETARIAT_PAGES)
def test_without_a_staff_session_the_secretariat_is_asked_for_one(client, lantern, page):
    sign_in(client, make_account(Role.SECRETARIAT, network=lantern))
    response = client.get(f"/en/networks/lantern/{page}/")
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("network:open-staff-session"))


def test_a_secretariat_cannot_see_or_manage_people_of_another_network(client, lantern):
    stranger = make_person(details={Field.NAME: "Ilvane Brookmantle"})
    term = make_membership(make_network("harbour"), stranger)
    account, _ = sign_in_secretariat(client, lantern)
    key = stranger.public_id
    assert client.get(f"/en/people/{key}/manage/").status_code == 404
    assert client.post(f"/en/people/{key}/manage/risk/", {"why": "because of this"}).status_code == 404
    assert client.post(f"/en/terms/{term.public_id}/end/", {"ends": "2026-01-01"}).status_code == 404
    assert client.get(f"/en/people/{key}/manage/appoint/lantern/").status_code == 404
    account.refresh_from_db()
    account.second_factor, account.staff_session = True, models.StaffSession.objects.get(account=account)
    with pytest.raises(PermissionDenied):
        appoint(network=lantern, person=stranger, by=account, office=Office.MEMBER)
    with pytest.raises(PermissionDenied):
        add_member(network=lantern, person=stranger, note="named by letter", by=account)
    assert list(stranger.memberships.all()) == [term]


def test_a_secretariat_can_end_a_term_but_not_before_it_began(client, lantern):
    sign_in_secretariat(client, lantern)
    term = make_membership(lantern, make_person(), begins=date(2020, 1, 1))
    client.post(f"/en/terms/{term.public_id}/end/", {"ends": "2019-01-01"})
    term.refresh_from_db()
    assert term.ends is None
    client.post(f"/en/terms/{term.public_id}/end/", {"ends": "2026-01-31"})
    term.refresh_from_db()
    assert term.ends == date(2026, 1, 31)


def test_a_person_can_be_appointed_to_succeed_another(client, lantern):
    sign_in_secretariat(client, lantern)
    before = make_membership(lantern, make_person(), "chair", begins=date(2020, 1, 1), ends=date(2022, 1, 1))
    person = make_person()
    make_membership(lantern, person)
    told = {"office": "chair", "begins": "2022-01-02", "follows": before.public_id}
    address = f"/en/people/{person.public_id}/manage/appoint/lantern/"
    assert client.get(address).status_code == 200
    assert client.post(address, {**told, "begins": "2021-01-01"}).status_code == 409
    assert client.post(address, told).status_code == 302
    assert person.memberships.get(office="chair").follows == before


def test_a_secretariat_gives_seats_and_adds_organisations(client, lantern):
    sign_in_secretariat(client, lantern)
    known = save_organisation(by=None, name="Ministry of Quiet", kind=OrganisationKind.MINISTRY, state="XA")
    assert client.get("/en/networks/lantern/seats/").status_code == 200
    client.post("/en/networks/lantern/seats/", {"seat": "1", "organisation": known.public_id, "begins": "2020-01-01"})
    new = {
        "new": "1",
        "new-name": "House of Lamps",
        "new-kind": "shelter_ngo",
        "new-state": "XB",
        "new-languages": ["ro"],
    }
    assert client.post("/en/networks/lantern/seats/", new).status_code == 302
    made = models.Organisation.objects.get(public_id="xb-house-of-lamps")
    assert {seat.organisation for seat in lantern.seats.all()} == {known, made}
    page = page_text(client, "network", "lantern")
    assert "House of Lamps" in page
    assert "Ministry of Quiet" in page
    seat = lantern.seats.get(organisation=known)
    client.post(f"/en/networks/lantern/seats/{seat.pk}/end/", {"ends": "2021-01-01"})
    assert "Ministry of Quiet" not in page_text(client, "network", "lantern")
    assert client.get(f"/en/organisations/{made.public_id}/edit/").status_code == 200
    changed = {"name": "House of Lamps and Keys", "kind": "shelter_ngo", "state": "XB"}
    client.post(f"/en/organisations/{made.public_id}/edit/", changed)
    made.refresh_from_db()
    assert (made.name, made.languages) == ("House of Lamps and Keys", [])


def test_a_secretariat_cannot_edit_an_organisation_of_another_network(client, lantern):
    made = save_organisation(by=None, name="House of Lamps", kind=OrganisationKind.SHELTER_NGO, state="XB")
    give_seat(network=make_network("harbour"), organisation=made, by=None)
    sign_in_secretariat(client, lantern)
    told = {"name": "Something else", "kind": "ministry"}
    assert client.post(f"/en/organisations/{made.public_id}/edit/", told).status_code == 403
    made.refresh_from_db()
    assert made.name == "House of Lamps"


def test_an_administrator_can_create_and_edit_networks_but_a_secretariat_cannot(client, states):
    sign_in(client, make_account(Role.ADMINISTRATOR), staff_session=REASON)
    told = {"name": "The Lantern network", "about": "Light.", "lead": "XA", "founded": "2019-06"}
    response = client.post("/en/new-network/", told)
    assert response["Location"] == "/en/networks/the-lantern-network/"
    assert client.post("/en/new-network/", told).status_code == 409
    network = models.Network.objects.get()
    assert (network.lead_id, network.founded) == ("XA", "2019-06")
    client.post("/en/networks/the-lantern-network/edit/", {**told, "lead": "XB"})
    network.refresh_from_db()
    assert network.lead_id == "XB"
    sign_in_secretariat(client)
    assert client.get("/en/new-network/").status_code == 403
    with pytest.raises(PermissionDenied):
        save_network(by=make_account(Role.SECRETARIAT), name="Another")


# --- Exports ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def members(lantern):
    seen = make_person(
        details={Field.NAME: "=HYPERLINK(Ilvane)", Field.TELEPHONE: "0047 11", Field.EMAIL: "ilvane@nordmark.example"}
    )
    own = make_person(visibility=Visibility.ONLY_ME, details={Field.NAME: "Only Hers"})
    hidden = make_person(at_risk=True, pseudonym="A. Heron", details={Field.NAME: "Tamsel Quillfrost"})
    for person in (seen, own, hidden):
        make_membership(lantern, person)
    return seen, own, hidden


def csv_rows(response):
    return list(csv.DictReader(io.StringIO(response.content.decode())))


def test_the_member_export_leaves_out_people_at_risk_unless_a_reason_is_given(client, lantern, members):
    account, _ = sign_in_secretariat(client, lantern)
    address = "/en/networks/lantern/members/export/"
    page = client.get(address).content.decode()
    assert "1 person in this network is marked as at risk" in page
    assert "Tamsel" not in page
    response = client.post(address, {"form": "csv"})
    assert response["Cache-Control"] == "private, no-store"
    assert [row["name"] for row in csv_rows(response)] == ["'=HYPERLINK(Ilvane)", ""]
    assert models.OutgoingEmail.objects.count() == 0
    refused = client.post(address, {"form": "csv", "with_people_at_risk": "on"})
    assert refused.status_code == 409
    assert "Tamsel" not in refused.content.decode()
    other = make_account(Role.SECRETARIAT)
    make_account(Role.SECRETARIAT, network=make_network("harbour"))
    why = "safety briefing on 3 March"
    response = client.post(address, {"form": "csv", "with_people_at_risk": "on", "why": why})
    assert "Tamsel Quillfrost" in [row["name"] for row in csv_rows(response)]
    letters = models.OutgoingEmail.objects.order_by("to")
    assert [letter.to for letter in letters] == sorted([account.email, other.email])
    assert "Tamsel" not in "".join(letter.body for letter in letters)
    line = AuditEntry.objects.filter(verb="exported members").latest("pk")
    assert (line.actor, line.why, line.details) == (account, why, {"form": "csv", "people": 3, "at_risk": 1})
    seen = AuditEntry.objects.filter(saw=True, person=members[2].public_id)
    assert [one.subject for one in seen] == ["export of lantern"]


def test_an_exported_workbook_contains_no_formulas(client, lantern, members):
    sign_in_secretariat(client, lantern)
    response = client.post("/en/networks/lantern/members/export/", {"form": "xlsx"})
    with zipfile.ZipFile(io.BytesIO(response.content)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        strings = book.read("xl/sharedStrings.xml").decode()
    assert "=HYPERLINK(Ilvane)" in strings
    assert "0047 11" in strings
    assert "<f>" not in sheet
    assert "Only Hers" not in strings


def test_a_reader_cannot_export_members(client, lantern, members):
    sign_in(client, make_account(Role.READER))
    assert client.post("/en/networks/lantern/members/export/", {"form": "csv"}).status_code == 403


def test_former_members_stay_visible_to_the_secretariat(client, lantern):
    person = make_person(details={Field.NAME: "Ilvane Brookmantle"})
    make_membership(lantern, person, ends=timezone.now().date() - timedelta(days=400))
    sign_in_secretariat(client, lantern)
    assert "Ilvane Brookmantle" in page_text(client, "network-members", "lantern")


def test_a_seat_cannot_end_before_it_begins(lantern, states):
    house = models.Organisation.objects.create(public_id="a-house", name="A house", kind=OrganisationKind.RESEARCH)
    seat = models.Seat.objects.create(network=lantern, organisation=house, begins=date(2024, 1, 1))
    with pytest.raises(InvalidTermDates):
        end_seat(seat=seat, ends=date(2023, 12, 31), by=None)
    seat.refresh_from_db()
    assert seat.ends is None
    assert end_seat(seat=seat, ends=date(2024, 1, 1), by=None).ends == date(2024, 1, 1)
