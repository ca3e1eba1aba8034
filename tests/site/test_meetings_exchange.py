"""A programme of another system is looked at, taken in as drafts, and given out again."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from samsvar.interchange.indico_out import as_indico
from samsvar.interchange.pretalx import as_pretalx
from samsvar.interchange.programmes import FORMS, read_programme
from samsvar.interchange.schedules import as_xml
from samsvar.meetings.meeting import Access
from samsvar.network.rights import Role
from samsvar.site.audit.models import Entry
from samsvar.site.meetings import models
from samsvar.site.meetings.programme.actions import import_programme as actions
from samsvar.site.meetings.programme.queries import exchange as queries
from samsvar.site.network.directory.queries.people import names_in_public
from samsvar.site.network.models import Basis, Person
from tests.factories.meetings import make_guest, make_meeting, make_session, organiser_of
from tests.factories.people import make_account, sign_in
from tests.factories.programmes import EVERYTHING

pytestmark = pytest.mark.django_db

GROUND = "They spoke at our conference, whose programme was public."


ON_THE_DAYS = {"begins": EVERYTHING.begins, "ends": EVERYTHING.ends}


@pytest.fixture
def meeting():
    return make_meeting(**ON_THE_DAYS)


@pytest.fixture
def organiser(meeting):
    return organiser_of(meeting)


def taken(form=as_pretalx, programme=EVERYTHING):
    return read_programme(form(programme))


def address(name: str, meeting, *more: str) -> str:
    return reverse(f"meetings:{name}", args=[meeting.public_id, *more])


def there(meeting):
    return [
        (row.title, row.kind, row.state, row.room.name if row.room else "", row.track.key if row.track else "")
        for row in models.Session.objects.filter(meeting=meeting, starts__isnull=False).order_by("starts")
    ]


@pytest.mark.parametrize("form", [as_pretalx, as_xml, as_indico])
def test_what_is_taken_in_becomes_drafts_and_a_second_time_changes_nothing(meeting, organiser, form):
    first = actions.take_in(by=organiser, meeting=meeting, taken=taken(form), people=True, ground=GROUND)
    before = there(meeting)
    again = actions.take_in(by=organiser, meeting=meeting, taken=taken(form), people=True, ground=GROUND)
    sessions = 3 if form is as_indico else 2
    assert first == actions.TakenIn(new=sessions, changed=0, same=0, people=2)
    assert again == actions.TakenIn(new=0, changed=0, same=sessions, people=0)
    assert before == [
        ({"en": "Opening & welcome"}, "opening", "draft", "Great hall", ""),
        ({"en": "Counting beds"}, "workshop", "draft", "Room 2", "shelters"),
    ]
    assert there(meeting) == before
    assert (models.Appearance.objects.count(), models.Room.objects.count(), Person.objects.count()) == (2, 2, 2)


def test_what_changed_in_the_file_changes_here_and_keeps_its_state(meeting, organiser):
    actions.take_in(by=organiser, meeting=meeting, taken=taken())
    models.Session.objects.update(state="ready")
    renamed = replace(EVERYTHING.sessions[0], title={"en": "Opening"})
    changed = taken(programme=replace(EVERYTHING, sessions=(renamed, *EVERYTHING.sessions[1:])))
    assert [one.differs for one in queries.compare(meeting, changed).sessions] == [("title",), ()]
    done = actions.take_in(by=organiser, meeting=meeting, taken=changed)
    assert done == actions.TakenIn(new=0, changed=1, same=1, people=0)
    assert [(title, state) for title, _kind, state, _room, _track in there(meeting)] == [
        ({"en": "Opening"}, "ready"),
        ({"en": "Counting beds"}, "ready"),
    ]


def with_first(**more):
    """A file of Indico's that does not say its language, with a first session that is otherwise."""
    return taken(
        as_indico, replace(EVERYTHING, sessions=(replace(EVERYTHING.sessions[0], **more), EVERYTHING.sessions[1]))
    )


def test_a_text_in_a_language_that_nobody_says_is_in_the_meetings_first(organiser):
    meeting = make_meeting(**ON_THE_DAYS, languages=["fr", "en"])
    organiser = organiser_of(meeting)
    actions.take_in(by=organiser, meeting=meeting, taken=with_first())
    assert [title for title, *_ in there(meeting)] == [{"fr": "Opening & welcome"}, {"fr": "Counting beds"}]
    assert [row.name for row in models.Track.objects.all()] == [{"fr": "Shelters"}]
    models.Session.objects.update(title={"en": "Only in English"}, abstract={})
    actions.take_in(by=organiser, meeting=meeting, taken=with_first())
    assert [title for title, *_ in there(meeting)] == [{"en": "Opening & welcome"}, {"en": "Counting beds"}]
    assert actions.take_in(by=organiser, meeting=meeting, taken=with_first()) == actions.TakenIn(0, 0, 2, 0)


def test_what_is_longer_than_ours_may_be_is_cut_and_a_second_time_changes_nothing(client, meeting, organiser):
    long = replace(
        EVERYTHING,
        sessions=(
            replace(EVERYTHING.sessions[0], title={"en": "x" * 300}, abstract={"en": "y" * 6000}),
            EVERYTHING.sessions[1],
        ),
        rooms=tuple(replace(room, name=room.name + "z" * 90) for room in EVERYTHING.rooms),
        tracks=(replace(EVERYTHING.tracks[0], name={"en": "t" * 90}),),
    )
    assert queries.compare(meeting, taken(programme=long)).cut == 5
    page = sign_in(client, organiser).post(
        address("manage-exchange", meeting), {"file": SimpleUploadedFile("schedule.json", as_pretalx(long))}
    )
    assert "its end was cut off (× 5)" in page.text
    for expected in (actions.TakenIn(2, 0, 0, 0), actions.TakenIn(0, 0, 2, 0)):
        assert actions.take_in(by=organiser, meeting=meeting, taken=taken(programme=long)) == expected
    row = models.Session.objects.order_by("starts").first()
    assert (row.title, len(row.abstract["en"]), len(row.room.name)) == ({"en": "x" * 200}, 5000, 80)


def test_what_is_held_far_from_the_meeting_is_left_out_by_name(client):
    meeting = make_meeting(begins=date(2031, 7, 6), ends=date(2031, 7, 7))
    organiser = organiser_of(meeting)
    assert queries.compare(meeting, taken()).far == ("Opening & welcome",)
    page = sign_in(client, organiser).post(
        address("manage-exchange", meeting), {"file": SimpleUploadedFile("schedule.json", as_pretalx(EVERYTHING))}
    )
    assert "1: Opening &amp; welcome" in page.text
    assert actions.take_in(by=organiser, meeting=meeting, taken=taken()) == actions.TakenIn(1, 0, 0, 0)
    assert [title for title, *_ in there(meeting)] == [{"en": "Counting beds"}]


def test_what_only_some_may_read_there_is_closed_here_until_somebody_here_opens_it(meeting, organiser):
    first, *others = taken(as_indico).programme.sessions
    file = taken(as_indico)
    file = replace(
        file, programme=replace(file.programme, sessions=(replace(first, access=Access.ORGANISERS), *others))
    )
    actions.take_in(by=organiser, meeting=meeting, taken=file)
    rows = models.Session.objects.order_by("pk")
    assert [row.access for row in rows] == ["organisers", "public", "public"]
    rows.filter(access="organisers").update(access="participants")
    assert actions.take_in(by=organiser, meeting=meeting, taken=file) == actions.TakenIn(0, 0, 3, 0)
    assert [row.access for row in rows.all()] == ["participants", "public", "public"]


def test_nobody_is_taken_in_without_a_ground_and_no_name_is_public_by_it(meeting, organiser):
    with pytest.raises(actions.GroundIsNeeded):
        actions.take_in(by=organiser, meeting=meeting, taken=taken(), people=True, ground=" ")
    assert not models.Session.objects.exists()
    actions.take_in(by=organiser, meeting=meeting, taken=taken(), people=True, ground=GROUND)
    assert [basis.note for basis in Basis.objects.all()] == [GROUND, GROUND]
    assert set(names_in_public(Person.objects.all()).values()) == {None}


def test_who_was_erased_is_not_taken_in_again(meeting, organiser):
    actions.take_in(by=organiser, meeting=meeting, taken=taken(), people=True, ground=GROUND)
    models.Appearance.objects.all().delete()
    models.TakenPerson.objects.update(person=None)
    again = actions.take_in(by=organiser, meeting=meeting, taken=taken(), people=True, ground=GROUND)
    assert (again.people, models.Appearance.objects.count(), Person.objects.count()) == (0, 0, 2)


def test_the_same_file_at_two_meetings_makes_sessions_of_each(meeting, organiser):
    other = make_meeting(**ON_THE_DAYS)
    actions.take_in(by=organiser, meeting=meeting, taken=taken())
    for expected in (actions.TakenIn(2, 0, 0, 0), actions.TakenIn(0, 0, 2, 0)):
        assert actions.take_in(by=organiser_of(other), meeting=other, taken=taken()) == expected
    assert models.Session.objects.count() == 4


def test_nobody_else_takes_a_programme_in_or_out(client, meeting, organiser):
    stranger = make_account(Role.EDITOR)
    with pytest.raises(PermissionDenied):
        actions.take_in(by=stranger, meeting=meeting, taken=taken())
    sign_in(client, stranger)
    assert [
        client.get(address("manage-exchange", meeting)).status_code,
        client.get(address("take-out", meeting, "schedule.xml")).status_code,
        client.post(address("take-in", meeting), {"file": "x"}).status_code,
    ] == [403, 403, 403]


def test_a_file_is_shown_beside_what_is_there_before_it_is_taken_in(client, meeting, organiser):
    sign_in(client, organiser)
    file = SimpleUploadedFile("schedule.json", as_pretalx(EVERYTHING))
    page = client.post(address("manage-exchange", meeting), {"file": file})
    assert page.status_code == 200
    assert "Counting beds" in page.text
    assert "Shelters that hold, 4–5 June 2031, Europe/Bucharest" in " ".join(page.text.split())
    assert not models.Session.objects.exists()
    kept = re.search(r'name="file" value="([^"]+)"', page.text)[1]
    without_ground = client.post(address("take-in", meeting), {"file": kept, "people": "on"})
    assert (without_ground.status_code, models.Session.objects.count()) == (422, 0)
    assert client.post(address("take-in", meeting), {"file": kept}).status_code == 302
    assert models.Session.objects.count() == 2
    assert Entry.objects.filter(verb="took in a programme").count() == 1


def test_only_the_file_that_this_account_sent_for_this_meeting_is_taken_in(client, meeting, organiser):
    sign_in(client, organiser)
    file = SimpleUploadedFile("schedule.json", as_pretalx(EVERYTHING))
    page = client.post(address("manage-exchange", meeting), {"file": file})
    kept = re.search(r'name="file" value="([^"]+)"', page.text)[1]
    other = make_meeting()
    sign_in(client, organiser_of(other))
    answer = client.post(address("take-in", other), {"file": kept})
    assert (answer.status_code, answer["Location"]) == (302, address("manage-exchange", other))
    assert not models.Session.objects.exists()


def test_a_file_that_is_no_programme_is_refused_in_a_sentence(client, meeting, organiser):
    sign_in(client, organiser)
    page = client.post(address("manage-exchange", meeting), {"file": SimpleUploadedFile("x.json", b"{}")})
    assert page.status_code == 409
    assert "it has no schedule, no talks and no results." in page.text


@pytest.mark.parametrize("form", sorted(FORMS))
def test_an_organiser_takes_the_whole_programme_out_drafts_and_names_too(client, meeting, organiser, form):
    actions.take_in(by=organiser, meeting=meeting, taken=taken(), people=True, ground=GROUND)
    answer = sign_in(client, organiser).get(address("take-out", meeting, form))
    assert (answer.status_code, answer["Cache-Control"]) == (200, "private, no-store")
    assert {"indico.csv": b"Otto,Birk", "indico.json": b"Birk, Otto"}.get(form, b"Otto Birk") in answer.content
    if not form.endswith((".ics", ".csv")):
        read = read_programme(answer.content).programme
        assert [list(one.title.values()) for one in read.sessions] == [["Opening & welcome"], ["Counting beds"]]
    assert Entry.objects.filter(saw=True).count() == 2


def test_people_at_risk_go_out_under_their_pseudonym(client, meeting, organiser):
    actions.take_in(by=organiser, meeting=meeting, taken=taken(), people=True, ground=GROUND)
    Person.objects.update(at_risk=True, pseudonym="A speaker")
    answer = sign_in(client, organiser).get(address("take-out", meeting, "indico.json"))
    names = [
        f"{one['first_name']} {one['last_name']}"
        for event in json.loads(answer.content)["results"]
        for c in event["contributions"]
        for one in c["speakers"]
    ]
    assert names == ["A speaker", "A speaker"]


def test_what_was_taken_out_is_taken_in_as_the_same_sessions(meeting, organiser):
    actions.take_in(by=organiser, meeting=meeting, taken=taken())
    out = queries.whole_programme(organiser, meeting, address="https://samsvar.example/")
    again = read_programme(as_pretalx(out))
    assert actions.take_in(by=organiser, meeting=meeting, taken=again) == actions.TakenIn(0, 0, 2, 0)


@pytest.mark.parametrize("form", [as_pretalx, as_xml, as_indico])
def test_our_own_file_brought_back_enters_nobody_anew_and_makes_no_speaker_of_a_chair(meeting, organiser, form):
    session = make_session(meeting, 10)
    for part, name in (("speaker", "Invented Speaker"), ("chair", "Invented Chair")):
        guest = make_guest(meeting, name)
        session.appearances.create(person=guest.person, part=part)
    session.appearances.create(named="The invented minister", part="speaker", source="an invented programme")
    out = queries.whole_programme(organiser, meeting, address="https://samsvar.example/")
    before = set(session.appearances.values_list("person", "named", "part"))
    again = read_programme(form(out))
    assert "Invented Speaker" in {one.name for read in again.programme.sessions for one in read.people}
    assert queries.compare(meeting, again).people == 0
    done = actions.take_in(by=organiser, meeting=meeting, taken=again, people=True, ground=GROUND)
    assert (done.people, session.appearances.count()) == (0, 3)
    assert set(session.appearances.values_list("person", "named", "part")) == before
