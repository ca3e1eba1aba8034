"""The report says what those present confirmed, names who agreed, and can be opened in a word processor."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
from django.urls import reverse
from django.utils import timezone
from docx import Document

from samsvar.interchange.written import docx_bytes
from samsvar.meetings.meeting import Access
from samsvar.meetings.outcomes import OutcomeState
from samsvar.meetings.registration import Standing
from samsvar.meetings.report import Heading, Items, MeetingReport, Paragraph, Table
from samsvar.monitoring.reading import read_pages
from samsvar.network.consent import Ground, Purpose
from samsvar.network.people import Field
from samsvar.site.convention.models import State
from samsvar.site.meetings import models
from samsvar.site.meetings.outcomes.queries import report as queries
from samsvar.site.network.models import Basis, Person
from tests.factories.meetings import make_aftermath, make_meeting, make_room, make_session, organiser_of
from tests.factories.people import make_account, make_person, sign_in

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
INSIDE_QUERY = {"for": "participants"}
INSIDE, OUTSIDE = queries.Edition.PARTICIPANTS, queries.Edition.EVERYBODY
ODD = '#let x = "a" $ \\ * _ @label <tag> ]]> \x07'


def participant(meeting, name, *, listed=Access.ORGANISERS, state="", **more) -> models.Registration:
    person = make_person(details={Field.NAME: name}, **more)
    Basis.objects.create(
        person=person, purpose=Purpose.MEETINGS, ground=Ground.PUBLIC_TASK, since=timezone.now(), note="took part"
    )
    return models.Registration.objects.create(
        meeting=meeting, person=person, standing=Standing.CONFIRMED, listed=listed, state_id=state or None
    )


@pytest.fixture
def meeting():
    State.objects.get_or_create(code="XB", defaults={"kind": "invented"})
    made = make_meeting()
    session = models.Session.objects.create(
        meeting=made,
        title={"en": "Shelters in small places"},
        state=models.Session.State.READY,
        starts=datetime(2026, 9, 15, 6, 0, tzinfo=UTC),
        ends=datetime(2026, 9, 15, 7, 0, tzinfo=UTC),
    )
    for kind, text, state in (
        ("decision", "To meet in spring.", OutcomeState.CONFIRMED),
        ("practice", ODD, OutcomeState.CONFIRMED),
        ("decision", "Nobody has confirmed this.", OutcomeState.RECORDED),
    ):
        models.Outcome.objects.create(meeting=made, session=session, kind=kind, text=text, language="en", state=state)
    promised = models.Outcome.objects.create(
        meeting=made, kind="commitment", text="A shelter.", language="en", state=OutcomeState.CONFIRMED
    )
    models.Commitment.objects.create(outcome=promised, state_id="XB", due="2026-10")
    return made


def test_the_report_holds_what_is_confirmed_in_numbered_parts(meeting):
    participant(meeting, "Invented Somebody", state="XB")
    report = queries.report_of(meeting, "en", NOW, INSIDE)
    assert [f"{number} {part.text}" for number, part in report.numbered() if isinstance(part, Heading)] == [
        "1 Who took part",
        "2 Programme",
        "3 What came of it",
        "3.1 Decisions",
        "3.2 Commitments",
        "3.3 Practices that were mentioned",
    ]
    assert (
        Table(
            "As they stand on 24 November 2026",
            ("Who", "What", "Until", "How it stands"),
            (("Sudmar", "A shelter.", "October 2026", "promised, overdue"),),
        )
        in report.parts
    )
    assert "Nobody has confirmed this." not in str(report)


def test_the_times_of_the_programme_are_the_meetings(meeting):
    table = next(one for one in queries.report_of(meeting, "en", NOW, INSIDE).parts if isinstance(one, Table))
    assert table.rows == (("15 Sep, 09:00", "Shelters in small places"),)  # it is in no room


def test_the_report_names_only_who_agreed_and_nobody_at_risk(meeting):
    participant(meeting, "Invented Open", listed=Access.PUBLIC)
    participant(meeting, "Invented Among Us", listed=Access.PARTICIPANTS)
    participant(meeting, "Invented Closed")
    participant(meeting, "Invented Hidden", listed=Access.PUBLIC, at_risk=True, pseudonym="Invented Star")
    named = {
        edition: {
            one
            for one in ("Open", "Among Us", "Closed", "Hidden", "Star")
            if f"Invented {one}" in str(queries.report_of(meeting, "en", NOW, edition))
        }
        for edition in queries.Edition
    }
    assert named == {OUTSIDE: {"Open"}, INSIDE: {"Open", "Among Us"}}


def test_the_report_for_everybody_holds_what_everybody_may_read_and_the_other_says_for_whom_it_is(meeting):
    session = meeting.sessions.get()
    for access in Access:
        models.Outcome.objects.create(
            meeting=meeting, session=session, kind="decision", text=f"For {access}.", language="en",
            state=OutcomeState.CONFIRMED, access=access,
        )  # fmt: skip
    make_session(meeting, 14, access=Access.SPEAKERS)
    for edition, levels, closed in ((OUTSIDE, 1, True), (INSIDE, 3, True)):
        report = queries.report_of(meeting, "en", NOW, edition)
        said = next(part for part in report.parts if isinstance(part, Items) and "For public." in str(part))
        assert sum(one.text.startswith("For ") for one in said.items) == levels
        assert ("Closed session" in str(report)) is closed
    notices = {edition: queries.report_of(meeting, "en", NOW, edition).notice for edition in queries.Edition}
    assert notices == {
        OUTSIDE: "Invented meeting, for demonstration.",
        INSIDE: "Invented meeting, for demonstration. For those who took part. "
        "It names people who agreed to be named to the other participants, not further.",
    }


def test_what_people_wrote_of_a_meeting_goes_to_those_who_were_there_alone(meeting):
    make_aftermath(meeting)
    now = timezone.now()
    told = {
        edition: "Something else, 1." in str(queries.report_of(meeting, "en", now, edition))
        for edition in queries.Edition
    }
    assert told == {OUTSIDE: False, INSIDE: True}


def test_an_edition_that_is_not_known_is_the_one_that_tells_least(client, meeting):
    participant(meeting, "Invented Among Us", listed=Access.PARTICIPANTS)
    sign_in(client, organiser_of(meeting))
    page = reverse("meetings:manage-report", args=[meeting.public_id])
    assert [
        "Invented Among Us" in client.get(page, {"for": asked}).content.decode()
        for asked in ("", "organisers", "participants")
    ] == [False, False, True]


def test_the_list_shows_each_reader_those_who_agreed_and_is_kept_by_nobody(client, meeting):
    opened = participant(meeting, "Invented Open", listed=Access.PUBLIC)
    participant(meeting, "Invented Among Us", listed=Access.PARTICIPANTS)
    page = reverse("meetings:participants", args=[meeting.public_id])
    answer = client.get(page)
    assert ("Invented Open" in answer.content.decode(), "Among Us" in answer.content.decode()) == (True, False)
    assert answer["Cache-Control"] == "private, no-store"
    account = make_account()
    Person.objects.filter(pk=opened.person_id).update(account=account)
    assert "Among Us" in sign_in(client, account).get(page).content.decode()
    models.Registration.objects.filter(pk=opened.pk).update(listed=Access.ORGANISERS)
    assert "Invented Open" not in client.get(page).content.decode()


def test_nobody_but_the_organiser_takes_the_report_away(client, meeting):
    addresses = [reverse(f"meetings:{name}", args=[meeting.public_id]) for name in ("report-docx", "report-pdf")]
    sign_in(client, make_account())
    assert [client.get(one).status_code for one in addresses] == [403, 403]
    sign_in(client, organiser_of(meeting))
    assert [client.get(one).status_code for one in addresses] == [200, 200]


def test_the_pdf_prints_what_people_wrote_as_they_wrote_it(client, meeting):
    sign_in(client, organiser_of(meeting))
    content = client.get(reverse("meetings:report-pdf", args=[meeting.public_id]), INSIDE_QUERY).content
    text = " ".join(line.text for page in read_pages(content, "report", "pdf").pages for line in page.lines)
    assert "2.2 Commitments" in text
    assert '#let x = "a" $' in text.replace("“", '"').replace("”", '"')


def test_the_docx_has_real_headings_lists_and_tables_in_its_language(client, meeting):
    sign_in(client, organiser_of(meeting))
    address = reverse("meetings:report-docx", args=[meeting.public_id]).replace("/en/", "/fr/")
    content = client.get(address, INSIDE_QUERY).content
    written = Document(io.BytesIO(content))
    styles = {paragraph.style.name for paragraph in written.paragraphs}
    assert {"Title", "Heading 1", "Heading 2", "List Bullet"} <= styles
    assert written.core_properties.language == "fr"
    assert len(written.tables) == 2
    lists = [paragraph for paragraph in written.paragraphs if paragraph.style.name == "List Bullet"]
    assert lists[0].text == "To meet in spring."
    assert 'w:lang w:val="en"' in lists[0]._p.xml


def test_what_xml_cannot_hold_is_left_out_of_a_docx():
    report = MeetingReport("A\x00 title", "en", (), (Items((Paragraph("bell \x07 rings"),)),))
    written = Document(io.BytesIO(docx_bytes(report)))
    assert [one.text for one in written.paragraphs] == ["A title", "bell  rings"]


def test_a_title_longer_than_a_property_of_the_file_is_whole_on_its_first_page():
    written = Document(io.BytesIO(docx_bytes(MeetingReport("long " * 60 + "title", "en", (), ()))))
    assert written.paragraphs[0].text == "long " * 60 + "title"
    assert written.core_properties.title == ("long " * 60)[:255]


def test_a_report_with_invented_participants_of_a_real_meeting_says_so():
    real = make_meeting(invented=False, invented_people=True)
    assert queries.report_of(real, "en", NOW, OUTSIDE).notice == (
        "The participants of this meeting are invented: no name and no figure of them here is a fact."
    )
    assert queries.report_of(make_meeting(invented=False), "en", NOW, OUTSIDE).notice == ""


def test_rooms_stand_in_the_programme_where_there_are_some(meeting):
    session = make_session(meeting, 14, room=make_room(meeting))
    table = next(one for one in queries.report_of(meeting, "en", NOW, INSIDE).parts if isinstance(one, Table))
    assert (table.columns, table.rows[-1][1:]) == (
        ("When", "Session", "Room"),
        (session.title["en"], "Main hall"),
    )
