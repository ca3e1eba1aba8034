"""When, where and by whom a meeting is held, as emails and letters say it."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from samsvar.dates import shown, shown_span
from samsvar.languages import best
from samsvar.meetings.meeting import Access
from samsvar.site.meetings import models
from samsvar.territories import name_of

LANGUAGES = ("en", "fr", "nb", "ro")  # in which letters are written


def title_of(meeting: models.Meeting, language: str) -> str:
    return best(meeting.title, language, (meeting.languages or [""])[0])[1]


def days_of(meeting: models.Meeting, language: str) -> str:
    return shown_span(meeting.begins, meeting.ends, language, meeting.precision)


def day_in(day: date, language: str) -> str:
    return shown(day, language)


def place_of(meeting: models.Meeting) -> str:
    return ", ".join(dict.fromkeys(one for one in (meeting.place, meeting.address, meeting.city) if one))


def when_and_where(meeting: models.Meeting, language: str) -> str:
    """Days and place as a letter says them: "14–16 September 2027, Great Hall, Harbour, Sudmar"."""
    state = name_of(meeting.state_id, language) if meeting.state_id else ""
    return ", ".join(one for one in (days_of(meeting, language), place_of(meeting), state) if one)


def told_to_the_invited(meeting: models.Meeting, language: str) -> dict[str, str]:
    """When, where and who invites, as a letter says it; of a meeting that is not public no more than their page."""
    if meeting.access == Access.PUBLIC:
        when = when_and_where(meeting, language)
    else:
        state = name_of(meeting.state_id, language) if meeting.state_id else ""
        when = ", ".join(one for one in (days_of(meeting, language), meeting.city, state) if one)
    bodies = bodies_of(meeting) or ((meeting.network.name,) if meeting.network is not None else ())
    with override(language):
        who = " " + _("It is held by: %(bodies)s.") % {"bodies": ", ".join(bodies)} if bodies else ""
    return {"when": when, "who": who}


def bodies_of(meeting: models.Meeting) -> tuple[str, ...]:
    """Who holds and organises the meeting: letters come from them."""
    roles = models.MeetingOrganisation.Role
    rows = meeting.organisations.filter(role__in=(roles.HOST, roles.ORGANISER)).select_related("organisation")
    return tuple(dict.fromkeys(row.organisation.name for row in rows))


def today_in(meeting: models.Meeting) -> date:
    return timezone.now().astimezone(ZoneInfo(meeting.zone)).date()


def reader_language() -> str:
    found = get_language() or "en"
    return found if found in LANGUAGES else "en"
