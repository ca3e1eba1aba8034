"""Meetings as extra results on the search page, shown above the results from the index."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from samsvar.site.meetings.meeting.permissions import User
from samsvar.site.meetings.meeting.queries.meetings import search_meetings
from samsvar.site.meetings.models import Meeting
from samsvar.site.meetings.templatetags.meetings import meeting_dates
from samsvar.site.search.queries import ExtraResult
from samsvar.territories import localised_city, territory_name
from samsvar.text import choose_language


def matching_meetings(user: User, query: str, language: str) -> list[ExtraResult]:
    """Return the meetings that match a search and are visible to this user."""
    return [_build_extra_result(meeting, language) for meeting in search_meetings(user, query)]


def _build_extra_result(meeting: Meeting, language: str) -> ExtraResult:
    code = choose_language(meeting.title, language, meeting.original_language)
    return ExtraResult(
        href=reverse("meetings:meeting", args=[meeting.public_id]),
        title=meeting.get_title(language),
        language="" if code == language else code,
        details=" · ".join(_result_details(meeting, language)),
        fictional=meeting.fictional,
    )


def _result_details(meeting: Meeting, language: str) -> Iterator[str]:
    yield meeting_dates(meeting)
    yield meeting.get_kind_display()
    if meeting.city:
        yield localised_city(meeting.city, meeting.zone, language)
    if meeting.state_id:
        yield territory_name(meeting.state_id, language)
