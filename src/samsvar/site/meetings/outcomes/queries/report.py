"""The report of a meeting, built from its outcomes, commitments, programme, attendance and survey results."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from babel.numbers import format_decimal
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from samsvar.dates import display_date, display_date_range
from samsvar.implementation.suppression import MIN_COUNT, suppress_small_counts
from samsvar.meetings.figures import (
    AttendanceFigures,
    Attendee,
    attendance_figures,
)
from samsvar.meetings.meeting import AccessLevel
from samsvar.meetings.outcomes import OutcomeKind, OutcomeStatus
from samsvar.meetings.registration import RegistrationStatus
from samsvar.meetings.report import BulletList, MeetingReport, Paragraph, ReportBlock, ReportHeading, Table
from samsvar.meetings.survey import QuestionResult
from samsvar.network.people import Field
from samsvar.site.meetings import models
from samsvar.site.meetings.outcomes import labels as words
from samsvar.site.meetings.outcomes.queries import survey as surveys
from samsvar.site.meetings.outcomes.queries.outcomes import CommitmentDetails, build_commitment_details
from samsvar.site.network import labels as network_words
from samsvar.site.network.directory.queries.participants import get_visible_participants
from samsvar.site.shell.labels import SEMICOLON, find_label
from samsvar.territories import territory_name
from samsvar.text import choose_language


def get_attendance_figures(meeting: models.Meeting) -> AttendanceFigures:
    """Return the number of participants with a place and of those who attended, by group, country and gender.

    People at risk are counted without their country.
    """
    check_ins = meeting.check_ins.filter(undone_at__isnull=True, registration__isnull=False)
    checked_in = set(check_ins.values_list("registration_id", flat=True))
    registrations = meeting.registrations.filter(status=RegistrationStatus.CONFIRMED).select_related("person")
    return attendance_figures(
        Attendee(
            group=row.group,
            country="" if row.person is not None and row.person.at_risk else row.state_id or "",
            gender=row.gender,
            checked_in=row.pk in checked_in,
        )
        for row in registrations
    )


def listed_participants(meeting: models.Meeting, levels: frozenset[AccessLevel]) -> list[tuple[str, str, str]]:
    """Return (name, organisation, country code) of participants who agreed to be listed at one of these levels.

    People at risk are never included.
    """
    registrations = meeting.registrations.filter(
        status=RegistrationStatus.CONFIRMED,
        listed__in=[str(one) for one in levels - {AccessLevel.ORGANISERS}],
        person__isnull=False,
        person__at_risk=False,
        person__erased_at__isnull=True,
    ).select_related("person")
    people = [registration.person for registration in registrations if registration.person]
    views = get_visible_participants(None, people, subject="a list by consent", fields=(Field.NAME, Field.ORGANISATION))
    entries = []
    for registration in registrations:
        view = views.get(registration.person_id or 0)
        if view is not None and view.name:
            organisation = view.organisation.label if view.organisation else ""
            entries.append((view.name, organisation, registration.state_id or ""))
    return sorted(entries, key=lambda one: one[0].casefold())


class ReportEdition(StrEnum):
    """The editions of a report: for everyone and for participants. Each contains only what its readers may see."""

    EVERYONE = "everyone"
    PARTICIPANTS = "participants"

    @property
    def access_levels(self) -> frozenset[AccessLevel]:
        if self is ReportEdition.EVERYONE:
            return frozenset({AccessLevel.PUBLIC})
        return frozenset({AccessLevel.PUBLIC, AccessLevel.SIGNED_IN, AccessLevel.PARTICIPANTS})


def build_report(meeting: models.Meeting, language: str, now: datetime, edition: ReportEdition) -> MeetingReport:
    """Return the report in one language, with the confirmed outcomes that readers of this edition may see."""
    with translation.override(language):
        return MeetingReport(
            title=meeting.get_title(language),
            language=language,
            subtitle_lines=tuple(one for one in _subtitle_lines(meeting, language) if one),
            blocks=tuple(_report_blocks(meeting, language, now, edition)),
            notice=_report_notice(meeting, edition),
        )


def _report_notice(meeting: models.Meeting, edition: ReportEdition) -> str:
    sentences = []
    if meeting.fictional:
        sentences.append(_("Fictional meeting, for demonstration."))
    elif meeting.fictional_people:
        sentences.append(
            _("The participants in this meeting are fictional: no name or figure given for them here is real.")
        )
    if edition is ReportEdition.PARTICIPANTS:
        sentences.append(
            _("For people who took part. People named here agreed to be named to the other participants only.")
        )
    return " ".join(sentences)


def _subtitle_lines(meeting: models.Meeting, language: str) -> Iterator[str]:
    yield display_date_range(meeting.begins, meeting.ends, language, meeting.precision)
    yield ", ".join(one for one in (meeting.place, meeting.city) if one)
    yield ", ".join(one.organisation.name for one in meeting.organisations.select_related("organisation"))


def _report_blocks(
    meeting: models.Meeting, language: str, now: datetime, edition: ReportEdition
) -> Iterator[ReportBlock]:
    if meeting.purpose:
        yield ReportHeading(_("Purpose of the meeting"))
        code = choose_language(meeting.purpose, language, meeting.original_language)
        yield Paragraph(meeting.choose_text(meeting.purpose, language), "" if code == language else code)
    yield from _attendance_blocks(get_attendance_figures(meeting), language)
    yield from _programme_blocks(meeting, language, edition)
    yield from _outcome_blocks(meeting, language, now.date(), edition)
    yield from _survey_blocks(meeting, language, now, edition)
    people = listed_participants(meeting, edition.access_levels)
    if people:
        yield ReportHeading(_("Participants who agreed to be listed"))
        yield Table(
            _("In alphabetical order"),
            (pgettext("of a person", "Name"), _("Organisation"), _("Country")),
            tuple((name, body, territory_name(code, language) if code else "") for name, body, code in people),
        )


def _attendance_blocks(numbers: AttendanceFigures, language: str) -> Iterator[ReportBlock]:
    if numbers.places == 0:
        return
    yield ReportHeading(_("Attendance"))
    if numbers.places is None and not numbers.checked_in:
        yield Paragraph(_("Fewer than %(minimum)s participants had a place.") % {"minimum": MIN_COUNT})
        return
    if numbers.places is None:
        text = ngettext("%(came)s participant attended.", "%(came)s participants attended.", numbers.checked_in or 0)
    elif not numbers.checked_in:
        text = ngettext("%(places)s participant had a place.", "%(places)s participants had a place.", numbers.places)
    else:
        text = ngettext(
            "%(came)s of %(places)s participant with a place attended.",
            "%(came)s of %(places)s participants with a place attended.",
            numbers.places,
        )
    yield Paragraph(text % {"came": numbers.checked_in, "places": numbers.places})
    yield Paragraph(
        _("Numbers from 1 to %(largest)s, and those from which one could be calculated, are not shown (–).")
        % {"largest": MIN_COUNT - 1}
    )
    unsaid, number = _("not specified"), _("Number")
    groups = ((find_label(network_words.GROUPS, one) or unsaid, count) for one, count in numbers.groups.items())
    yield Table(_("By group"), (_("Group"), number), tuple((str(label), _count_text(count)) for label, count in groups))
    other = _("other or not specified")
    countries = ((territory_name(one, language) if one else other, count) for one, count in numbers.countries.items())
    yield Table(_("By country"), (_("Country"), number), tuple((name, str(count)) for name, count in countries))
    if set(numbers.genders) - {""}:
        genders = ((find_label(network_words.GENDERS, one) or unsaid, count) for one, count in numbers.genders.items())
        rows = tuple((str(label), _count_text(count)) for label, count in genders)
        yield Table(_("By gender, where given; small numbers are not shown"), (_("Gender"), number), rows)


def _count_text(count: int | None) -> str:
    return "–" if count is None else str(count)


def _programme_blocks(meeting: models.Meeting, language: str, edition: ReportEdition) -> Iterator[ReportBlock]:
    sessions = meeting.sessions.filter(state=models.Session.State.READY, starts__isnull=False)
    rows: list[tuple[str, ...]] = []
    for session in sessions.exclude(kind__in=("break", "social")).select_related("room").order_by("starts", "pk"):
        assert session.starts is not None
        when = format_datetime(session.starts, "d MMM, HH:mm", tzinfo=ZoneInfo(meeting.zone), locale=language)
        is_open = session.access in edition.access_levels
        title = meeting.choose_text(session.title, language) if is_open else _("Closed session")
        rows.append((str(when), title, session.room.name if session.room and is_open else ""))
    if rows:
        columns: tuple[str, ...] = (_("When"), _("Session"), _("Room"))
        if not any(row[2] for row in rows):
            columns, rows = columns[:2], [row[:2] for row in rows]
        yield ReportHeading(_("Programme"))
        yield Table(_("Times in the %(zone)s time zone") % {"zone": meeting.zone}, columns, tuple(rows))


def _outcome_blocks(meeting: models.Meeting, language: str, day: date, edition: ReportEdition) -> Iterator[ReportBlock]:
    confirmed = meeting.outcomes.filter(state=OutcomeStatus.CONFIRMED, access__in=edition.access_levels)
    outcomes = list(confirmed.select_related("meeting", "session", "commitment__organisation").order_by("pk"))
    headings = (
        (OutcomeKind.DECISION, _("Decisions")),
        (OutcomeKind.QUESTION, _("Questions left open")),
        (OutcomeKind.PRACTICE, _("Practices mentioned")),
    )
    commitments = build_commitment_details([one for one in outcomes if one.kind == OutcomeKind.COMMITMENT], day)
    if outcomes:
        yield ReportHeading(_("Outcomes"))
    for kind, heading in headings:
        outcomes_of_kind = [one for one in outcomes if one.kind == kind]
        if outcomes_of_kind:
            yield ReportHeading(heading, 2)
            texts = ((one.text, "" if one.language == language else one.language) for one in outcomes_of_kind)
            yield BulletList(tuple(Paragraph(text, text_language) for text, text_language in texts))
        if kind is OutcomeKind.DECISION and commitments:
            yield ReportHeading(_("Commitments"), 2)
            yield Table(
                _("Status on %(day)s") % {"day": display_date(day, language)},
                (_("Who"), _("What"), _("Until"), _("Current status")),
                tuple(_commitment_row(one, language) for one in commitments),
            )


def _commitment_row(view: CommitmentDetails, language: str) -> tuple[str, ...]:
    body = view.commitment.organisation
    owner = body.name if body else territory_name(view.commitment.state_id or "", language)
    progress_label = str(words.COMMITMENT_PROGRESS[view.status])
    if view.overdue:
        progress_label += ", " + _("overdue")
    return owner, view.outcome.text, view.due.to_text(language) if view.due else "", progress_label


def _survey_blocks(
    meeting: models.Meeting, language: str, now: datetime, edition: ReportEdition
) -> Iterator[ReportBlock]:
    """Yield the survey results: counts in every edition, free-text answers only in the edition for participants."""
    survey = surveys.find_survey(meeting)
    if survey is None:
        return
    results = surveys.survey_results(survey, language, now).question_results
    questions = [one for one in results if one.result.is_shown]
    if edition is not ReportEdition.PARTICIPANTS:
        questions = [one for one in questions if not one.result.texts]
    if not questions:
        return
    yield ReportHeading(_("Participant feedback"))
    for question_result in questions:
        yield ReportHeading(meeting.choose_text(question_result.question.text, language), 2)
        if question_result.result.texts:
            yield BulletList(tuple(Paragraph(text) for text in question_result.result.texts))
            continue
        summary = _answer_summary(question_result.result, language)
        shown = suppress_small_counts(question_result.result.counts)
        if question_result.result.mean is not None and None in shown.values():
            yield Paragraph(summary)  # with the mean, the suppressed numbers of a scale could be calculated
        else:
            answers = (answer for answer, _count in question_result.answer_counts)
            rows = tuple(zip(answers, map(_count_text, shown.values()), strict=True))
            yield Table(summary, (_("Answer"), _("Number")), rows)


def _answer_summary(result: QuestionResult, language: str) -> str:
    text = ngettext("%(answers)s answer", "%(answers)s answers", result.answers) % {"answers": result.answers}
    if result.mean is None:
        return text
    mean = format_decimal(result.mean, format="0.0", locale=language)
    return f"{text}{SEMICOLON} " + _("average %(mean)s on a scale of 1 to 5") % {"mean": mean}


def report_to_dict(report: MeetingReport) -> dict[str, Any]:
    """Return the report as plain data for Typst."""
    return {
        "title": report.title,
        "language": report.language,
        "under": list(report.subtitle_lines),
        "notice": report.notice,
        "parts": [_block_to_dict(number, part) for number, part in report.numbered_blocks()],
    }


def _block_to_dict(number: str, part: ReportBlock) -> dict[str, Any]:
    match part:
        case ReportHeading():
            return {"kind": "heading", "level": part.level, "text": f"{number} {part.text}"}
        case Paragraph():
            return {"kind": "paragraph", "text": part.text, "language": part.language}
        case BulletList():
            return {"kind": "items", "items": [{"text": one.text, "language": one.language} for one in part.items]}
        case Table():
            return {
                "kind": "table",
                "caption": part.caption,
                "columns": list(part.columns),
                "rows": [list(row) for row in part.rows],
            }
