"""The meeting report: confirmed outcomes, only the names of people who agreed, and a file for a word processor."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
from django.urls import reverse
from django.utils import timezone
from docx import Document

from samsvar.interchange.report_docx import render_docx
from samsvar.meetings.meeting import AccessLevel
from samsvar.meetings.outcomes import OutcomeStatus
from samsvar.meetings.registration import RegistrationStatus
from samsvar.meetings.report import BulletList, MeetingReport, Paragraph, ReportHeading, Table
from samsvar.monitoring.reading import read_pages
from samsvar.network.consent import LegalBasis, Purpose
from samsvar.network.people import Field
from samsvar.site.convention.models import State
from samsvar.site.meetings import models
from samsvar.site.meetings.outcomes.queries import report as queries
from samsvar.site.network.models import Basis, Person
from tests.factories.meetings import make_commitment_and_survey, make_meeting, make_organiser, make_room, make_session
from tests.factories.people import make_account, make_person, sign_in

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
PARTICIPANTS_QUERY = {"for": "participants"}
FOR_PARTICIPANTS, FOR_PUBLIC = queries.ReportEdition.PARTICIPANTS, queries.ReportEdition.EVERYONE
SPECIAL_CHARACTERS = '#let x = "a" $ \\ * _ @label <tag> ]]> \x07'


def make_participant(meeting, name, *, listed=AccessLevel.ORGANISERS, state="", **more) -> models.Registration:
    person = make_person(details={Field.NAME: name}, **more)
    Basis.objects.create(
        person=person, purpose=Purpose.MEETINGS, ground=LegalBasis.PUBLIC_TASK, since=timezone.now(), note="took part"
    )
    return models.Registration.objects.create(
        meeting=meeting, person=person, status=RegistrationStatus.CONFIRMED, listed=listed, state_id=state or None
    )


@pytest.fixture
def meeting():
    State.objects.get_or_create(code="XB", defaults={"kind": "fictional"})
    made = make_meeting()
    session = models.Session.objects.create(
        meeting=made,
        title={"en": "Shelters in small places"},
        state=models.Session.State.READY,
        starts=datetime(2026, 9, 15, 6, 0, tzinfo=UTC),
        ends=datetime(2026, 9, 15, 7, 0, tzinfo=UTC),
    )
    for kind, text, state in (
        ("decision", "To meet in spring.", OutcomeStatus.CONFIRMED),
        ("practice", SPECIAL_CHARACTERS, OutcomeStatus.CONFIRMED),
        ("decision", "Nobody has confirmed this.", OutcomeStatus.RECORDED),
    ):
        models.Outcome.objects.create(meeting=made, session=session, kind=kind, text=text, language="en", state=state)
    promised = models.Outcome.objects.create(
        meeting=made, kind="commitment", text="A shelter.", language="en", state=OutcomeStatus.CONFIRMED
    )
    models.Commitment.objects.create(outcome=promised, state_id="XB", due="2026-10")
    return made


def test_the_report_lists_confirmed_outcomes_in_numbered_sections(meeting):
    make_participant(meeting, "Fictional Somebody", state="XB")
    report = queries.build_report(meeting, "en", NOW, FOR_PARTICIPANTS)
    assert [
        f"{number} {part.text}" for number, part in report.numbered_blocks() if isinstance(part, ReportHeading)
    ] == [
        "1 Attendance",
        "2 Programme",
        "3 Outcomes",
        "3.1 Decisions",
        "3.2 Commitments",
        "3.3 Practices mentioned",
    ]
    assert (
        Table(
            "Status on 24 November 2026",
            ("Who", "What", "Until", "Current status"),
            (("Sudmar", "A shelter.", "October 2026", "commitment made, overdue"),),
        )
        in report.blocks
    )
    assert "Nobody has confirmed this." not in str(report)


def test_programme_times_are_in_the_time_zone_of_the_meeting(meeting):
    table = next(
        one for one in queries.build_report(meeting, "en", NOW, FOR_PARTICIPANTS).blocks if isinstance(one, Table)
    )
    assert table.rows == (("15 Sep, 09:00", "Shelters in small places"),)  # the session has no room


def test_the_report_names_only_people_who_agreed_and_no_one_at_risk(meeting):
    make_participant(meeting, "Fictional Open", listed=AccessLevel.PUBLIC)
    make_participant(meeting, "Fictional Among Us", listed=AccessLevel.PARTICIPANTS)
    make_participant(meeting, "Fictional Closed")
    make_participant(meeting, "Fictional Hidden", listed=AccessLevel.PUBLIC, at_risk=True, pseudonym="Fictional Star")
    named = {
        edition: {
            one
            for one in ("Open", "Among Us", "Closed", "Hidden", "Star")
            if f"Fictional {one}" in str(queries.build_report(meeting, "en", NOW, edition))
        }
        for edition in queries.ReportEdition
    }
    assert named == {FOR_PUBLIC: {"Open"}, FOR_PARTICIPANTS: {"Open", "Among Us"}}


def test_the_public_edition_has_only_public_outcomes_and_the_other_states_its_audience(meeting):
    session = meeting.sessions.get()
    for access in AccessLevel:
        models.Outcome.objects.create(
            meeting=meeting, session=session, kind="decision", text=f"For {access}.", language="en",
            state=OutcomeStatus.CONFIRMED, access=access,
        )  # fmt: skip
    make_session(meeting, 14, access=AccessLevel.SPEAKERS)
    for edition, levels, closed in ((FOR_PUBLIC, 1, True), (FOR_PARTICIPANTS, 3, True)):
        report = queries.build_report(meeting, "en", NOW, edition)
        said = next(part for part in report.blocks if isinstance(part, BulletList) and "For public." in str(part))
        assert sum(one.text.startswith("For ") for one in said.items) == levels
        assert ("Closed session" in str(report)) is closed
    notices = {edition: queries.build_report(meeting, "en", NOW, edition).notice for edition in queries.ReportEdition}
    assert notices == {
        FOR_PUBLIC: "Fictional meeting, for demonstration.",
        FOR_PARTICIPANTS: "Fictional meeting, for demonstration. For people who took part. "
        "People named here agreed to be named to the other participants only.",
    }


def test_written_survey_answers_appear_only_in_the_edition_for_participants(meeting):
    make_commitment_and_survey(meeting)
    now = timezone.now()
    told = {
        edition: "Something else, 1." in str(queries.build_report(meeting, "en", now, edition))
        for edition in queries.ReportEdition
    }
    assert told == {FOR_PUBLIC: False, FOR_PARTICIPANTS: True}


def test_an_unknown_edition_falls_back_to_the_public_one(client, meeting):
    make_participant(meeting, "Fictional Among Us", listed=AccessLevel.PARTICIPANTS)
    sign_in(client, make_organiser(meeting))
    page = reverse("meetings:manage-report", args=[meeting.public_id])
    assert [
        "Fictional Among Us" in client.get(page, {"for": asked}).content.decode()
        for asked in ("", "organisers", "participants")
    ] == [False, False, True]


def test_the_participant_list_shows_only_people_who_agreed_and_is_never_cached(client, meeting):
    opened = make_participant(meeting, "Fictional Open", listed=AccessLevel.PUBLIC)
    make_participant(meeting, "Fictional Among Us", listed=AccessLevel.PARTICIPANTS)
    page = reverse("meetings:participants", args=[meeting.public_id])
    answer = client.get(page)
    assert ("Fictional Open" in answer.content.decode(), "Among Us" in answer.content.decode()) == (True, False)
    assert answer["Cache-Control"] == "private, no-store"
    account = make_account()
    Person.objects.filter(pk=opened.person_id).update(account=account)
    assert "Among Us" in sign_in(client, account).get(page).content.decode()
    models.Registration.objects.filter(pk=opened.pk).update(listed=AccessLevel.ORGANISERS)
    assert "Fictional Open" not in client.get(page).content.decode()


def test_only_an_organiser_can_download_the_report(client, meeting):
    addresses = [reverse(f"meetings:{name}", args=[meeting.public_id]) for name in ("report-docx", "report-pdf")]
    sign_in(client, make_account())
    assert [client.get(one).status_code for one in addresses] == [403, 403]
    sign_in(client, make_organiser(meeting))
    assert [client.get(one).status_code for one in addresses] == [200, 200]


def test_the_pdf_prints_special_characters_unchanged(client, meeting):
    sign_in(client, make_organiser(meeting))
    content = client.get(reverse("meetings:report-pdf", args=[meeting.public_id]), PARTICIPANTS_QUERY).content
    text = " ".join(line.text for page in read_pages(content, "report", "pdf").pages for line in page.lines)
    assert "2.2 Commitments" in text
    assert '#let x = "a" $' in text.replace("“", '"').replace("”", '"')


def test_the_docx_has_real_headings_lists_and_tables_in_its_language(client, meeting):
    sign_in(client, make_organiser(meeting))
    address = reverse("meetings:report-docx", args=[meeting.public_id]).replace("/en/", "/fr/")
    content = client.get(address, PARTICIPANTS_QUERY).content
    written = Document(io.BytesIO(content))
    styles = {paragraph.style.name for paragraph in written.paragraphs}
    assert {"Title", "Heading 1", "Heading 2", "List Bullet"} <= styles
    assert written.core_properties.language == "fr"
    assert len(written.tables) == 2
    lists = [paragraph for paragraph in written.paragraphs if paragraph.style.name == "List Bullet"]
    assert lists[0].text == "To meet in spring."
    assert 'w:lang w:val="en"' in lists[0]._p.xml


def test_characters_that_are_invalid_in_xml_are_left_out_of_the_docx():
    report = MeetingReport("A\x00 title", "en", (), (BulletList((Paragraph("bell \x07 rings"),)),))
    written = Document(io.BytesIO(render_docx(report)))
    assert [one.text for one in written.paragraphs] == ["A title", "bell  rings"]


def test_a_long_title_is_cut_in_the_file_properties_but_not_on_the_first_page():
    written = Document(io.BytesIO(render_docx(MeetingReport("long " * 60 + "title", "en", (), ()))))
    assert written.paragraphs[0].text == "long " * 60 + "title"
    assert written.core_properties.title == ("long " * 60)[:255]


def test_a_report_of_a_real_meeting_with_fictional_participants_says_so():
    real = make_meeting(fictional=False, fictional_people=True)
    assert queries.build_report(real, "en", NOW, FOR_PUBLIC).notice == (
        "The participants in this meeting are fictional: no name or figure given for them here is real."
    )
    assert queries.build_report(make_meeting(fictional=False), "en", NOW, FOR_PUBLIC).notice == ""


def test_the_programme_has_a_room_column_if_a_session_has_a_room(meeting):
    session = make_session(meeting, 14, room=make_room(meeting))
    table = next(
        one for one in queries.build_report(meeting, "en", NOW, FOR_PARTICIPANTS).blocks if isinstance(one, Table)
    )
    assert (table.columns, table.rows[-1][1:]) == (
        ("When", "Session", "Room"),
        (session.title["en"], "Main hall"),
    )


# --- Small numbers ----------------------------------------------------------------------------------------------------


def test_no_figure_of_the_report_counts_fewer_than_five_people(meeting):
    """Group, country, gender and survey answers: none is shown, and none can be calculated from the others."""
    State.objects.get_or_create(code="XC", defaults={"kind": "fictional"})
    for number in range(18):
        row = make_participant(meeting, f"Fictional {number}", state="XB")
        row.group, row.gender = "researchers", "woman"
        row.save()
    lone = make_participant(meeting, "Fictional Lone", state="XC")
    lone.group, lone.gender = "politicians", "man"
    lone.save()
    _outcome, question = make_commitment_and_survey(meeting)
    question.tallies.create(value="5", count=7)
    question.tallies.create(value="1", count=1)
    choice = question.survey.questions.create(
        text={"en": "Again?"}, kind="choice", options=[{"key": one, "text": {"en": one}} for one in ("yes", "no")]
    )
    choice.tallies.create(value="yes", count=9)
    choice.tallies.create(value="no", count=1)
    report = queries.build_report(meeting, "en", timezone.now(), FOR_PUBLIC)  # after the survey has closed
    tables = {
        block.caption: dict(block.rows)
        for block in report.blocks
        if isinstance(block, Table) and len(block.columns) == 2
    }
    numbers = [number for table in tables.values() for number in table.values()]
    assert tables["By group"] == {"politicians": "–", "practitioners": "0", "researchers": "–", "civil society": "0"}
    assert tables["By country"] == {"other or not specified": "19"}
    assert tables["By gender, where given; small numbers are not shown"] == {"man": "–", "woman": "–"}
    assert tables["10 answers"] == {"yes": "–", "no": "–"}
    assert [number for number in numbers if number.isdigit() and 0 < int(number) < 5] == []
    assert any(isinstance(block, Paragraph) and "average 4.5" in block.text for block in report.blocks)


def test_a_report_of_a_meeting_of_few_people_has_no_tables(meeting):
    make_participant(meeting, "Fictional Lone", state="XB")
    report = queries.build_report(meeting, "en", NOW, FOR_PUBLIC)
    assert Paragraph("Fewer than 5 participants had a place.") in report.blocks
    assert [block.caption for block in report.blocks if isinstance(block, Table) and "By " in block.caption] == []
