"""The report of a meeting from its record: what was said, by whom it was promised, who came, in numbers."""

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

from samsvar.dates import shown, shown_span
from samsvar.languages import best
from samsvar.meetings.figures import Attendee, Figures, figures
from samsvar.meetings.meeting import Access
from samsvar.meetings.outcomes import OutcomeKind, OutcomeState
from samsvar.meetings.registration import Standing
from samsvar.meetings.report import Heading, Items, MeetingReport, Paragraph, Part, Table
from samsvar.meetings.survey import Result
from samsvar.network.people import Field
from samsvar.site.meetings import models
from samsvar.site.meetings.outcomes import labels as words
from samsvar.site.meetings.outcomes.queries import survey as surveys
from samsvar.site.meetings.outcomes.queries.outcomes import CommitmentView, views_of
from samsvar.site.network import labels as network_words
from samsvar.site.network.directory.queries.participants import participants_for
from samsvar.site.network.directory.queries.people import PersonView
from samsvar.site.shell.labels import SEMICOLON
from samsvar.territories import name_of


def figures_of(meeting: models.Meeting) -> Figures:
    """The numbers of a meeting: everybody with a place, and who came. Of people at risk the country is not counted."""
    came = set(
        meeting.check_ins.filter(undone_at__isnull=True, registration__isnull=False).values_list(
            "registration_id", flat=True
        )
    )
    rows = meeting.registrations.filter(standing=Standing.CONFIRMED).select_related("person")
    return figures(
        Attendee(
            group=row.group,
            country="" if row.person is not None and row.person.at_risk else row.state_id or "",
            gender=row.gender,
            came=row.pk in came,
        )
        for row in rows
    )


def listed(meeting: models.Meeting, levels: frozenset[Access]) -> list[tuple[str, str, str]]:
    """(name, organisation, country code) of those who agreed to be listed for one of these levels; nobody at risk."""
    rows = list(
        meeting.registrations.filter(
            standing=Standing.CONFIRMED,
            listed__in=[str(one) for one in levels - {Access.ORGANISERS}],
            person__isnull=False,
            person__at_risk=False,
            person__erased_at__isnull=True,
        ).select_related("person")
    )
    people = [row.person for row in rows if row.person]
    told = participants_for(None, people, subject="a list by consent", fields=(Field.NAME, Field.ORGANISATION))
    found = []
    for row in rows:
        view = told.get(row.person_id or 0)
        if view is not None and view.name:
            found.append((view.name, _body(view), row.state_id or ""))
    return sorted(found, key=lambda one: one[0].casefold())


def _body(view: PersonView) -> str:
    return view.organisation.shown if view.organisation else ""


class Edition(StrEnum):
    """For whom a report is made: it holds what these may read, names those who agreed to them, and says so."""

    EVERYBODY = "everybody"
    PARTICIPANTS = "participants"

    @property
    def levels(self) -> frozenset[Access]:
        if self is Edition.EVERYBODY:
            return frozenset({Access.PUBLIC})
        return frozenset({Access.PUBLIC, Access.SIGNED_IN, Access.PARTICIPANTS})


def report_of(meeting: models.Meeting, language: str, now: datetime, edition: Edition) -> MeetingReport:
    """The whole report in one language, with what stands confirmed and its readers may read, and nothing else."""
    with translation.override(language):
        return MeetingReport(
            title=_said(meeting.title, meeting, language),
            language=language,
            under=tuple(one for one in _under(meeting, language) if one),
            parts=tuple(_parts(meeting, language, now, edition)),
            notice=_notice(meeting, edition),
        )


def _notice(meeting: models.Meeting, edition: Edition) -> str:
    said = []
    if meeting.invented:
        said.append(_("Invented meeting, for demonstration."))
    elif meeting.invented_people:
        said.append(_("The participants of this meeting are invented: no name and no figure of them here is a fact."))
    if edition is Edition.PARTICIPANTS:
        said.append(
            _("For those who took part. It names people who agreed to be named to the other participants, not further.")
        )
    return " ".join(said)


def _under(meeting: models.Meeting, language: str) -> Iterator[str]:
    yield shown_span(meeting.begins, meeting.ends, language, meeting.precision)
    place = ", ".join(one for one in (meeting.place, meeting.city) if one)
    yield place
    bodies = [one.organisation.name for one in meeting.organisations.select_related("organisation")]
    yield ", ".join(bodies)


def _parts(meeting: models.Meeting, language: str, now: datetime, edition: Edition) -> Iterator[Part]:
    if meeting.purpose:
        yield Heading(_("What it was for"))
        yield Paragraph(_said(meeting.purpose, meeting, language), _other(meeting.purpose, meeting, language))
    yield from _figures(figures_of(meeting), language)
    yield from _programme(meeting, language, edition)
    yield from _outcomes(meeting, language, now.date(), edition)
    yield from _survey(meeting, language, now, edition)
    people = listed(meeting, edition.levels)
    if people:
        yield Heading(_("Participants who agreed to be listed"))
        yield Table(
            _("In the order of the alphabet"),
            (pgettext("of a person", "Name"), _("Organisation"), _("Country")),
            tuple((name, body, name_of(code, language) if code else "") for name, body, code in people),
        )


def _figures(numbers: Figures, language: str) -> Iterator[Part]:
    if not numbers.places:
        return
    yield Heading(_("Who took part"))
    if numbers.came:
        yield Paragraph(
            ngettext(
                "%(came)s of %(places)s participant with a place came.",
                "%(came)s of %(places)s participants with a place came.",
                numbers.places,
            )
            % {"came": numbers.came, "places": numbers.places}
        )
    else:
        yield Paragraph(
            ngettext("%(places)s participant had a place.", "%(places)s participants had a place.", numbers.places)
            % {"places": numbers.places}
        )
    unsaid = _("not said")
    yield Table(
        _("By group"),
        (_("Group"), _("Number")),
        tuple((_group(one) or unsaid, str(count)) for one, count in numbers.groups.items()),
    )
    yield Table(
        _("By country"),
        (_("Country"), _("Number")),
        tuple(
            (name_of(one, language) if one else _("others, or not said"), str(count))
            for one, count in numbers.countries.items()
        ),
    )
    if set(numbers.genders) - {""}:
        yield Table(
            _("By gender, where it was given; small numbers are kept back"),
            (_("Gender"), _("Number")),
            tuple(
                (_gender(one) or unsaid, "–" if count is None else str(count)) for one, count in numbers.genders.items()
            ),
        )


def _programme(meeting: models.Meeting, language: str, edition: Edition) -> Iterator[Part]:
    held = meeting.sessions.filter(state=models.Session.State.READY, starts__isnull=False).exclude(
        kind__in=("break", "social")
    )
    rows: list[tuple[str, ...]] = []
    for session in held.select_related("room").order_by("starts", "pk"):
        assert session.starts is not None
        when = format_datetime(session.starts, "d MMM, HH:mm", tzinfo=ZoneInfo(meeting.zone), locale=language)
        is_open = session.access in edition.levels
        title = _said(session.title, meeting, language) if is_open else _("Closed session")
        rows.append((str(when), title, session.room.name if session.room and is_open else ""))
    if rows:
        columns: tuple[str, ...] = (_("When"), _("Session"), _("Room"))
        if not any(row[2] for row in rows):
            columns, rows = columns[:2], [row[:2] for row in rows]
        yield Heading(_("Programme"))
        yield Table(_("Times in the zone %(zone)s") % {"zone": meeting.zone}, columns, tuple(rows))


def _outcomes(meeting: models.Meeting, language: str, day: date, edition: Edition) -> Iterator[Part]:
    outcomes = list(
        meeting.outcomes.filter(state=OutcomeState.CONFIRMED, access__in=edition.levels)
        .select_related("meeting", "session", "commitment__organisation")
        .order_by("pk")
    )
    headings = (
        (OutcomeKind.DECISION, _("Decisions")),
        (OutcomeKind.QUESTION, _("Questions that stayed open")),
        (OutcomeKind.PRACTICE, _("Practices that were mentioned")),
    )
    commitments = views_of([one for one in outcomes if one.kind == OutcomeKind.COMMITMENT], day)
    if outcomes:
        yield Heading(_("What came of it"))
    for kind, heading in headings:
        said = [one for one in outcomes if one.kind == kind]
        if said:
            yield Heading(heading, 2)
            yield Items(tuple(Paragraph(one.text, "" if one.language == language else one.language) for one in said))
        if kind is OutcomeKind.DECISION and commitments:
            yield Heading(_("Commitments"), 2)
            yield Table(
                _("As they stand on %(day)s") % {"day": shown(day, language)},
                (_("Who"), _("What"), _("Until"), _("How it stands")),
                tuple(_commitment(one, language) for one in commitments),
            )


def _commitment(one: CommitmentView, language: str) -> tuple[str, ...]:
    body = one.commitment.organisation
    who = body.name if body else name_of(one.commitment.state_id or "", language)
    stands = str(words.KEEPINGS[one.keeping])
    if one.overdue:
        stands += ", " + _("overdue")
    return who, one.outcome.text, one.due.shown(language) if one.due else "", stands


def _survey(meeting: models.Meeting, language: str, now: datetime, edition: Edition) -> Iterator[Part]:
    """Numbers for everybody; what people wrote in their own words stays among those who were there."""
    survey = surveys.survey_of(meeting)
    if survey is None:
        return
    results = surveys.results_of(survey, language, now)
    told = [
        one for one in results.asked if one.result.told and (edition is Edition.PARTICIPANTS or not one.result.texts)
    ]
    if not told:
        return
    yield Heading(_("What participants thought"))
    for one in told:
        yield Heading(_said(one.question.text, meeting, language), 2)
        if one.result.texts:
            yield Items(tuple(Paragraph(text) for text in one.result.texts))
        else:
            rows = tuple((word, str(count)) for word, count in one.rows)
            yield Table(_answers(one.result, language), (_("Answer"), _("Number")), rows)


def _answers(result: Result, language: str) -> str:
    said = ngettext("%(answers)s answer", "%(answers)s answers", result.answers) % {"answers": result.answers}
    if result.mean is None:
        return said
    mean = format_decimal(result.mean, format="0.0", locale=language)
    return f"{said}{SEMICOLON} " + _("mean %(mean)s of 1 to 5") % {"mean": mean}


def as_data(report: MeetingReport) -> dict[str, Any]:
    """The report as plain data, for Typst."""
    return {
        "title": report.title,
        "language": report.language,
        "under": list(report.under),
        "notice": report.notice,
        "parts": [_as_data(number, part) for number, part in report.numbered()],
    }


def _as_data(number: str, part: Part) -> dict[str, Any]:
    match part:
        case Heading():
            return {"kind": "heading", "level": part.level, "text": f"{number} {part.text}"}
        case Paragraph():
            return {"kind": "paragraph", "text": part.text, "language": part.language}
        case Items():
            return {"kind": "items", "items": [{"text": one.text, "language": one.language} for one in part.items]}
        case Table():
            return {
                "kind": "table",
                "caption": part.caption,
                "columns": list(part.columns),
                "rows": [list(row) for row in part.rows],
            }


def _said(texts: dict[str, str], meeting: models.Meeting, language: str) -> str:
    return best(texts, language, str((meeting.languages or [""])[0]))[1]


def _other(texts: dict[str, str], meeting: models.Meeting, language: str) -> str:
    code = best(texts, language, str((meeting.languages or [""])[0]))[0]
    return "" if code == language else code


def _group(value: str) -> str:
    return str(next((word for group, word in network_words.GROUPS.items() if group.value == value), ""))


def _gender(value: str) -> str:
    return str(network_words.GENDERS.get(value, value))
