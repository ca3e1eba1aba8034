"""Template tags that render a programme's sessions and people as HTML: `{% load programme %}`.

Templates would be slower: 24 sessions take 0.6 ms here and 2.9 ms in a template, of the 12 ms that the whole page takes
(2026-11-27). A programme may have 60 sessions and 60 people.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from html import escape as escaped  # Django's `escape` also handles lazy strings, and takes three times as long
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date
from django import template
from django.urls import NoReverseMatch, get_script_prefix, reverse
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from samsvar.site.meetings import models
from samsvar.site.meetings.meeting import labels as meeting_labels
from samsvar.site.meetings.programme import labels as programme_labels
from samsvar.site.meetings.programme.queries.draft import DraftPerson
from samsvar.site.meetings.programme.queries.published import (
    NestedProgramme,
    ProgrammeDay,
    PublishedPerson,
    Speaker,
    VisibleSession,
)
from samsvar.site.meetings.templatetags.meetings import datetime_in_zone
from samsvar.site.network.labels import translated_language_name
from samsvar.site.shell.labels import SEMICOLON
from samsvar.site.shell.templatetags.samsvar import day as shown_day
from samsvar.territories import territory_name
from samsvar.text import choose_language

register = template.Library()
MAX_PRINTED_ROOMS = 6  # as many as fit side by side on paper; with more rooms, the printed page is a list


def _current_language() -> str:
    return get_language() or "en"


@register.filter
def full_date(day: date) -> str:
    """Return a date in full in the reader's language: "Tuesday, 15 September 2026"."""
    return _long_date(day, _current_language())


@lru_cache(maxsize=512)
def _long_date(day: date, language: str) -> str:
    return str(format_date(day, "full", locale="en_GB" if language == "en" else language))


@register.simple_tag
def render_day(day: ProgrammeDay, meeting: models.Meeting) -> SafeString:
    """Render the sessions of a day: as a table of times and rooms, or as a list if none run in parallel."""
    renderer = SessionRenderer(meeting)
    if not day.table.rooms:
        items = "".join(renderer.render_session(day.sessions[key]) for key in day.table.session_keys)
        return mark_safe(f'<ol class="programme">{items}</ol>')  # noqa: S308 - the renderer escapes
    return mark_safe(renderer.render_table(day))  # noqa: S308 - the renderer escapes


@register.simple_tag
def render_session(entry: VisibleSession, meeting: models.Meeting) -> SafeString:
    """Render a session as a list item: time, room, title, languages and people. Closed sessions show only the time."""
    return mark_safe(SessionRenderer(meeting).render_session(entry))  # noqa: S308 - the renderer escapes


class SessionRenderer:
    """Renderer for the sessions of a meeting in the reader's language; it caches texts that several sessions share."""

    def __init__(self, meeting: models.Meeting) -> None:
        self.meeting = meeting
        self.language = _current_language()
        self.zone = ZoneInfo(meeting.zone)
        self.base = escaped(reverse("meetings:programme", args=[meeting.public_id]))
        self._facts: dict[Any, str] = {}
        self._people: dict[Any, str] = {}

    def render_table(self, day: ProgrammeDay) -> str:
        """Render a day as a table of times by rooms. Cells without a session are hidden on narrow screens."""
        rooms = day.table.rooms
        many = ' data-many=""' if len(rooms) > MAX_PRINTED_ROOMS else ""
        label = escaped(full_date(day.day))
        parts = [
            f'<div class="timetable-frame"{many} tabindex="0" role="group" aria-label="{label}">',
            f'<table class="timetable"><thead><tr><th scope="col">{escaped(_("Time"))}</th>',
            *(f'<th scope="col">{escaped(day.rooms.get(room) or _("Room not specified"))}</th>' for room in rooms),
            "</tr></thead><tbody>",
        ]
        for time_row in day.table.rows:
            at = time_row.at.astimezone(self.zone)
            parts.append(f'<tr><th scope="row">{at.strftime("%H:%M")}</th>')
            for cell in time_row.cells:
                if not cell.key:
                    parts.append("<td></td>")
                    continue
                colspan = f' colspan="{cell.columns}"' if cell.columns > 1 else ""
                rowspan = f' rowspan="{cell.rows}"' if cell.rows > 1 else ""
                parts.append(self.render_session(day.sessions[cell.key], "td", colspan + rowspan))
            parts.append("</tr>")
        parts.append("</tbody></table></div>")
        return "".join(parts)

    def render_session(self, entry: VisibleSession, element: str = "li", attributes: str = "") -> str:
        """Render a session as a list item or table cell, with all text escaped."""
        session = entry.session
        marks = ' data-closed=""' if entry.closed else f' data-kind="{session.kind.value}"'
        if session.cancelled:
            marks += ' data-cancelled=""'
        if entry.colour:
            marks += f' data-colour="{escaped(entry.colour)}"'
        when = _render_time_range(session.starts, session.ends, self.zone)
        where = " · ".join(filter(None, (when, escaped(entry.room))))
        parts = [f'<{element} class="session-card"{attributes}{marks}>']
        if where:
            parts.append(f'<p class="session-when">{where}</p>')
        if entry.closed:
            parts.append(f"<h4>{escaped(_('Closed session'))}</h4></{element}>")
            return "".join(parts)
        title = _render_translated_text(session.title, self.language, self.meeting)
        parts.append(f'<h4><a href="{self.base}{escaped(session.key)}/">{title}</a></h4>')
        if session.cancelled:
            parts.append(f"<p><strong>{escaped(_('Cancelled'))}</strong></p>")
        parts.append(f"<p>{self.render_facts(entry)}</p>")
        if people := [self.render_person(person) for person in entry.people if person.part != "interpreter"]:
            parts.append(f"<p>{f'{SEMICOLON} '.join(people)}</p>")
        if entry.nested:
            parts.append(self.render_nested_meeting(entry.nested))
        parts.append(f"</{element}>")
        return "".join(parts)

    def render_nested_meeting(self, nested: NestedProgramme) -> str:
        """Render a meeting that is held within a session of this one, with the sessions of its own programme."""
        address = escaped(reverse("meetings:meeting", args=[nested.meeting.public_id]))
        title = _render_translated_text(nested.meeting.title, self.language, nested.meeting)
        heading = f'<p><a href="{address}">{title}</a></p>'
        renderer = SessionRenderer(nested.meeting)
        items = "".join(renderer.render_session(session) for session in nested.sessions)
        return f'{heading}<ul class="bare">{items}</ul>' if items else heading

    def render_facts(self, entry: VisibleSession) -> str:
        """Render a session's kind, track and languages, and its audience unless it is public."""
        session = entry.session
        key = (session.kind, session.track, entry.spoken_languages, entry.interpreted, session.access)
        if key not in self._facts:
            facts: list[str] = [escaped(str(programme_labels.SESSION_KINDS[session.kind]))]
            if entry.track:
                facts.append(_render_translated_text(entry.track, self.language, self.meeting))
            if entry.spoken_languages:
                facts.append(escaped(", ".join(entry.spoken_languages)))
            if entry.interpreted:
                interpretation = ", ".join(
                    _("%(language)s (channel %(channel)s)") % {"language": name, "channel": channel}
                    if channel
                    else name
                    for name, channel in entry.interpreted
                )
                facts.append(escaped(_("interpreted into %(languages)s") % {"languages": interpretation}))
            if session.access != "public":
                facts.append(escaped(_("for %(who)s") % {"who": meeting_labels.ACCESS_LEVELS[session.access]}))
            self._facts[key] = " · ".join(facts)
        return self._facts[key]

    def render_person(self, person: PublishedPerson) -> str:
        """Render a person, reusing the result if they appear in several sessions."""
        if person not in self._people:
            self._people[person] = str(render_person(person))
        return self._people[person]


@register.simple_tag
def render_person(person: PublishedPerson) -> SafeString:
    """Render a person in a session: "Ada Lund (chair), Ministry of Justice, Nordmark", "speaker from Croatia"."""
    part = programme_labels.PARTS[person.part]  # type: ignore[index]  # a Part, or its value
    country = territory_name(person.country, _current_language()) if person.country else ""
    if not person.name:
        if country:
            text = _("%(part)s from %(country)s") % {"part": part, "country": country}
        else:
            text = _("%(part)s, name not shown") % {"part": part}
        return escape(text)
    role = str(part)
    if person.language:
        role = _("%(part)s into %(language)s") % {"part": part, "language": person.language}
    return escape(", ".join(filter(None, (f"{person.name} ({role})", person.affiliation, country))))


@register.simple_tag
def own_role_label(appearance: tuple[str, str, str]) -> str:
    """Return the reader's own role in a session: "you: chair", "you: interpreter into French (channel 2)"."""
    part, language, channel = appearance
    text = _role_label(part, language)
    if language and channel:
        text = _("%(language)s (channel %(channel)s)") % {"language": text, "channel": channel}
    return _("you: %(part)s") % {"part": text}


def _role_label(part: str, language: str) -> str:
    label = str(programme_labels.PARTS[part])  # type: ignore[index]  # a Part, or its value
    if not language:
        return label
    return _("%(part)s into %(language)s") % {
        "part": label,
        "language": translated_language_name(language, _current_language()),
    }


@register.simple_tag
def render_speaker(speaker: Speaker, meeting: models.Meeting) -> SafeString:
    """Render a person with the sessions they appear in."""
    language, person = _current_language(), speaker.person
    country = territory_name(person.country, language) if person.country else ""
    part = programme_labels.PARTS[person.part]  # type: ignore[index]
    name = person.name or _("%(part)s from %(country)s") % {"part": part, "country": country}
    name = name[:1].upper() + name[1:]
    about = ", ".join(filter(None, (person.affiliation, country if person.name else "")))
    items = []
    for part_in_session, session in speaker.sessions:
        href = _session_url(meeting, session.key)
        role = escape(str(programme_labels.PARTS[part_in_session]))  # type: ignore[index]
        items.append(
            f'<li><a href="{href}">{_render_translated_text(session.title, language, meeting)}</a> ({role})</li>'
        )
    about_html = f"<p>{escape(about)}</p>" if about else ""
    return mark_safe(  # noqa: S308 - every text in it is escaped
        f"<li><strong>{escape(name)}</strong>{about_html}<ul>{''.join(items)}</ul></li>"
    )


@register.simple_tag
def render_draft_person(person: DraftPerson) -> SafeString:
    """Render a person in a draft session, with their name in the public programme if it differs."""
    part = programme_labels.PARTS[person.appearance.part]  # type: ignore[index]
    country = territory_name(person.country, _current_language()) if person.country else ""
    if not person.name:
        return escape(_("%(part)s from %(country)s") % {"part": part, "country": country} if country else str(part))
    text = f"{person.name} ({_role_label(person.appearance.part, person.appearance.language)})"
    if country:
        text += f", {country}"
    if person.public_name is None:
        return format_html('{} <span class="helptext">{}</span>', text, _missing_name_reason(person.speaker_link))
    if person.public_name != person.name:
        return format_html(
            '{} <span class="helptext">{}</span>', text, _("shown publicly as %(name)s") % {"name": person.public_name}
        )
    return escape(text)


def _missing_name_reason(speaker_link: models.SpeakerLink | None) -> str:
    """Return why the programme omits a person's name: they were not asked, declined or have not answered."""
    if speaker_link is None:
        return _("not named publicly")
    if speaker_link.declined_at is not None:
        return _("said on %(day)s that they will not take part") % {
            "day": shown_day(speaker_link.declined_at.date().isoformat())
        }
    if speaker_link.answered_at is not None:
        return _("on %(day)s, declined to be named") % {"day": shown_day(speaker_link.answered_at.date().isoformat())}
    return _("asked on %(day)s, no answer yet") % {"day": shown_day(speaker_link.asked_at.date().isoformat())}


@register.simple_tag
def format_times(times: Sequence[str], meeting: models.Meeting) -> str:
    """Format the start and end of a session: "15 September 2026, 09:00–10:30"; "" if `times` is empty."""
    if not times:
        return ""
    starts, *rest = [datetime.fromisoformat(one) for one in times]
    text = datetime_in_zone(starts, meeting.zone)
    if not rest:
        return text
    zone = ZoneInfo(meeting.zone)
    same = starts.astimezone(zone).date() == rest[0].astimezone(zone).date()
    return f"{text}–{rest[0].astimezone(zone).strftime('%H:%M') if same else datetime_in_zone(rest[0], meeting.zone)}"


@register.simple_tag
def session_count(counts: Mapping[str, Mapping[str, int]], kind: str, place: Any) -> int:
    """Return the number of sessions in a room or track; `counts` is the result of `queries.draft.session_counts`."""
    return counts[kind].get(place.key, 0)


@register.simple_tag
def document_url(document: models.MeetingDocument) -> str:
    """Return the URL of a document; "" if it has no page."""
    try:
        return reverse("meetings:document", args=[document.meeting.public_id, document.public_id])
    except NoReverseMatch:
        return ""


def _render_time_range(starts: datetime | None, ends: datetime | None, zone: ZoneInfo) -> str:
    if starts is None:
        return ""
    start = f'<time datetime="{starts.isoformat()}">{starts.astimezone(zone).strftime("%H:%M")}</time>'
    if ends is None:
        return start
    return f'{start}–<time datetime="{ends.isoformat()}">{ends.astimezone(zone).strftime("%H:%M")}</time>'


def _session_url(meeting: models.Meeting, key: str) -> str:
    return f"{_programme_url(meeting.public_id, _current_language(), get_script_prefix())}{escape(key)}/"


@lru_cache(maxsize=256)
def _programme_url(slug: str, _language: str, _script_prefix: str) -> str:
    """Return a programme's URL, cached because reversing it takes as long as rendering a session."""
    return str(escape(reverse("meetings:programme", args=[slug])))


def _render_translated_text(texts: Any, language: str, meeting: Any) -> str:
    code = choose_language(texts, language, meeting.original_language)
    text = escaped(texts.get(code, ""))
    return text if code == language else f'<span lang="{escaped(code)}">{text}</span>'
