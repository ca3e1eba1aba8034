"""The meeting itself: who can see it, what its pages show, and how it is announced and edited."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from samsvar.meetings.loading import load_meetings as facts
from samsvar.meetings.meeting import AccessLevel
from samsvar.network.rights import Role
from samsvar.site.audit.models import AuditEntry
from samsvar.site.convention.actions import load_convention
from samsvar.site.convention.models import State
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.actions.details import NotOrganiser
from samsvar.site.meetings.meeting.actions.documents import add_document, read_document_content, withdraw_document
from samsvar.site.meetings.meeting.forms.fields import time_zone_choices
from samsvar.site.meetings.meeting.permissions import can_perform_duty
from samsvar.site.meetings.meeting.queries import countries as queries_countries
from samsvar.site.meetings.meeting.queries import meetings as queries
from samsvar.site.meetings.models import Duty, InvitedState, MeetingDocument
from samsvar.site.meetings.organising.actions.load_facts import load_meetings
from samsvar.site.meetings.organising.actions.meetings import (
    OutsideOuterMeeting,
    create_meeting,
    publish_meeting,
    update_meeting,
)
from samsvar.site.monitoring.models import Finding
from samsvar.site.network.membership.actions.members import load_networks
from samsvar.site.network.models import Network, Organisation, RoleGrant
from tests.factories.meetings import make_meeting, make_organiser, make_registration, make_session, publish_programme
from tests.factories.people import make_account, make_membership, make_network, make_person, sign_in
from tests.factories.reports import make_finding, make_reading, make_report

pytestmark = pytest.mark.django_db


def test_a_title_is_in_the_readers_language_or_marked_with_its_original_language():
    make_meeting(public_id="shelters")
    pages = {code: Client().get(f"/{code}/meetings/shelters/").content.decode() for code in ("en", "fr", "nb")}
    assert "<h1>Shelters near everybody</h1>" in pages["en"]
    assert "<h1>Des refuges près de chacun</h1>" in pages["fr"]
    assert '<h1><span lang="en">Shelters near everybody</span></h1>' in pages["nb"]


@pytest.mark.parametrize("access", [one.value for one in AccessLevel])
def test_a_meeting_is_visible_only_to_those_with_access(access):
    meeting = make_meeting(public_id="shelters", access=access)
    anybody, somebody, organiser = Client(), Client(), Client()
    sign_in(somebody, make_account())
    sign_in(organiser, make_organiser(meeting), staff_session="runs it")
    answers = [one.get("/en/meetings/shelters/").status_code for one in (anybody, somebody, organiser)]
    wanted = {"public": [200, 200, 200], "signed_in": [404, 200, 200]}
    assert answers == wanted.get(access, [404, 404, 200])


def test_only_its_organiser_can_manage_a_meeting():
    meeting = make_meeting(public_id="shelters")
    other = make_meeting(public_id="other")
    answers = []
    for account in (make_organiser(meeting), make_organiser(other), make_account()):
        client = sign_in(Client(), account, staff_session="runs it")
        answers.append(client.get("/en/meetings/shelters/manage/").status_code)
    assert answers == [200, 403, 403]


# --- Announcing and editing -------------------------------------------------------------------------------------------


def load_all_facts() -> dict[str, int]:
    load_convention()
    load_networks()
    return load_meetings()


def test_loading_the_meetings_a_second_time_changes_nothing():
    assert load_all_facts() == {"meetings": len(facts())}
    assert load_meetings() == {"meetings": 0}


def test_loading_again_restores_changed_facts_and_keeps_additions():
    load_all_facts()
    bucharest = models.Meeting.objects.get(public_id="bucharest-2019")
    bucharest.links.create(kind="article", key="10")
    bucharest.states.filter(state_id="IS").delete()
    models.Meeting.objects.filter(public_id="sofia-2023").update(city="Plovdiv")
    assert load_meetings() == {"meetings": 2}
    assert models.Meeting.objects.get(public_id="sofia-2023").city == "Sofia"
    assert (bucharest.states.filter(state_id="IS").count(), bucharest.links.count()) == (1, 1)


def test_the_network_meeting_is_part_of_the_conference_and_of_one_of_its_sessions():
    load_all_facts()
    inside = models.Meeting.objects.get(public_id="synergy-bucharest-2019")
    assert (inside.inside.public_id, inside.precision, inside.network.slug) == ("bucharest-2019", "month", "synergy")
    assert [one.meeting.public_id for one in inside.held_in.all()] == ["bucharest-2019"]


def test_the_sourced_programme_is_published_once_and_names_only_people_in_the_source():
    load_all_facts()
    bucharest = models.Meeting.objects.get(public_id="bucharest-2019")
    load_meetings()
    assert (bucharest.version, bucharest.versions.count()) == (1, 1)
    for path in ("programme/", "speakers/"):
        page = get_page(f"bucharest-2019/{path}")
        assert ("Thor Kleppen Sættem" in page, "Marius Constantin Budai" in page) == (True, True), path
    people = models.Appearance.objects.filter(session__meeting=bucharest)
    assert sorted(people.exclude(named="").values_list("named", flat=True)) == [
        "Marius Constantin Budai",
        "Thor Kleppen Sættem",
    ]
    assert (people.filter(person=None, named="").count(), people.exclude(person=None).count()) == (0, 0)


# --- Pages ------------------------------------------------------------------------------------------------------------

DAY = date(2026, 6, 1)


def get_page(slug: str, client: Client | None = None, **asked: str) -> str:
    response = (client or Client()).get(f"/en/meetings/{slug}", asked)
    assert response.status_code == 200, slug
    return " ".join(response.content.decode().split())


def test_the_page_shows_which_of_the_22_countries_were_parties_on_the_first_day():
    load_all_facts()
    page = queries.meeting_page(
        AnonymousUser(),
        queries.find_meeting(AnonymousUser(), "bucharest-2019"),
        today=DAY,
        now=datetime(2026, 6, 1, tzinfo=UTC),
        language="en",
    )
    told = {one.status: sorted(country.code for country in one.countries) for one in page.status_groups}
    assert told == {
        "in_force": ["DK", "ES", "FI", "FR", "HR", "IS", "IT", "MT", "NO", "PL", "PT", "RO", "RS", "SE", "SI"],
        "signatory": ["BG", "CZ", "GB", "HU", "LT", "SK"],
        "none": ["US"],
    }
    assert (page.day, page.country_count) == (date(2019, 6, 4), 22)


def test_the_bucharest_pages_show_the_source_the_number_of_participants_and_england():
    load_all_facts()
    about, countries = get_page("bucharest-2019/"), get_page("bucharest-2019/countries/")
    assert "120 participants" in about
    assert "Status on 4 June 2019" in about
    assert "regjeringen.no" in about
    assert "(“England” in the source)" in about
    assert "Listed as “England” in the source." in countries


def test_a_meeting_known_only_by_month_shows_the_month_and_no_day():
    load_all_facts()
    said = {
        code: " ".join(Client().get(f"/{code}/meetings/synergy-bucharest-2019/").content.decode().split())
        for code in ("en", "fr", "nb", "ro")
    }
    for code, month in (("en", "June 2019"), ("fr", "juin 2019"), ("nb", "juni 2019"), ("ro", "iunie 2019")):
        assert f'<time datetime="2019-06">{month}</time>' in said[code], code
    assert 'June 2019 <span class="quiet">exact date not given in the sources</span>' in said["en"]
    assert '<time datetime="2022-11">November 2022</time>' in get_page("", network="synergy")
    assert "· June 2019</span>" in get_page("bucharest-2019/")


def test_dates_entered_by_an_organiser_have_day_precision():
    meeting = make_meeting(precision="month")
    by = make_organiser(meeting)
    update_meeting(by=by, meeting=meeting, data={"city": "Elsewhere"})
    assert meeting.precision == "month"
    update_meeting(by=by, meeting=meeting, data={"ends": meeting.ends + timedelta(days=1)})
    meeting.refresh_from_db()
    assert meeting.precision == "day"


@pytest.mark.parametrize(
    ("zone", "now", "upcoming"),
    [
        ("Europe/Bucharest", datetime(2026, 9, 14, 20, 59, tzinfo=UTC), True),
        ("Europe/Bucharest", datetime(2026, 9, 14, 21, 0, tzinfo=UTC), False),  # the 15th in Bucharest
        ("America/Los_Angeles", datetime(2026, 9, 15, 6, 59, tzinfo=UTC), True),  # still the 14th there
    ],
)
def test_a_meeting_is_upcoming_until_its_first_day_begins_where_it_is_held(zone, now, upcoming):
    meeting = make_meeting(zone=zone)
    page = queries.meeting_page(AnonymousUser(), meeting, today=now.date(), now=now, language="en")
    assert page.is_upcoming is upcoming


def test_shared_findings_are_counted_by_article_without_praise():
    meeting = make_meeting(public_id="shelters")
    load_convention()
    for code, more in (("XA", ("25",)), ("XB", ("11",))):
        InvitedState.objects.create(meeting=meeting, state_id=code)
        told = [make_finding(1, state=code, articles=("7", "20")), make_finding(2, state=code, articles=more)]
        make_report(code.encode(), make_reading(told, state=code))
    found = queries_countries.find_shared_articles(["XA", "XB"], "en")
    assert [(one.article, one.countries, one.findings) for one in found] == [
        (7, ("XA", "XB"), 2),
        (20, ("XA", "XB"), 2),
    ]
    Finding.objects.filter(state_id="XB").update(strength="welcomes")
    assert queries_countries.find_shared_articles(["XA", "XB"], "en") == []


def test_the_list_can_be_filtered_by_kind_network_and_country():
    load_all_facts()
    make_meeting(public_id="ahead", kind="workshop", begins=date(2990, 1, 1), ends=date(2990, 1, 2))
    everything = get_page("")
    assert everything.index("Upcoming") < everything.index("Shelters near everybody") < everything.index('id="past"')
    assert "Shelters near everybody" not in get_page("", network="synergy")
    assert "European experience with the Istanbul Convention" in get_page("", state="CZ", kind="conference")
    assert "No meetings match these filters." in get_page("", kind="webinar")


def test_a_member_sees_meetings_of_their_network_in_the_list_and_others_do_not():
    network = make_network()
    make_meeting(public_id="inner", network=network, access=AccessLevel.NETWORK)
    account = make_account(Role.READER)
    make_membership(network, make_person(account=account))
    assert "Shelters near everybody" in get_page("", sign_in(Client(), account))
    assert "Shelters near everybody" not in get_page("", sign_in(Client(), make_account(Role.READER)))


def test_the_home_page_shows_the_next_meeting_visible_to_its_reader():
    assert "Next meeting" not in get_home_page()
    make_meeting(public_id="later", begins=date(2991, 1, 1), ends=date(2991, 1, 2), title={"en": "Much later"})
    make_meeting(begins=date(2990, 1, 1), ends=date(2990, 1, 2), title={"en": "Closed"}, access=AccessLevel.ORGANISERS)
    found = get_home_page()
    assert "Next meeting" in found
    assert ("Much later" in found, "Closed" in found) == (True, False)


def get_home_page() -> str:
    return Client().get("/en/").content.decode()


def test_a_meeting_of_which_only_the_month_is_known_follows_the_one_with_a_day():
    load_all_facts()
    for address in ("/en/meetings/", "/en/countries/PL/meetings/"):
        page = Client().get(address).content.decode()
        assert page.index("/meetings/warsaw-2024/") < page.index("/meetings/synergy-warsaw-2024/"), address


def test_a_country_page_lists_the_meetings_it_took_part_in():
    load_all_facts()
    iceland, romania = (Client().get(f"/en/countries/{code}/meetings/").content.decode() for code in ("IS", "RO"))
    title = "Towards a Europe free from violence"
    assert (title in iceland, "provided speakers" in iceland) == (True, True)
    assert (title in romania, "A common voice towards" in romania) == (True, True)


def test_search_finds_meetings_by_other_forms_of_a_word_in_the_language_of_the_title():
    titles = {"en": "A woman, a child and a policy", "fr": "Des yeux ouverts", "nb": "Hun gikk hjem"}
    meeting = make_meeting(title=titles, city="Childford", access=AccessLevel.PUBLIC)
    asked = ("women", "children", "policies", "œil", "gå", "gå children", "man", "gutter")
    found = {word for word in asked if meeting in queries.search_meetings(AnonymousUser(), word)}
    assert found == {"women", "children", "policies", "œil", "gå", "gå children", "man"}  # "woman" contains "man"


def test_search_finds_meetings_by_title_in_any_language_and_by_place_and_year():
    load_all_facts()
    make_meeting(title={"en": "Shelters near everybody"}, access=AccessLevel.NETWORK)
    anybody = AnonymousUser()
    found = {
        asked: [one.public_id for one in queries.search_meetings(anybody, asked)]
        for asked in ("new horizon Bucharest 2019", "Bratislava décembre", "shelters near", "România 2019", "  ")
    }
    assert found == {
        "new horizon Bucharest 2019": ["bucharest-2019"],
        "Bratislava décembre": ["synergy-bratislava-2023"],
        "shelters near": [],
        "România 2019": ["bucharest-2019", "synergy-bucharest-2019"],
        "  ": [],
    }
    page = Client().get("/en/search/", {"q": "new horizon Bucharest"}).content.decode()
    assert 'href="/en/meetings/bucharest-2019/"' in page


def test_a_network_page_links_to_its_meetings():
    load_all_facts()
    page = Client().get("/en/networks/synergy/").content.decode()
    assert [key for key in facts() if f'href="/en/meetings/{key}/"' not in page] == []


def test_public_pages_of_a_meeting_need_few_queries(django_assert_max_num_queries):
    load_all_facts()
    Client().get("/en/meetings/bucharest-2019/")
    for path, most in (("bucharest-2019/", 16), ("bucharest-2019/countries/", 12), ("", 6)):
        with django_assert_max_num_queries(most):
            get_page(path)


# --- Documents --------------------------------------------------------------------------------------------------------


def test_a_document_follows_its_access_level_and_embargo():
    meeting = make_meeting(public_id="shelters")
    organiser = sign_in(Client(), make_organiser(meeting), staff_session="runs it")
    account = make_account()
    member = sign_in(Client(), account)
    meeting.registrations.create(person=make_person(account=account), status="confirmed")
    files = {
        "open": {"access": "public"},
        "taking part": {"access": "participants"},
        "later": {"access": "public", "embargo_until": "2990-01-01T09:00"},
        "ours": {"access": "organisers"},
    }
    for title, said in files.items():
        sent = {"file": SimpleUploadedFile("a.txt", f"What {title} is.".encode()), "title": title, "language": "en"}
        assert organiser.post("/en/meetings/shelters/manage/documents/", {**sent, **said}).status_code == 302
    rows = {one.title["en"]: one.public_id for one in MeetingDocument.objects.all()}

    def opens(client: Client) -> list[str]:
        answers = {
            title: client.get(f"/en/meetings/shelters/documents/{key}/").status_code for title, key in rows.items()
        }
        assert set(answers.values()) <= {200, 404}
        return sorted(title for title, status in answers.items() if status == 200)

    assert [opens(Client()), opens(member), opens(organiser)] == [
        ["open"],
        ["open", "taking part"],
        ["later", "open", "ours", "taking part"],
    ]
    page = get_page("shelters/documents/")
    assert "available from 1 January 2990, 09:00" in page
    assert ("taking part" in page, "ours" in page) == (False, False)
    response = Client().get(f"/en/meetings/shelters/documents/{rows['open']}/")
    assert (response.content, response["X-Content-Type-Options"], response["Cache-Control"]) == (
        b"What open is.",
        "nosniff",
        "private, no-store",
    )


@pytest.mark.parametrize(
    ("members", "status", "kinds"),
    [({}, 302, ["pptx"]), ({"ppt/vbaProject.bin": "program"}, 409, [])],
)
def test_slides_are_accepted_only_without_macros(members, status, kinds, client):
    meeting = make_meeting()
    sign_in(client, make_organiser(meeting), staff_session="its documents")
    written = BytesIO()
    with ZipFile(written, "w") as archive:
        for name, text in {"[Content_Types].xml": "<Types/>", "ppt/presentation.xml": "<p/>", **members}.items():
            archive.writestr(name, text)
    sent = {"file": SimpleUploadedFile("slides.pptx", written.getvalue()), "title": "Slides", "access": "public"}
    answer = client.post(f"/en/meetings/{meeting.public_id}/manage/documents/", sent)
    assert (answer.status_code, list(meeting.documents.values_list("format", flat=True))) == (status, kinds)
    if kinds:
        found = client.get(f"/en/meetings/{meeting.public_id}/documents/{meeting.documents.get().public_id}/")
        assert found["Content-Disposition"] == 'attachment; filename="slides.pptx"'
        assert found["Content-Type"].endswith("presentationml.presentation")


def test_withdrawing_a_document_deletes_its_file_once_no_other_uses_it(django_capture_on_commit_callbacks):
    meeting = make_meeting()
    account = make_organiser(meeting)
    row = add_document(by=account, meeting=meeting, file=BytesIO(b"Two of them."), filename="a.txt", title={"en": "A"})
    again = add_document(
        by=account, meeting=meeting, file=BytesIO(b"Two of them."), filename="b.txt", title={"en": "B"}
    )
    for document, left in ((row, b"Two of them."), (again, None)):
        with django_capture_on_commit_callbacks(execute=True):
            withdraw_document(by=account, meeting=meeting, document=MeetingDocument.objects.get(pk=document.pk))
        assert read_document_content(again) == left


def test_a_file_of_an_unsupported_type_is_rejected_and_nothing_is_stored():
    meeting = make_meeting(public_id="shelters")
    organiser = sign_in(Client(), make_organiser(meeting), staff_session="runs it")
    sent = {"file": SimpleUploadedFile("a.pdf", b"MZ\x00\x01\x02\x03"), "title": "A", "access": "public"}
    response = organiser.post("/en/meetings/shelters/manage/documents/", sent)
    assert (response.status_code, MeetingDocument.objects.count()) == (409, 0)
    assert "This file is not one of the accepted types" in response.content.decode()


# --- Announcing and editing -------------------------------------------------------------------------------------------

ANNOUNCEMENT = {
    "public_id": "oslo-2027",
    "network": "lantern",
    "kind": "workshop",
    "begins": "2027-05-03",
    "ends": "2027-05-04",
    "zone": "Europe/Oslo",
    "attendance": "in_person",
    "city": "Fyrvik",
    "entry": "members",
    "original": "en",
    "title_en": "Working together",
}


def secretariat_client(network: Network) -> Client:
    return sign_in(Client(), make_account(Role.SECRETARIAT, network=network), staff_session="plans")


def test_the_secretariat_announces_a_meeting_and_is_recorded_as_its_organiser():
    client = secretariat_client(make_network())
    assert client.post("/en/meetings/new/", ANNOUNCEMENT).status_code == 302
    meeting = models.Meeting.objects.get(public_id="oslo-2027")
    assert (meeting.title, meeting.languages, meeting.network.slug) == ({"en": "Working together"}, ["en"], "lantern")
    grant = RoleGrant.objects.get(meeting="oslo-2027")
    assert (grant.role, grant.reason) == (Role.ORGANISER, "announced this meeting")
    assert client.get("/en/meetings/oslo-2027/manage/").status_code == 200
    subject = AuditEntry.objects.filter(subject="meeting oslo-2027").values_list("verb", flat=True)
    assert list(subject) == ["announced a meeting"]


def visible_to(meeting: models.Meeting, network: Network) -> list[bool]:
    """Return whether a visitor, an account, a member of the network, and a participant can open the meeting's page."""
    meeting.registrations.all().delete()
    member, participant = make_account(), make_account()
    make_membership(network, make_person(account=member))
    make_registration(meeting, account=participant)
    clients = [Client(), *(sign_in(Client(), one) for one in (make_account(), member, participant))]
    return [client.get(f"/en/meetings/{meeting.public_id}/").status_code == 200 for client in clients]


def test_a_form_with_several_errors_lists_them_all_at_once():
    client = secretariat_client(make_network())
    page = client.post("/en/meetings/new/", ANNOUNCEMENT | {"title_en": "", "ends": "2027-05-01"}).content.decode()
    summary = page.partition('role="alert"')[2].partition("</div>")[0]
    assert "This field is required." in summary
    assert "The last day is before the first day." in summary


def test_a_new_meeting_is_visible_to_its_organisers_until_it_is_published():
    network = make_network()
    client = secretariat_client(network)
    page = client.post("/en/meetings/new/", ANNOUNCEMENT | {"access": "public"}, follow=True)
    assert page.redirect_chain[-1][0] == "/en/meetings/oslo-2027/manage/"
    assert "Only the organisers can see this meeting." in page.content.decode()
    meeting = models.Meeting.objects.get(public_id="oslo-2027")
    assert (meeting.access, visible_to(meeting, network)) == ("organisers", [False] * 4)
    assert "Working together" not in Client().get("/en/meetings/").content.decode()
    assert client.get("/en/meetings/oslo-2027/").status_code == 200
    # editing the meeting, or publishing its programme, does not publish it
    client.post("/en/meetings/oslo-2027/manage/edit/", ANNOUNCEMENT | {"access": "public", "city": "Oslo"})
    make_session(meeting)
    version = publish_programme(meeting)
    assert (meeting.access, meeting.city, visible_to(meeting, network)) == ("organisers", "Oslo", [False] * 4)

    address = "/en/meetings/oslo-2027/manage/publish/"
    page = client.get(address).content.decode()
    assert ("current members of this network: Lantern" in page, "search engines" in page, "checked" in page) == (
        True,
        True,
        False,
    )
    assert [client.post(address, data).status_code for data in ({}, {"access": "speakers"})] == [422, 422]
    audiences = {
        "participants": [False, False, False, True],
        "network": [False, False, True, True],
        "signed_in": [False, True, True, True],
        "public": [True] * 4,
        "organisers": [False] * 4,
    }
    for access, seen in audiences.items():
        assert client.post(address, {"access": access}).status_code == 302
        meeting.refresh_from_db()
        assert (access, visible_to(meeting, network)) == (access, seen)
    assert (meeting.version, list(meeting.versions.all())) == (version.number, [version])
    lines = AuditEntry.objects.filter(subject="meeting oslo-2027", verb__contains="publi").order_by("pk")
    assert [(line.verb, line.details.get("access")) for line in lines if "access" in line.details] == [
        *(("published a meeting", access) for access in ("participants", "network", "signed_in", "public")),
        ("withdrew a meeting from publication", "organisers"),
    ]
    with pytest.raises(NotOrganiser):
        publish_meeting(by=make_account(), meeting=meeting, access="public")


def test_no_one_can_announce_a_meeting_of_another_network():
    make_network()
    client = secretariat_client(make_network("harbour"))
    assert client.post("/en/meetings/new/", ANNOUNCEMENT).status_code == 422
    with pytest.raises(NotOrganiser):
        create_meeting(by=make_account(), public_id="a", network=None, data={})


@pytest.mark.parametrize(
    ("changed", "status", "sentence"),
    [
        ({"ends": "2027-05-01"}, 422, "The last day is before the first day."),
        ({"public_id": "new"}, 409, "A meeting with this web address already exists."),
        ({"title_en": ""}, 422, "This field is required."),
        ({"zone": "Europe/Nowhere"}, 422, "Europe/Nowhere is not one of the available choices."),
    ],
)
def test_errors_in_an_announcement_are_shown_with_the_form(changed, status, sentence):
    response = secretariat_client(make_network()).post("/en/meetings/new/", ANNOUNCEMENT | changed)
    assert response.status_code == status
    assert sentence in response.content.decode()
    assert models.Meeting.objects.count() == 0


def test_removing_a_language_from_a_meeting_removes_its_texts():
    meeting = make_meeting(public_id="shelters")
    client = sign_in(Client(), make_organiser(meeting), staff_session="runs it")
    said = {**ANNOUNCEMENT, "original": "en", "title_en": "Near", "title_fr": "Près", "languages": ["fr", "nb"]}
    assert client.post("/en/meetings/shelters/manage/edit/", said).status_code == 302
    meeting.refresh_from_db()
    assert (meeting.languages, meeting.title) == (["en", "fr", "nb"], {"en": "Near", "fr": "Près"})
    assert "title_nb" in client.get("/en/meetings/shelters/manage/edit/").content.decode()
    assert client.post("/en/meetings/shelters/manage/edit/", {**said, "languages": []}).status_code == 302
    meeting.refresh_from_db()
    assert (meeting.languages, meeting.title) == (["en"], {"en": "Near"})


def test_a_meeting_inside_another_must_stay_within_its_dates():
    outer = make_meeting()
    inner = make_meeting(inside=outer, begins=outer.begins, ends=outer.begins)
    with pytest.raises(OutsideOuterMeeting):
        update_meeting(by=make_organiser(outer), meeting=inner, data={"ends": date(2026, 9, 18)})


def test_a_cancelled_meeting_shows_the_reason_and_cannot_be_cancelled_again():
    meeting = make_meeting(public_id="shelters")
    account = make_organiser(meeting)
    client = sign_in(Client(), account, staff_session="runs it")
    url = "/en/meetings/shelters/manage/cancel/"
    assert [client.post(url, {"why": why}).status_code for why in ("", "The quay is flooded.", "Again.")] == [
        422,
        302,
        409,
    ]
    assert "The quay is flooded." in get_page("shelters/")


def test_countries_organisations_and_links_can_be_added_and_removed():
    for code in ("XA", "XB", "NO"):
        State.objects.get_or_create(code=code, kind="fictional" if code != "NO" else "council_of_europe")
    meeting = make_meeting(public_id="shelters")
    body = Organisation.objects.create(public_id="lamps", name="Lamps")
    client = sign_in(Client(), make_organiser(meeting), staff_session="runs it")
    url = "/en/meetings/shelters/manage/details/"
    sent = [
        {"invite": "1", "states": ["XA", "XB"]},
        {"invite": "1", "states": ["XB"]},
        {"add-body": "1", "organisation": "lamps", "role": "host"},
        {"add-link": "1", "kind": "article", "key": "20"},
        {"add-link": "1", "kind": "article", "key": "99"},
    ]
    assert [client.post(url, one).status_code for one in sent] == [302, 302, 302, 302, 409]
    assert list(meeting.states.values_list("state", flat=True)) == ["XB"]
    row, link = meeting.organisations.get(), meeting.links.get()
    assert (row.organisation, link.key) == (body, "20")
    assert client.post(f"{url}organisation/{row.pk}/remove/").status_code == 302
    assert client.post(f"{url}link/{link.pk}/remove/").status_code == 302
    assert (meeting.organisations.count(), meeting.links.count()) == (0, 0)


def test_a_helper_has_one_duty_until_a_set_time():
    meeting = make_meeting(public_id="shelters", begins=date(2990, 1, 1), ends=date(2990, 1, 2))
    helper = make_account(email="door@harbour.example")
    client = sign_in(Client(), make_organiser(meeting), staff_session="runs it")
    url = "/en/meetings/shelters/manage/helpers/"
    sent = {"email": "Door@harbour.example", "kind": "door", "until": "2990-01-03T00:00"}
    assert client.post(url, sent).status_code == 302
    duty = Duty.objects.get()
    assert duty.until == datetime(2990, 1, 2, 22, 0, tzinfo=UTC)
    assert (can_perform_duty(helper, meeting, Duty.Kind.DOOR), can_perform_duty(helper, meeting, Duty.Kind.RECORD)) == (
        True,
        False,
    )
    assert client.post(url, {**sent, "email": "nobody@harbour.example"}).status_code == 409
    assert client.post(url, {**sent, "until": "2020-01-01T00:00"}).status_code == 422
    assert client.post(f"{url}{duty.pk}/end/").status_code == 302
    assert not can_perform_duty(helper, meeting, Duty.Kind.DOOR)


def test_time_zones_of_council_of_europe_members_come_first_by_country():
    (near, first), (others, rest) = time_zone_choices("en")
    labels = dict(first)
    assert (str(near), labels["Europe/Bucharest"], labels["Europe/Oslo"]) == (
        "Members of the Council of Europe",
        "Romania: Europe/Bucharest",
        "Norway: Europe/Oslo",
    )
    assert (str(others), "Asia/Tokyo" in dict(rest), "Europe/Oslo" in dict(rest)) == (
        "Other time zones",
        True,
        False,
    )
