"""Meetings as the search page shows them, above what the index found."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from samsvar.languages import best
from samsvar.site.meetings.meeting import labels as words
from samsvar.site.meetings.meeting.permissions import User
from samsvar.site.meetings.meeting.queries.meetings import meetings_found
from samsvar.site.meetings.models import Meeting
from samsvar.site.meetings.templatetags.meetings import days_of
from samsvar.site.search.queries import Beside
from samsvar.site.shell.labels import word
from samsvar.territories import city_in, name_of


def found_beside(user: User, asked: str, language: str) -> list[Beside]:
    """The meetings that a question names, as this user may know of them."""
    return [_beside(one, language) for one in meetings_found(user, asked)]


def _beside(meeting: Meeting, language: str) -> Beside:
    code, title = best(meeting.title, language, (meeting.languages or [""])[0])
    return Beside(
        href=reverse("meetings:meeting", args=[meeting.public_id]),
        title=title,
        language="" if code == language else code,
        line=" · ".join(_line(meeting, language)),
        invented=meeting.invented,
    )


def _line(meeting: Meeting, language: str) -> Iterator[str]:
    yield days_of(meeting)
    yield str(word(words.KINDS, meeting.kind))  # type: ignore[arg-type]
    if meeting.city:
        yield city_in(meeting.city, meeting.zone, language)
    if meeting.state_id:
        yield name_of(meeting.state_id, language)
