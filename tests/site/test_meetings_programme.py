"""The programme of a meeting: edited, checked for conflicts, published, read, followed."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from lxml import etree, html

from samsvar.meetings.meeting import AccessLevel
from samsvar.network.consent import Purpose, Visibility
from samsvar.network.people import Field
from samsvar.network.rights import Role
from samsvar.site.audit.models import AuditEntry
from samsvar.site.convention.models import State
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.actions.pseudonyms import keep_pseudonyms
from samsvar.site.meetings.programme import errors as programme_errors
from samsvar.site.meetings.programme.actions import (
    people as actions_people,
)
from samsvar.site.meetings.programme.actions import (
    places as actions_places,
)
from samsvar.site.meetings.programme.actions import (
    sessions as actions,
)
from samsvar.site.meetings.programme.queries import draft as queries
from samsvar.site.network.models import OutgoingEmail
from tests.factories.meetings import make_meeting, make_organiser, make_room, make_session, publish_programme
from tests.factories.people import make_account, make_person, sign_in
from tests.factories.reports import make_finding, make_reading, make_report

pytestmark = pytest.mark.django_db


def make_speaker(name: str = "Ada Lund", **more):
    """Create a person who consented to be named in programmes."""
    return make_person(details={Field.NAME: name}, consents=(Purpose.PROGRAMME, Purpose.MEETINGS), **more)


def add_appearance(session, person, part="speaker", **more):
    return models.Appearance.objects.create(session=session, person=person, part=part, **more)


def page_text(client: Client, name: str, *args: str, **query: str) -> str:
    response = client.get(reverse(name, args=args), query)
    assert response.status_code == 200, response.status_code
    return " ".join(response.content.decode().split())


# --- Editing ----------------------------------------------------------------------------------------------------------


def test_readers_see_the_published_version_and_not_the_draft(client):
    meeting = make_meeting()
    session = make_session(meeting, title={"en": "As published"})
    publish_programme(meeting)
    session.title = {"en": "As it will be"}
    session.save()
    make_session(meeting, 11, title={"en": "Not published yet"})
    page = page_text(client, "meetings:programme", meeting.public_id)
    assert [title in page for title in ("As published", "As it will be", "Not published yet")] == [
        True,
        False,
        False,
    ]


def test_a_draft_session_is_not_published(client):
    meeting = make_meeting()
    make_session(meeting, title={"en": "Ready"})
    make_session(meeting, 11, title={"en": "Thought of"}, state=models.Session.State.DRAFT)
    publish_programme(meeting)
    assert "Thought of" not in page_text(client, "meetings:programme", meeting.public_id)


def test_times_are_in_the_time_zone_of_the_meeting(client):
    meeting = make_meeting(zone="Europe/Bucharest")
    at = datetime(2026, 9, 15, 6, 30, tzinfo=UTC)
    make_session(meeting, starts=at, ends=at + timedelta(minutes=45))
    publish_programme(meeting)
    page = page_text(client, "meetings:programme", meeting.public_id)
    assert ">09:30</time>–" in page
    assert "Europe/Bucharest" in page


def test_a_speaker_is_named_only_while_they_consent(client):
    meeting = make_meeting()
    person = make_speaker()
    add_appearance(make_session(meeting), person)
    publish_programme(meeting)
    before = [
        "Ada Lund" in page_text(client, name, meeting.public_id) for name in ("meetings:programme", "meetings:speakers")
    ]
    person.bases.update(until=timezone.now())
    after = [
        "Ada Lund" in page_text(client, name, meeting.public_id) for name in ("meetings:programme", "meetings:speakers")
    ]
    assert (before, after) == ([True, True], [False, False])


def test_a_person_at_risk_appears_by_pseudonym_without_a_country_everywhere(client):
    meeting = make_meeting()
    person = make_person(
        details={Field.NAME: "Vera Hidden", Field.COUNTRY: "XN"},
        visibility=Visibility.PUBLIC,
        consents=(Purpose.PROGRAMME, Purpose.PUBLIC_ENTRY),
        at_risk=True,
        pseudonym="Lark",
    )
    session = make_session(meeting)
    add_appearance(session, person)
    keep_pseudonyms(person=person)
    publish_programme(meeting)
    pages = [
        client.get(reverse(name, args=args)).content.decode()
        for name, args in (
            ("meetings:programme", [meeting.public_id]),
            ("meetings:speakers", [meeting.public_id]),
            ("meetings:session", [meeting.public_id, session.public_id]),
            ("meetings:schedule-json", [meeting.public_id]),
            ("meetings:schedule-xml", [meeting.public_id]),
        )
    ]
    assert [("Lark" in page, "Vera" in page, person.public_id in page) for page in pages] == [(True, False, False)] * 5


def test_an_unnamed_speaker_is_shown_by_country_and_an_office_holder_by_office(client):
    for code in ("HR", "NO"):
        State.objects.get_or_create(code=code, defaults={"kind": "member"})
    meeting = make_meeting()
    session = make_session(meeting)
    by = make_organiser(meeting)
    actions_people.add_unnamed_person(by=by, session=session, state="HR")
    actions_people.add_office_holder(
        by=by,
        session=session,
        named="Thor Fictional",
        office="State Secretary",
        state="NO",
        source="https://a.example/",
    )
    publish_programme(meeting, by=by)
    page = page_text(client, "meetings:session", meeting.public_id, session.public_id)
    assert "speaker from Croatia" in page
    assert "Thor Fictional (speaker), State Secretary, Norway" in page


def test_a_closed_session_shows_others_at_most_its_time(client):
    meeting = make_meeting()
    room = make_room(meeting, "Quiet room")
    members = make_session(meeting, 9, title={"en": "For members"}, access=AccessLevel.PARTICIPANTS, room=room)
    staff = make_session(meeting, 11, title={"en": "For staff"}, access=AccessLevel.ORGANISERS, room=room)
    publish_programme(meeting)
    page = page_text(client, "meetings:programme", meeting.public_id)
    assert [one in page for one in ("For members", "For staff", "Quiet room", "Closed session", "12:00")] == [
        False, False, False, True, False,
    ]  # fmt: skip
    asked = [reverse("meetings:session", args=[meeting.public_id, one.public_id]) for one in (members, staff)]
    assert [client.get(one).status_code for one in asked] == [404, 404]
    sign_in(client, make_organiser(meeting), staff_session="the programme")
    assert [client.get(one).status_code for one in asked] == [200, 200]


def test_filters_narrow_the_programme_and_unknown_ones_are_ignored(client):
    meeting = make_meeting()
    make_session(meeting, 9, title={"en": "One"}, room=make_room(meeting, "Red room"), languages=["en"])
    make_session(
        meeting,
        11,
        title={"en": "Two"},
        room=make_room(meeting, "Blue room"),
        languages=["en"],
        interpreted=[{"language": "fr", "channel": "2"}],
    )
    publish_programme(meeting, with_conflicts=True)

    def shown(**query: str) -> list[bool]:
        page = page_text(client, "meetings:programme", meeting.public_id, **query)
        return [f">{title}</a>" in page for title in ("One", "Two")]

    assert [shown(), shown(room="red-room"), shown(language="fr"), shown(day="2026-09-16"), shown(room="none")] == [
        [True, True],
        [True, False],
        [False, True],
        [True, True],
        [True, True],
    ]


def test_parallel_sessions_are_shown_at_their_own_time_and_in_their_own_room(client):
    meeting = make_meeting()
    red, blue = make_room(meeting, "Red room", order=1), make_room(meeting, "Blue room", order=2)
    make_session(meeting, 9, title={"en": "Long"}, room=red, ends=datetime(2026, 9, 15, 9, tzinfo=UTC))
    make_session(meeting, 9, title={"en": "First"}, room=blue)
    make_session(meeting, 10, title={"en": "Second"}, room=blue)
    make_session(meeting, 11, title={"en": "Third"}, room=blue)
    make_session(meeting, 12, title={"en": "Plenary"}, room=blue)
    make_session(meeting, 13, title={"en": "Coffee"})
    publish_programme(meeting)
    page = html.fromstring(page_text(client, "meetings:programme", meeting.public_id))
    (table,) = page.find_class("timetable")
    rows = [[cell.xpath("string(.//h4)") or cell.text_content() for cell in row] for row in table.iter("tr")]
    assert rows == [
        ["Time", "Red room", "Blue room"],
        ["09:00", "Long", "First"],
        ["10:00", "Second"],
        ["11:00", "Third"],
        ["12:00", "", "Plenary"],  # alone in its time, and still in its own room
        ["13:00", "Coffee"],
    ]
    spans = {cell.xpath("string(.//h4)"): (cell.get("colspan"), cell.get("rowspan")) for cell in table.iter("td")}
    assert spans == {
        "Long": (None, "3"),
        "First": (None, None),
        "Second": (None, None),
        "Third": (None, None),
        "": (None, None),
        "Plenary": (None, None),
        "Coffee": ("2", None),
    }
    narrowed = html.fromstring(page_text(client, "meetings:programme", meeting.public_id, room="blue-room"))
    assert [one.text_content() for one in narrowed.xpath("//ol[@class='programme']//h4")] == [
        "First",
        "Second",
        "Third",
        "Plenary",
    ]


def test_a_meeting_held_in_a_session_is_shown_in_it(client):
    meeting = make_meeting()
    inside = make_meeting(title={"en": "The network meets"}, inside=meeting)
    make_session(inside, 10, title={"en": "Round of members"})
    publish_programme(inside)
    make_session(meeting, 9, holds=inside, ends=datetime(2026, 9, 15, 9, tzinfo=UTC))
    publish_programme(meeting)
    page = page_text(client, "meetings:programme", meeting.public_id)
    assert "The network meets" in page
    assert "Round of members" in page


def test_a_document_under_embargo_is_visible_only_to_speakers_and_organisers(client):
    meeting = make_meeting()
    session = make_session(meeting)
    for title, until in (("Open", None), ("Later", timezone.now() + timedelta(days=1))):
        models.MeetingDocument.objects.create(
            meeting=meeting,
            session=session,
            title={"en": title},
            access=AccessLevel.PUBLIC,
            embargo_until=until,
            content_hash="0" * 64,
            filename="a.pdf",
            format="pdf",
            size=1000,
        )
    publish_programme(meeting)
    address = (meeting.public_id, session.public_id)
    page = page_text(client, "meetings:session", *address)
    assert ("Open" in page, "Later" in page) == (True, False)
    sign_in(client, make_organiser(meeting), staff_session="papers")
    assert "Later" in page_text(client, "meetings:session", *address)


def test_texts_are_in_the_readers_language_or_marked_with_their_own(client):
    meeting = make_meeting()
    make_session(meeting, 9, title={"en": "Shelters", "fr": "Les refuges"})
    make_session(meeting, 11, title={"en": "Only English"})
    publish_programme(meeting)
    page = " ".join(client.get(f"/fr/meetings/{meeting.public_id}/programme/").content.decode().split())
    assert ">Les refuges</a>" in page
    assert '<span lang="en">Only English</span>' in page


def test_public_pages_need_few_queries(client, django_assert_max_num_queries):
    meeting = make_meeting()
    for hour in range(8, 20):
        add_appearance(make_session(meeting, hour), make_speaker(f"Speaker {hour}"))
    publish_programme(meeting)
    for name in ("meetings:programme", "meetings:speakers"):
        with django_assert_max_num_queries(10):
            client.get(reverse(name, args=[meeting.public_id]))


# --- Feeds ------------------------------------------------------------------------------------------------------------


def test_feeds_contain_only_public_sessions_and_have_an_etag(client):
    meeting = make_meeting()
    make_session(meeting, 9, title={"en": "For all"})
    make_session(meeting, 11, title={"en": "For few"}, access=AccessLevel.SIGNED_IN)
    publish_programme(meeting)
    found = []
    for name in ("meetings:schedule-ics", "meetings:schedule-json", "meetings:schedule-xml"):
        address = reverse(name, args=[meeting.public_id])
        response = client.get(address)
        body = response.content.decode()
        again = client.get(address, headers={"If-None-Match": response["ETag"]})
        found.append(("For all" in body, "For few" in body, again.status_code))
    assert found == [(True, False, 304)] * 3
    schedule = json.loads(client.get(reverse("meetings:schedule-json", args=[meeting.public_id])).content)
    assert schedule["schedule"]["version"] == "1"


def test_there_is_no_feed_before_the_first_version(client):
    meeting = make_meeting()
    assert client.get(reverse("meetings:schedule-ics", args=[meeting.public_id])).status_code == 404


def test_no_feed_makes_up_a_day_for_a_meeting_known_only_by_month(client):
    meeting = make_meeting(precision="month", source="https://source.example/")
    make_session(meeting, starts=None, ends=None, title={"en": "Some time"})
    publish_programme(meeting)
    answers = {
        name: client.get(reverse(f"meetings:schedule-{name}", args=[meeting.public_id]))
        for name in ("ics", "xml", "json")
    }
    assert {name: one.status_code for name, one in answers.items()} == {"ics": 200, "xml": 404, "json": 404}
    assert b"BEGIN:VEVENT" not in answers["ics"].content
    page = page_text(client, "meetings:programme", meeting.public_id)
    assert ("schedule.ics" in page, "schedule.xml" in page) == (True, False)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"begins": date(2990, 6, 4), "ends": date(2990, 6, 6)}, "decided yet"),
        ({"begins": date(2990, 6, 4), "ends": date(2990, 6, 6), "source": "https://source.example/"}, "known"),
        ({"begins": date(2019, 6, 4), "ends": date(2019, 6, 6)}, "known"),
    ],
)
def test_a_time_that_will_never_be_decided_is_shown_as_not_known(client, more, said):
    meeting = make_meeting(**more)
    session = make_session(meeting, starts=None, ends=None, title={"en": "Some time"})
    publish_programme(meeting)
    page = page_text(client, "meetings:programme", meeting.public_id)
    assert f">Time not {said}</h3>" in page
    assert "All times are in the meeting’s time zone" not in page
    assert f"<dd>not {said}</dd>" in page_text(client, "meetings:session", meeting.public_id, session.public_id)


def test_a_page_and_a_feed_list_the_versions_and_their_changes(client):
    meeting = make_meeting()
    session = make_session(meeting, 9, title={"en": "Moves"})
    closed = make_session(meeting, 13, title={"en": "Closed one"}, access=AccessLevel.SPEAKERS)
    publish_programme(meeting)
    for one in (session, closed):
        one.starts, one.ends = one.starts + timedelta(hours=2), one.ends + timedelta(hours=2)
        one.save()
    publish_programme(meeting, note="Two hours later")
    page = page_text(client, "meetings:versions", meeting.public_id)
    assert "Two hours later" in page
    assert "15 September 2026, 09:00–10:00, now 15 September 2026, 11:00–12:00" in page
    assert "Closed one" not in page
    feed = etree.fromstring(client.get(reverse("meetings:versions-feed", args=[meeting.public_id])).content)
    titles = [one.text for one in feed.iter("{http://www.w3.org/2005/Atom}title")]
    assert titles == ["Programme of “Shelters near everybody”", "Version 2", "Version 1"]


# --- Editing ----------------------------------------------------------------------------------------------------------


def session_form_data(**more: object) -> dict[str, object]:
    return {
        "title_en": "A new session",
        "kind": "panel",
        "state": "ready",
        "starts": "2026-09-15T09:30",
        "ends": "2026-09-15T10:30",
        "languages": ["en", "fr"],
        "interpreted_1": "ro",
        "channel_1": "3",
        "access": "public",
        "articles": "20 22",
        **more,
    }


def test_an_organiser_adds_a_session_in_the_time_zone_of_the_meeting(client):
    meeting = make_meeting()
    sign_in(client, make_organiser(meeting), staff_session="the programme")
    response = client.post(reverse("meetings:new-session", args=[meeting.public_id]), session_form_data())
    made = models.Session.objects.get(meeting=meeting)
    assert response.status_code == 302
    assert (made.title, made.starts, made.interpreted) == (
        {"en": "A new session"},
        datetime(2026, 9, 15, 6, 30, tzinfo=UTC),
        [{"language": "ro", "channel": "3"}],
    )
    assert sorted(made.links.values_list("kind", "key")) == [("article", "20"), ("article", "22")]
    assert AuditEntry.objects.filter(subject=f"meeting {meeting.public_id}", verb="added a session").count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("articles", "99"),
        ("ends", "2026-09-15T08:00"),
        ("more_findings", "https://samsvar.example/en/findings/none-such/"),
        ("interpreted_1", "xx-nonsense"),
        ("interpreted_2", "ro"),
        ("languages", ["klingonish"]),
        ("starts", "2026-02-30T10:00"),
        ("starts", "0001-01-01T00:30"),
        ("starts", "2025-09-15T10:00"),
        ("ends", "2026-12-15T10:00"),
        ("ends", "9999-12-31T23:59"),
        ("title_en", ""),
    ],
)
def test_invalid_values_are_reported_at_their_field_and_not_saved(client, field, value):
    meeting = make_meeting()
    sign_in(client, make_organiser(meeting), staff_session="the programme")
    response = client.post(
        reverse("meetings:new-session", args=[meeting.public_id]), session_form_data(**{field: value})
    )
    assert (response.status_code, field in response.context["form"].errors) == (422, True)
    assert not models.Session.objects.exists()


def test_findings_are_chosen_from_the_countries_of_the_meeting_or_by_url(client):
    State.objects.get_or_create(code="XB", defaults={"kind": "fictional"})
    reading = make_reading(
        [make_finding(1, text="GREVIO urges Sudmar to open shelters.", articles=("22",), state="XB")], state="XB"
    )
    (near,) = make_report(reading=reading).findings.all()
    meeting = make_meeting(state_id="XB")
    session = make_session(meeting)
    session.links.create(meeting=meeting, kind="article", key="22")
    sign_in(client, make_organiser(meeting), staff_session="the programme")
    address = reverse("meetings:edit-session", args=[meeting.public_id, session.public_id])
    assert near.text in client.get(address).content.decode()
    for said in (
        {"findings": [near.public_id]},
        {"more_findings": f"https://samsvar.example/en/findings/{near.public_id}/"},
    ):
        session.links.filter(kind="finding").delete()
        assert client.post(address, session_form_data(**said)).status_code == 302
        assert list(session.links.filter(kind="finding").values_list("key", flat=True)) == [near.public_id]


def test_the_move_form_shows_the_duration_of_the_session(client):
    meeting = make_meeting()
    session = make_session(meeting)
    sign_in(client, make_organiser(meeting), staff_session="the programme")
    page = client.get(reverse("meetings:move-session", args=[meeting.public_id, session.public_id])).content.decode()
    assert 'name="minutes" value="60"' in page


def test_a_version_made_from_sources_has_no_date_of_its_own(client):
    sourced, own = make_meeting(source="https://source.example/"), make_meeting()
    for meeting in (sourced, own):
        make_session(meeting)
        publish_programme(meeting)
    said = "Version 1, based on the sources given"
    for name in ("programme", "versions"):
        assert [said in page_text(client, f"meetings:{name}", one.public_id) for one in (sourced, own)] == [True, False]


def test_the_programme_and_the_session_page_show_the_same_speaker_details(client):
    meeting = make_meeting()
    session = make_session(meeting)
    person = make_person(
        details={Field.NAME: "Ada Lund", Field.COUNTRY: "XB"},
        visibility=Visibility.PUBLIC,
        consents=(Purpose.PROGRAMME, Purpose.MEETINGS, Purpose.PUBLIC_ENTRY),
    )
    add_appearance(session, person)
    publish_programme(meeting)
    pages = [
        page_text(client, "meetings:programme", meeting.public_id),
        page_text(client, "meetings:session", meeting.public_id, session.public_id),
    ]
    assert ["Ada Lund (speaker), Sudmar" in page for page in pages] == [True, True]


def test_a_session_far_from_the_meeting_dates_is_rejected_by_every_action(client):
    meeting = make_meeting()
    by = make_organiser(meeting)
    session = make_session(meeting, title={"en": "A debriefing"})
    with pytest.raises(programme_errors.SessionFarFromMeeting) as refused:
        actions.move_session(by=by, session=session, starts=datetime(2027, 9, 15, 9, tzinfo=UTC), room=None)
    assert str(refused.value.args[0]) == (
        "“A debriefing” would be too far from the meeting dates (15–17 September 2026)."
    )
    with pytest.raises(programme_errors.SessionFarFromMeeting):
        actions.save_session(by=by, meeting=meeting, title={"en": "New"}, starts=datetime(9999, 12, 31, 23, tzinfo=UTC))
    assert actions.move_session(
        by=by, session=session, starts=datetime(2026, 10, 18, 9, tzinfo=UTC), room=None
    ).starts == datetime(2026, 10, 18, 9, tzinfo=UTC)


def test_a_session_far_from_the_meeting_dates_breaks_no_feed_and_is_in_none(client):
    meeting = make_meeting()
    make_session(meeting, title={"en": "Now"})
    far = datetime(9999, 12, 31, 9, tzinfo=UTC)
    make_session(meeting, title={"en": "Far away"}, starts=far, ends=far + timedelta(hours=1))
    publish_programme(meeting, with_conflicts=True)
    answers = [client.get(reverse(f"meetings:schedule-{name}", args=[meeting.public_id])) for name in FEEDS]
    assert [(one.status_code, b"Now" in one.content, b"Far away" in one.content) for one in answers] == [
        (200, True, False)
    ] * 3
    assert max(len(one.content) for one in answers) < 10_000


FEEDS = ("ics", "json", "xml")


def test_interpreters_are_not_listed_as_speakers_in_feeds(client):
    meeting = make_meeting()
    session = make_session(meeting)
    add_appearance(session, make_speaker("Ada Lund"))
    add_appearance(session, make_speaker("Ion Talmaci"), part="interpreter", language="ro")
    publish_programme(meeting, with_conflicts=True)
    answers = [client.get(reverse(f"meetings:schedule-{name}", args=[meeting.public_id])) for name in FEEDS]
    assert [("Ada Lund" in one.content.decode(), "Ion Talmaci" in one.content.decode()) for one in answers] == [
        (True, False)
    ] * 3


def test_calendar_events_link_to_their_session_or_cover_the_days_of_the_meeting(client):
    meeting = make_meeting()
    session = make_session(meeting, starts=None, ends=None)
    publish_programme(meeting)
    address = reverse("meetings:schedule-ics", args=[meeting.public_id])
    days = client.get(address).content.decode()
    assert [one in days for one in ("DTSTART;VALUE=DATE:20260915", "DTEND;VALUE=DATE:20260918")] == [True, True]
    assert f"URL:https://samsvar.example/en/meetings/{meeting.public_id}/\r\n" in days
    at = datetime(2026, 9, 15, 9, tzinfo=UTC)
    models.Session.objects.filter(pk=session.pk).update(starts=at, ends=at + timedelta(hours=1))
    publish_programme(meeting)
    timed = client.get(address).content.decode().replace("\r\n ", "")
    assert "VALUE=DATE" not in timed
    assert f"URL:https://samsvar.example/en/meetings/{meeting.public_id}/programme/{session.public_id}/\r\n" in timed


def test_conflicts_above_the_programme_name_their_session_and_link_to_it(client):
    meeting = make_meeting()
    session = make_session(meeting, title={"en": "Half understood"}, interpreted=[{"language": "fr", "channel": "2"}])
    sign_in(client, make_organiser(meeting), staff_session="the programme")
    for name in ("manage-programme", "publish-programme"):
        page = html.fromstring(page_text(client, f"meetings:{name}", meeting.public_id))
        edit = reverse("meetings:edit-session", args=[meeting.public_id, session.public_id])
        said = [" ".join(one.text_content().split()) for one in page.find_class("conflicts")[0]]
        assert said == ["⚠ Half understood: No interpreter: French"]
        assert page.find_class("conflicts")[0].xpath(".//a/@href") == [edit]


def test_a_time_skipped_by_daylight_saving_is_rejected(client):
    meeting = make_meeting(begins=date(2026, 3, 29), ends=date(2026, 3, 30))
    sign_in(client, make_organiser(meeting), staff_session="the programme")
    times = {"starts": "2026-03-29T03:30", "ends": "2026-03-29T05:00"}
    response = client.post(reverse("meetings:new-session", args=[meeting.public_id]), session_form_data(**times))
    assert list(response.context["form"].errors) == ["starts"]


def test_a_conflict_is_a_warning_and_blocks_nothing(client):
    meeting = make_meeting()
    room = make_room(meeting)
    make_session(meeting, 9, room=room)
    second = make_session(meeting, 11, room=room)
    sign_in(client, make_organiser(meeting), staff_session="the programme")
    address = reverse("meetings:move-session", args=[meeting.public_id, second.public_id])
    response = client.post(address, {"starts": "2026-09-15T09:30", "room": str(room.pk)}, follow=True)
    second.refresh_from_db()
    assert second.starts == datetime(2026, 9, 15, 6, 30, tzinfo=UTC)
    assert "Two sessions are in the same room at the same time" in response.content.decode()


def test_publishing_with_conflicts_needs_a_confirmation(client):
    meeting = make_meeting()
    room = make_room(meeting)
    make_session(meeting, 9, room=room)
    make_session(meeting, 9, room=room)
    sign_in(client, make_organiser(meeting), staff_session="the programme")
    address = reverse("meetings:publish-programme", args=[meeting.public_id])
    first = client.post(address, {"note": ""}).status_code
    second = client.post(address, {"note": "", "with_conflicts": "on"}).status_code
    meeting.refresh_from_db()
    assert (first, second, meeting.version) == (409, 302, 1)


def test_publishing_without_changes_is_rejected():
    meeting = make_meeting()
    make_session(meeting)
    by = make_organiser(meeting)
    publish_programme(meeting, by=by)
    with pytest.raises(programme_errors.NoChanges):
        publish_programme(meeting, by=by)


def test_those_concerned_get_one_email_that_names_no_one():
    meeting = make_meeting()
    ada = make_person(details={Field.NAME: "Ada Lund", Field.EMAIL: "ada@people.example"}, consents=(Purpose.MEETINGS,))
    other = make_person(details={Field.NAME: "Bo Berg", Field.EMAIL: "bo@people.example"}, consents=(Purpose.MEETINGS,))
    reader = make_account(email="reader@people.example")
    changed, same = make_session(meeting, 9), make_session(meeting, 11)
    add_appearance(changed, ada)
    add_appearance(same, other)
    models.ScheduleEntry.objects.create(account=reader, session=changed)
    by = make_organiser(meeting)
    publish_programme(meeting, by=by, notify=True)
    assert not OutgoingEmail.objects.filter(subject__contains="programme").exists()
    changed.room = make_room(meeting)
    changed.save()
    publish_programme(meeting, by=by, notify=True)
    letters = list(OutgoingEmail.objects.filter(subject__contains="programme").order_by("to"))
    assert [letter.to for letter in letters] == ["ada@people.example", "reader@people.example"]
    assert [name in letter.body for letter in letters for name in ("Ada", "Bo")] == [False] * 4
    assert f"/meetings/{meeting.public_id}/programme/versions/" in letters[0].body


def test_no_one_is_notified_if_the_organiser_chooses_so():
    meeting = make_meeting()
    session = make_session(meeting)
    add_appearance(session, make_person(details={Field.EMAIL: "ada@people.example"}, consents=(Purpose.MEETINGS,)))
    by = make_organiser(meeting)
    publish_programme(meeting, by=by)
    session.state = models.Session.State.CANCELLED
    session.save()
    publish_programme(meeting, by=by, notify=False)
    assert not OutgoingEmail.objects.exists()


def test_a_published_session_can_be_cancelled_but_not_removed():
    meeting = make_meeting()
    session = make_session(meeting)
    by = make_organiser(meeting)
    publish_programme(meeting, by=by)
    with pytest.raises(programme_errors.SessionAlreadyPublished):
        actions.remove_session(by=by, session=session)
    actions.cancel_session(by=by, session=session)
    publish_programme(meeting, by=by)
    assert [one["kind"] for one in meeting.versions.first().changes] == ["cancelled"]


def test_a_copied_session_is_a_draft_with_the_same_people():
    meeting = make_meeting()
    session = make_session(meeting)
    add_appearance(session, make_speaker())
    copied = actions.copy_session(by=make_organiser(meeting), session=session)
    assert (copied.state, copied.starts, copied.appearances.count(), session.appearances.count()) == (
        "draft", None, 1, 1,
    )  # fmt: skip


def test_a_person_has_the_same_key_in_every_version_and_it_is_not_their_public_id():
    meeting = make_meeting()
    person = make_speaker()
    first = add_appearance(make_session(meeting, 9), person)
    by = make_organiser(meeting)
    version = publish_programme(meeting, by=by)
    add_appearance(make_session(meeting, 11), person)
    first.delete()
    later = publish_programme(meeting, by=by)
    assert version.people == later.people
    assert person.public_id not in json.dumps(later.programme)


def test_an_organiser_finds_a_participant_by_name_and_the_access_is_logged(client):
    meeting = make_meeting()
    session = make_session(meeting)
    person = make_person(details={Field.NAME: "Ada Lund"}, consents=(Purpose.MEETINGS,))
    models.Registration.objects.create(meeting=meeting, person=person, status="confirmed")
    sign_in(client, make_organiser(meeting), staff_session="the programme")
    address = reverse("meetings:session-people", args=[meeting.public_id, session.public_id])
    assert "Ada Lund" in client.get(address, {"q": "lund"}).content.decode()
    assert AuditEntry.objects.filter(verb="saw", person=person.public_id).exists()
    client.post(address, {"what": "person", "person": person.public_id, "person-part": "chair"})
    assert list(session.appearances.values_list("person__public_id", "part")) == [(person.public_id, "chair")]


def test_a_person_hidden_from_the_organiser_cannot_be_added(client):
    meeting = make_meeting()
    session = make_session(meeting)
    hidden = make_person(details={Field.NAME: "Hidden Person"})
    sign_in(client, make_organiser(meeting), staff_session="the programme")
    address = reverse("meetings:session-people", args=[meeting.public_id, session.public_id])
    response = client.post(address, {"what": "person", "person": hidden.public_id, "person-part": "chair"})
    assert (response.status_code, session.appearances.count()) == (404, 0)
    assert "Hidden Person" not in client.get(address, {"q": "Hidden"}).content.decode()


def test_an_office_holder_needs_a_source():
    meeting = make_meeting()
    with pytest.raises(programme_errors.ProgrammeError):
        actions_people.add_office_holder(
            by=make_organiser(meeting), session=make_session(meeting), named="Somebody", office="Minister", source=" "
        )


def test_the_organiser_of_another_meeting_can_manage_nothing_here(client):
    meeting = make_meeting()
    session = make_session(meeting)
    sign_in(client, make_organiser(make_meeting()), staff_session="the programme")
    for name in ("manage-programme", "manage-grid", "manage-places", "manage-availability", "publish-programme"):
        assert client.get(reverse(f"meetings:{name}", args=[meeting.public_id])).status_code == 403
    for name in ("edit-session", "move-session", "session-people"):
        assert client.get(reverse(f"meetings:{name}", args=[meeting.public_id, session.public_id])).status_code == 403
    for name in ("copy-session", "cancel-session", "remove-session"):
        assert client.post(reverse(f"meetings:{name}", args=[meeting.public_id, session.public_id])).status_code == 403
    assert models.Session.objects.filter(state="ready").count() == 1


def test_the_grid_has_a_column_for_each_room_and_cells_as_long_as_their_session(client):
    meeting = make_meeting()
    red, blue = make_room(meeting, "Red room", order=1), make_room(meeting, "Blue room", order=2)
    make_session(meeting, 9, room=red, ends=datetime(2026, 9, 15, 8, tzinfo=UTC))
    make_session(meeting, 9, room=blue)
    make_session(meeting, 10, room=blue)
    work = queries.draft_programme(make_organiser(meeting), meeting)
    (grid,) = queries.day_grids(work)
    cells = [[cell.row_span if cell and cell.session_row else 0 for cell in row] for _moment, row in grid.rows]
    assert (grid.rooms, cells) == (("Red room", "Blue room"), [[2, 1], [1]])
    sign_in(client, make_organiser(meeting), staff_session="the programme")
    assert 'rowspan="2"' in client.get(reverse("meetings:manage-grid", args=[meeting.public_id])).content.decode()


def test_rooms_and_tracks_can_be_added_renamed_and_removed(client):
    meeting = make_meeting()
    sign_in(client, make_organiser(meeting), staff_session="the programme")
    address = reverse("meetings:manage-places", args=[meeting.public_id])
    client.post(address, {"what": "room", "room-name": "Main hall", "room-capacity": "120"})
    client.post(address, {"what": "room", "key": "main-hall", "room-name": "Great hall", "room-capacity": "100"})
    client.post(address, {"what": "track", "track-name_en": "Shelters", "track-name_fr": "Refuges"})
    assert list(meeting.rooms.values_list("key", "name", "capacity")) == [("main-hall", "Great hall", 100)]
    assert list(meeting.tracks.values_list("key", "name")) == [("shelters", {"en": "Shelters", "fr": "Refuges"})]
    removed = client.post(
        reverse("meetings:remove-place", args=[meeting.public_id]), {"what": "room", "key": "main-hall"}
    )
    assert (removed.status_code, meeting.rooms.count()) == (302, 0)


def test_a_track_can_be_renamed_recoloured_and_moved_and_the_next_version_says_so(client):
    meeting = make_meeting()
    law, beds = (
        actions_places.save_track(by=make_organiser(meeting), meeting=meeting, name={"en": name})
        for name in ("Law", "Beds")
    )
    hall = make_room(meeting, name="Hall")
    session = make_session(meeting, track=law, room=hall, title={"en": "A talk"})
    version = publish_programme(meeting)
    sign_in(client, make_organiser(meeting), staff_session="the programme")
    address = reverse("meetings:manage-places", args=[meeting.public_id])
    renamed = {"track-name_en": "Law and courts", "track-name_fr": "Droit", "track-colour": "plum"}
    client.post(address, {"what": "track", "key": law.key, **renamed})
    client.post(address, {"what": "track", "key": law.key, "move": "down"})
    client.post(address, {"what": "room", "key": hall.key, "room-name": "Great hall", "room-capacity": ""})
    assert list(meeting.tracks.values_list("key", "name", "colour")) == [
        (beds.key, {"en": "Beds"}, ""),
        (law.key, {"en": "Law and courts", "fr": "Droit"}, "plum"),
    ]
    assert "Law and courts" not in page_text(client, "meetings:programme", meeting.public_id)
    preview = queries.version_preview(make_organiser(meeting), meeting)
    assert [(one.kind, one.session, one.before, one.after) for one in preview.changes] == [
        ("room", session.public_id, ("Hall",), ("Great hall",)),
        ("track", session.public_id, ("Law",), ("Law and courts",)),
    ]
    publish_programme(meeting)
    page = page_text(client, "meetings:programme", meeting.public_id)
    assert ("Law and courts" in page, 'data-colour="plum"' in page, version.number) == (True, True, 1)
    assert "(Law → Law and courts)" in page_text(client, "meetings:versions", meeting.public_id)


def test_the_publish_page_says_when_nothing_has_changed_and_when_no_emails_are_sent(client):
    meeting = make_meeting()
    by = make_organiser(meeting)
    track = actions_places.save_track(by=by, meeting=meeting, name={"en": "Law"})
    make_session(meeting, track=track)
    publish_programme(meeting)
    sign_in(client, by, staff_session="the programme")
    page = page_text(client, "meetings:publish-programme", meeting.public_id)
    assert "Nothing has changed since the last version." in page
    assert ">Publish</button>" not in page
    assert "No session has changed since." in page_text(client, "meetings:manage-programme", meeting.public_id)
    actions_places.save_track(by=by, meeting=meeting, track=track, name={"en": "Law"}, colour="moss")
    page = page_text(client, "meetings:publish-programme", meeting.public_id)
    assert "or the order, names or colours of rooms and tracks" in page
    assert "No emails will be sent" in page
    assert ">Publish</button>" in page


def test_the_draft_programme_shows_interpreters_and_filters_need_a_choice(client):
    meeting = make_meeting()
    session = make_session(meeting)
    add_appearance(session, make_speaker(), "interpreter", language="fr")
    publish_programme(meeting)
    sign_in(client, make_organiser(meeting), staff_session="the programme")
    assert "(interpreter into French)" in page_text(client, "meetings:manage-programme", meeting.public_id)
    assert 'class="filters"' not in page_text(client, "meetings:programme", meeting.public_id)
    make_session(meeting, 11, languages=["fr"])
    publish_programme(meeting)
    assert 'class="filters"' in page_text(client, "meetings:programme", meeting.public_id)


def test_a_changed_colour_makes_a_new_version_without_emails():
    meeting = make_meeting()
    by = make_organiser(meeting)
    track = actions_places.save_track(by=by, meeting=meeting, name={"en": "Law"})
    session = make_session(meeting, track=track)
    add_appearance(session, make_speaker(account=make_account()))
    publish_programme(meeting)
    OutgoingEmail.objects.all().delete()
    actions_places.save_track(by=by, meeting=meeting, track=track, name={"en": "Law"}, colour="moss")
    assert publish_programme(meeting, notify=True).changes == []
    actions_places.save_track(by=by, meeting=meeting, track=track, name={"en": "Courts"}, colour="moss")
    assert [one["kind"] for one in publish_programme(meeting, notify=True).changes] == ["track"]
    assert not OutgoingEmail.objects.exists()


@pytest.mark.parametrize("what", ["room", "track"])
def test_a_room_or_track_with_sessions_is_removed_only_with_a_choice_where_they_go(client, what):
    meeting = make_meeting()
    by = make_organiser(meeting)
    made = [
        actions_places.save_room(by=by, meeting=meeting, name=name)
        if what == "room"
        else actions_places.save_track(by=by, meeting=meeting, name={"en": name})
        for name in ("First", "Second", "Third")
    ]
    sessions = [make_session(meeting, hour, **{what: one}) for hour, one in zip((9, 11), made, strict=False)]
    sign_in(client, by, staff_session="the programme")
    address = reverse("meetings:remove-place", args=[meeting.public_id])

    def remove(key: str, **more: str) -> str:
        return client.post(address, {"what": what, "key": key, **more}, follow=True).content.decode()

    def where() -> list[str]:
        return [getattr(getattr(models.Session.objects.get(pk=one.pk), what), "key", "") for one in sessions]

    assert "1 session is assigned to this room or track." in remove("first")
    assert "1 session is assigned to this room or track." in remove("first", sessions_to="nowhere")
    assert where() == ["first", "second"]
    assert "Removed." in remove("first", sessions_to="third")
    assert where() == ["third", "second"]
    assert "Removed." in remove("second", sessions_to="-")
    assert where() == ["third", ""]
    actions_places.remove_room_or_track(by=by, place=made[2], sessions_to="")
    assert (meeting.rooms if what == "room" else meeting.tracks).count() == 0


def test_two_tracks_with_the_same_name_are_rejected_at_their_field(client):
    meeting = make_meeting()
    by = make_organiser(meeting)
    first, second = (actions_places.save_track(by=by, meeting=meeting, name={"en": name}) for name in ("Law", "Beds"))
    sign_in(client, by, staff_session="the programme")
    address = reverse("meetings:manage-places", args=[meeting.public_id])
    answer = client.post(address, {"what": "track", "key": second.key, "track-name_en": "Law", "track-colour": ""})
    assert answer.status_code == 409
    assert "This item already exists." in answer.content.decode()
    wrong = client.post(address, {"what": "track", "key": second.key, "track-name_en": "", "track-colour": "pink"})
    assert wrong.status_code == 422
    assert wrong.content.decode().count('<details class="place" open>') == 1
    assert list(meeting.tracks.values_list("name", flat=True)) == [first.name, second.name]


def test_an_unavailable_speaker_is_a_conflict(client):
    meeting = make_meeting()
    person = make_person(details={Field.NAME: "Ada Lund"}, consents=(Purpose.MEETINGS,))
    add_appearance(make_session(meeting, 9), person)
    sign_in(client, make_organiser(meeting), staff_session="the programme")
    address = reverse("meetings:manage-availability", args=[meeting.public_id])
    times = {"starts": "2026-09-15T12:00", "ends": "2026-09-15T18:00"}
    assert client.post(address, {"person": person.public_id, **times}).status_code == 302
    page = client.get(reverse("meetings:manage-programme", args=[meeting.public_id])).content.decode()
    assert "Someone is not available at this time" in page


def test_erasure_removes_the_person_from_published_programmes(client):
    from samsvar.site.meetings.programme.personal_data import DATA_CATEGORIES
    from samsvar.site.network.data_inventory import resolve_subject

    meeting = make_meeting()
    person = make_speaker()
    add_appearance(make_session(meeting), person)
    version = publish_programme(meeting)
    subject = resolve_subject(person=person)
    holding = next(one for one in DATA_CATEGORIES if one.key == "programmes")
    assert holding.export_rows(subject)[0]["number"] == 1
    assert holding.erasure.function is not None
    holding.erasure.function(subject, holding.get_erased_rows(subject), timezone.now())
    version.refresh_from_db()
    assert version.people == {}
    assert "Ada Lund" not in page_text(client, "meetings:speakers", meeting.public_id)


def test_the_secretariat_cannot_edit_a_meeting_it_does_not_organise():
    meeting = make_meeting()
    from django.core.exceptions import PermissionDenied

    with pytest.raises(PermissionDenied):
        actions.save_session(by=make_account(Role.SECRETARIAT), meeting=meeting, title={"en": "No"})
