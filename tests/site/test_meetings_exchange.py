"""A programme from another system is reviewed, imported as drafts, and exported again."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from samsvar.interchange.indico_export import export_indico
from samsvar.interchange.pretalx import export_pretalx
from samsvar.interchange.programmes import EXPORT_FORMATS, read_programme
from samsvar.interchange.schedules import export_xml
from samsvar.meetings.meeting import AccessLevel
from samsvar.network.rights import Role
from samsvar.site.audit.models import AuditEntry
from samsvar.site.meetings import models
from samsvar.site.meetings.programme.actions import import_programme as actions
from samsvar.site.meetings.programme.queries import exchange as queries
from samsvar.site.network.directory.queries.people import public_names
from samsvar.site.network.models import Basis, Person
from tests.factories.meetings import make_meeting, make_organiser, make_registration, make_session
from tests.factories.people import make_account, sign_in
from tests.factories.programmes import FULL_PROGRAMME

pytestmark = pytest.mark.django_db

GROUND = "They spoke at our conference, whose programme was public."


ON_THE_DAYS = {"begins": FULL_PROGRAMME.begins, "ends": FULL_PROGRAMME.ends}


@pytest.fixture
def meeting():
    return make_meeting(**ON_THE_DAYS)


@pytest.fixture
def organiser(meeting):
    return make_organiser(meeting)


def parse_programme(form=export_pretalx, programme=FULL_PROGRAMME):
    return read_programme(form(programme))


def meeting_url(name: str, meeting, *more: str) -> str:
    return reverse(f"meetings:{name}", args=[meeting.public_id, *more])


def session_rows(meeting):
    return [
        (row.title, row.kind, row.state, row.room.name if row.room else "", row.track.key if row.track else "")
        for row in models.Session.objects.filter(meeting=meeting, starts__isnull=False).order_by("starts")
    ]


@pytest.mark.parametrize("form", [export_pretalx, export_xml, export_indico])
def test_imported_sessions_are_drafts_and_importing_again_changes_nothing(meeting, organiser, form):
    first = actions.import_programme(
        by=organiser, meeting=meeting, imported=parse_programme(form), people=True, legal_basis=GROUND
    )
    before = session_rows(meeting)
    again = actions.import_programme(
        by=organiser, meeting=meeting, imported=parse_programme(form), people=True, legal_basis=GROUND
    )
    sessions = 3 if form is export_indico else 2
    assert first == actions.ImportResult(new_sessions=sessions, changed_sessions=0, unchanged_sessions=0, new_people=2)
    assert again == actions.ImportResult(new_sessions=0, changed_sessions=0, unchanged_sessions=sessions, new_people=0)
    assert before == [
        ({"en": "Opening & welcome"}, "opening", "draft", "Great hall", ""),
        ({"en": "Counting beds"}, "workshop", "draft", "Room 2", "shelters"),
    ]
    assert session_rows(meeting) == before
    assert (models.Appearance.objects.count(), models.Room.objects.count(), Person.objects.count()) == (2, 2, 2)


def test_changes_in_the_file_are_imported_and_the_session_keeps_its_state(meeting, organiser):
    actions.import_programme(by=organiser, meeting=meeting, imported=parse_programme())
    models.Session.objects.update(state="ready")
    renamed = replace(FULL_PROGRAMME.sessions[0], title={"en": "Opening"})
    changed = parse_programme(programme=replace(FULL_PROGRAMME, sessions=(renamed, *FULL_PROGRAMME.sessions[1:])))
    assert [one.changed_columns for one in queries.compare_import(meeting, changed).sessions] == [("title",), ()]
    done = actions.import_programme(by=organiser, meeting=meeting, imported=changed)
    assert done == actions.ImportResult(new_sessions=0, changed_sessions=1, unchanged_sessions=1, new_people=0)
    assert [(title, state) for title, _kind, state, _room, _track in session_rows(meeting)] == [
        ({"en": "Opening"}, "ready"),
        ({"en": "Counting beds"}, "ready"),
    ]


def programme_with_first_session(**more):
    """Return an Indico file without a language, whose first session has the given changes."""
    return parse_programme(
        export_indico,
        replace(FULL_PROGRAMME, sessions=(replace(FULL_PROGRAMME.sessions[0], **more), FULL_PROGRAMME.sessions[1])),
    )


def test_text_without_a_language_is_in_the_first_language_of_the_meeting(organiser):
    meeting = make_meeting(**ON_THE_DAYS, languages=["fr", "en"])
    organiser = make_organiser(meeting)
    actions.import_programme(by=organiser, meeting=meeting, imported=programme_with_first_session())
    assert [title for title, *_ in session_rows(meeting)] == [{"fr": "Opening & welcome"}, {"fr": "Counting beds"}]
    assert [row.name for row in models.Track.objects.all()] == [{"fr": "Shelters"}]
    models.Session.objects.update(title={"en": "Only in English"}, abstract={})
    actions.import_programme(by=organiser, meeting=meeting, imported=programme_with_first_session())
    assert [title for title, *_ in session_rows(meeting)] == [{"en": "Opening & welcome"}, {"en": "Counting beds"}]
    assert actions.import_programme(
        by=organiser, meeting=meeting, imported=programme_with_first_session()
    ) == actions.ImportResult(0, 0, 2, 0)


def test_overlong_texts_are_truncated_and_importing_again_changes_nothing(client, meeting, organiser):
    long = replace(
        FULL_PROGRAMME,
        sessions=(
            replace(FULL_PROGRAMME.sessions[0], title={"en": "x" * 300}, abstract={"en": "y" * 6000}),
            FULL_PROGRAMME.sessions[1],
        ),
        rooms=tuple(replace(room, name=room.name + "z" * 90) for room in FULL_PROGRAMME.rooms),
        tracks=(replace(FULL_PROGRAMME.tracks[0], name={"en": "t" * 90}),),
    )
    assert queries.compare_import(meeting, parse_programme(programme=long)).truncated == 5
    page = sign_in(client, organiser).post(
        meeting_url("manage-exchange", meeting), {"file": SimpleUploadedFile("schedule.json", export_pretalx(long))}
    )
    assert "that was too long: the end was cut off (× 5)" in page.text
    for expected in (actions.ImportResult(2, 0, 0, 0), actions.ImportResult(0, 0, 2, 0)):
        assert (
            actions.import_programme(by=organiser, meeting=meeting, imported=parse_programme(programme=long))
            == expected
        )
    row = models.Session.objects.order_by("starts").first()
    assert (row.title, len(row.abstract["en"]), len(row.room.name)) == ({"en": "x" * 200}, 5000, 80)


def test_sessions_far_from_the_meeting_dates_are_skipped_and_named(client):
    meeting = make_meeting(begins=date(2031, 7, 6), ends=date(2031, 7, 7))
    organiser = make_organiser(meeting)
    assert queries.compare_import(meeting, parse_programme()).far_session_titles == ("Opening & welcome",)
    page = sign_in(client, organiser).post(
        meeting_url("manage-exchange", meeting),
        {"file": SimpleUploadedFile("schedule.json", export_pretalx(FULL_PROGRAMME))},
    )
    assert "1: Opening &amp; welcome" in page.text
    assert actions.import_programme(by=organiser, meeting=meeting, imported=parse_programme()) == actions.ImportResult(
        1, 0, 0, 0
    )
    assert [title for title, *_ in session_rows(meeting)] == [{"en": "Counting beds"}]


def test_restricted_sessions_stay_restricted_until_an_organiser_opens_them(meeting, organiser):
    first, *others = parse_programme(export_indico).programme.sessions
    file = parse_programme(export_indico)
    file = replace(
        file, programme=replace(file.programme, sessions=(replace(first, access=AccessLevel.ORGANISERS), *others))
    )
    actions.import_programme(by=organiser, meeting=meeting, imported=file)
    rows = models.Session.objects.order_by("pk")
    assert [row.access for row in rows] == ["organisers", "public", "public"]
    rows.filter(access="organisers").update(access="participants")
    assert actions.import_programme(by=organiser, meeting=meeting, imported=file) == actions.ImportResult(0, 0, 3, 0)
    assert [row.access for row in rows.all()] == ["participants", "public", "public"]


def test_people_are_imported_only_with_a_legal_basis_and_no_name_becomes_public(meeting, organiser):
    with pytest.raises(actions.LegalBasisRequired):
        actions.import_programme(
            by=organiser, meeting=meeting, imported=parse_programme(), people=True, legal_basis=" "
        )
    assert not models.Session.objects.exists()
    actions.import_programme(by=organiser, meeting=meeting, imported=parse_programme(), people=True, legal_basis=GROUND)
    assert [basis.note for basis in Basis.objects.all()] == [GROUND, GROUND]
    assert set(public_names(Person.objects.all()).values()) == {None}


def test_an_erased_person_is_not_imported_again(meeting, organiser):
    actions.import_programme(by=organiser, meeting=meeting, imported=parse_programme(), people=True, legal_basis=GROUND)
    models.Appearance.objects.all().delete()
    models.ImportedPerson.objects.update(person=None)
    again = actions.import_programme(
        by=organiser, meeting=meeting, imported=parse_programme(), people=True, legal_basis=GROUND
    )
    assert (again.new_people, models.Appearance.objects.count(), Person.objects.count()) == (0, 0, 2)


def test_the_same_file_can_be_imported_at_two_meetings(meeting, organiser):
    other = make_meeting(**ON_THE_DAYS)
    actions.import_programme(by=organiser, meeting=meeting, imported=parse_programme())
    for expected in (actions.ImportResult(2, 0, 0, 0), actions.ImportResult(0, 0, 2, 0)):
        assert actions.import_programme(by=make_organiser(other), meeting=other, imported=parse_programme()) == expected
    assert models.Session.objects.count() == 4


def test_only_organisers_can_import_or_export_a_programme(client, meeting, organiser):
    stranger = make_account(Role.EDITOR)
    with pytest.raises(PermissionDenied):
        actions.import_programme(by=stranger, meeting=meeting, imported=parse_programme())
    sign_in(client, stranger)
    assert [
        client.get(meeting_url("manage-exchange", meeting)).status_code,
        client.get(meeting_url("export-programme", meeting, "schedule.xml")).status_code,
        client.post(meeting_url("import-programme", meeting), {"file": "x"}).status_code,
    ] == [403, 403, 403]


def test_a_file_is_shown_for_review_before_it_is_imported(client, meeting, organiser):
    sign_in(client, organiser)
    file = SimpleUploadedFile("schedule.json", export_pretalx(FULL_PROGRAMME))
    page = client.post(meeting_url("manage-exchange", meeting), {"file": file})
    assert page.status_code == 200
    assert "Counting beds" in page.text
    assert "Shelters that hold, 4–5 June 2031, Europe/Bucharest" in " ".join(page.text.split())
    assert not models.Session.objects.exists()
    kept = re.search(r'name="file" value="([^"]+)"', page.text)[1]
    without_ground = client.post(meeting_url("import-programme", meeting), {"file": kept, "people": "on"})
    assert (without_ground.status_code, models.Session.objects.count()) == (422, 0)
    assert client.post(meeting_url("import-programme", meeting), {"file": kept}).status_code == 302
    assert models.Session.objects.count() == 2
    assert AuditEntry.objects.filter(verb="imported a programme").count() == 1


def test_only_a_file_uploaded_by_this_account_for_this_meeting_is_imported(client, meeting, organiser):
    sign_in(client, organiser)
    file = SimpleUploadedFile("schedule.json", export_pretalx(FULL_PROGRAMME))
    page = client.post(meeting_url("manage-exchange", meeting), {"file": file})
    kept = re.search(r'name="file" value="([^"]+)"', page.text)[1]
    other = make_meeting()
    sign_in(client, make_organiser(other))
    answer = client.post(meeting_url("import-programme", other), {"file": kept})
    assert (answer.status_code, answer["Location"]) == (302, meeting_url("manage-exchange", other))
    assert not models.Session.objects.exists()


def test_a_file_that_is_not_a_programme_is_rejected_with_a_message(client, meeting, organiser):
    sign_in(client, organiser)
    page = client.post(meeting_url("manage-exchange", meeting), {"file": SimpleUploadedFile("x.json", b"{}")})
    assert page.status_code == 409
    assert "it has no schedule, no talks and no results." in page.text


@pytest.mark.parametrize("form", sorted(EXPORT_FORMATS))
def test_an_organiser_can_export_the_whole_programme_with_drafts_and_names(client, meeting, organiser, form):
    actions.import_programme(by=organiser, meeting=meeting, imported=parse_programme(), people=True, legal_basis=GROUND)
    answer = sign_in(client, organiser).get(meeting_url("export-programme", meeting, form))
    assert (answer.status_code, answer["Cache-Control"]) == (200, "private, no-store")
    assert {"indico.csv": b"Otto,Birk", "indico.json": b"Birk, Otto"}.get(form, b"Otto Birk") in answer.content
    if not form.endswith((".ics", ".csv")):
        read = read_programme(answer.content).programme
        assert [list(one.title.values()) for one in read.sessions] == [["Opening & welcome"], ["Counting beds"]]
    assert AuditEntry.objects.filter(saw=True).count() == 2


def test_people_at_risk_are_exported_under_their_pseudonym(client, meeting, organiser):
    actions.import_programme(by=organiser, meeting=meeting, imported=parse_programme(), people=True, legal_basis=GROUND)
    Person.objects.update(at_risk=True, pseudonym="Known elsewhere")
    for person in Person.objects.all():
        meeting.pseudonyms.create(person=person, name="A speaker")
    answer = sign_in(client, organiser).get(meeting_url("export-programme", meeting, "indico.json"))
    names = [
        f"{one['first_name']} {one['last_name']}"
        for event in json.loads(answer.content)["results"]
        for c in event["contributions"]
        for one in c["speakers"]
    ]
    assert names == ["A speaker", "A speaker"]


def test_an_exported_programme_is_imported_as_the_same_sessions(meeting, organiser):
    actions.import_programme(by=organiser, meeting=meeting, imported=parse_programme())
    out = queries.full_draft_programme(organiser, meeting, address="https://samsvar.example/")
    again = read_programme(export_pretalx(out))
    assert actions.import_programme(by=organiser, meeting=meeting, imported=again) == actions.ImportResult(0, 0, 2, 0)


@pytest.mark.parametrize("form", [export_pretalx, export_xml, export_indico])
def test_reimporting_our_own_file_adds_no_people_and_keeps_their_parts(meeting, organiser, form):
    session = make_session(meeting, 10)
    for part, name in (("speaker", "Fictional Speaker"), ("chair", "Fictional Chair")):
        guest = make_registration(meeting, name)
        session.appearances.create(person=guest.person, part=part)
    session.appearances.create(named="The fictional minister", part="speaker", source="a fictional programme")
    out = queries.full_draft_programme(organiser, meeting, address="https://samsvar.example/")
    before = set(session.appearances.values_list("person", "named", "part"))
    again = read_programme(form(out))
    assert "Fictional Speaker" in {one.name for read in again.programme.sessions for one in read.people}
    assert queries.compare_import(meeting, again).people == 0
    done = actions.import_programme(by=organiser, meeting=meeting, imported=again, people=True, legal_basis=GROUND)
    assert (done.new_people, session.appearances.count()) == (0, 3)
    assert set(session.appearances.values_list("person", "named", "part")) == before
