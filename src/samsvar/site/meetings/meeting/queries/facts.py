"""Dates, place and organisers of a meeting, formatted for emails and letters."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from samsvar.dates import display_date_range
from samsvar.meetings.meeting import AccessLevel
from samsvar.site.meetings import models
from samsvar.territories import territory_name

LETTER_LANGUAGES = ("en", "fr", "nb", "ro")


def format_days(meeting: models.Meeting, language: str) -> str:
    return display_date_range(meeting.begins, meeting.ends, language, meeting.precision)


def format_place(meeting: models.Meeting) -> str:
    return ", ".join(dict.fromkeys(one for one in (meeting.place, meeting.address, meeting.city) if one))


def format_when_and_where(meeting: models.Meeting, language: str, *, city_only: bool = False) -> str:
    """Return the dates and place as one text: "14–16 September 2027, Great Hall, Harbour, Sudmar"."""
    place = meeting.city if city_only else format_place(meeting)
    state = territory_name(meeting.state_id, language) if meeting.state_id else ""
    return ", ".join(one for one in (format_days(meeting, language), place, state) if one)


def invitation_facts(meeting: models.Meeting, language: str) -> dict[str, str]:
    """Return the dates, place and organisers of a meeting as texts for an invitation email.

    If the meeting is not public, the place is limited to the city and country, as on the invitation page.
    """
    when = format_when_and_where(meeting, language, city_only=meeting.access != AccessLevel.PUBLIC)
    bodies = get_organiser_names(meeting) or ((meeting.network.name,) if meeting.network is not None else ())
    with override(language):
        organisers = _("The meeting is organised by %(bodies)s.") % {"bodies": ", ".join(bodies)}
    return {"when": when, "who": f" {organisers}" if bodies else ""}


def get_organiser_names(meeting: models.Meeting) -> tuple[str, ...]:
    """Return the names of the hosts and organisers, who send the meeting's letters."""
    roles = models.MeetingOrganisation.Role
    rows = meeting.organisations.filter(role__in=(roles.HOST, roles.ORGANISER)).select_related("organisation")
    return tuple(dict.fromkeys(row.organisation.name for row in rows))


def get_local_today(meeting: models.Meeting) -> date:
    return timezone.now().astimezone(ZoneInfo(meeting.zone)).date()


def get_reader_language() -> str:
    language = get_language() or "en"
    return language if language in LETTER_LANGUAGES else "en"
