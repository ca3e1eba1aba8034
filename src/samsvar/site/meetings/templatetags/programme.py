"""Sessions and people of a programme as HTML: `{% load programme %}`. Drawn here and not in templates, as a programme
has sixty of each and a template takes three times as long for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from html import escape as escaped  # Django's own looks for lazy texts in each: three times as long
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date
from django import template
from django.urls import NoReverseMatch, get_script_prefix, reverse
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from samsvar.languages import best
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting import labels as words
from samsvar.site.meetings.programme import labels as programme_labels
from samsvar.site.meetings.programme.queries.draft import Person
from samsvar.site.meetings.programme.queries.published import Day, Named, Nested, Shown, Speaker
from samsvar.site.meetings.templatetags.meetings import moment_at
from samsvar.site.network.labels import language_name_in
from samsvar.site.shell.labels import SEMICOLON
from samsvar.site.shell.templatetags.samsvar import day as shown_day
from samsvar.territories import name_of

register = template.Library()
ROOMS_BESIDE = 6  # that a sheet of paper holds beside each other; with more, the printed page is a list


def _language() -> str:
    return get_language() or "en"


@register.filter
def day_long(day: date) -> str:
    """ "Tuesday, 15 September 2026", as the reader's language writes it."""
    return _day(day, _language())


@lru_cache(maxsize=512)
def _day(day: date, language: str) -> str:
    return str(format_date(day, "full", locale="en_GB" if language == "en" else language))


@register.simple_tag
def draw_day(day: Day, meeting: models.Meeting) -> SafeString:
    """The sessions of a day: a table of times and rooms, or a list where nothing is held beside anything else."""
    pen = Pen(meeting)
    if not day.table.rooms:
        lines = "".join(pen.session(day.shown[key]) for key in day.table.keys)
        return mark_safe(f'<ol class="programme">{lines}</ol>')  # noqa: S308 - the pen escapes
    return mark_safe(pen.table(day))  # noqa: S308 - the pen escapes


@register.simple_tag
def draw_session(one: Shown, meeting: models.Meeting) -> SafeString:
    """A session as an entry of a list: when, what, where, in which languages, who; closed ones say when alone."""
    return mark_safe(Pen(meeting).session(one))  # noqa: S308 - the pen escapes


class Pen:
    """Draws the sessions of one meeting in the reader's language; what many have in common is put into words once."""

    def __init__(self, meeting: models.Meeting) -> None:
        self.meeting = meeting
        self.language = _language()
        self.zone = ZoneInfo(meeting.zone)
        self.base = escaped(reverse("meetings:programme", args=[meeting.public_id]))
        self._facts: dict[Any, str] = {}
        self._people: dict[Any, str] = {}

    def table(self, day: Day) -> str:
        """Times down and rooms across; a cell without a session is empty, and a narrow page leaves it out."""
        rooms = day.table.rooms
        many = ' data-many=""' if len(rooms) > ROOMS_BESIDE else ""
        label = escaped(day_long(day.day))
        parts = [
            f'<div class="timetable-frame"{many} tabindex="0" role="group" aria-label="{label}">',
            f'<table class="timetable"><thead><tr><th scope="col">{escaped(_("Time"))}</th>',
            *(f'<th scope="col">{escaped(day.rooms.get(room) or _("Room not said"))}</th>' for room in rooms),
            "</tr></thead><tbody>",
        ]
        for row in day.table.rows:
            at = row.at.astimezone(self.zone)
            parts.append(f'<tr><th scope="row">{at.strftime("%H:%M")}</th>')
            for cell in row.cells:
                if not cell.key:
                    parts.append("<td></td>")
                    continue
                across = f' colspan="{cell.columns}"' if cell.columns > 1 else ""
                down = f' rowspan="{cell.rows}"' if cell.rows > 1 else ""
                parts.append(self.session(day.shown[cell.key], "td", across + down))
            parts.append("</tr>")
        parts.append("</tbody></table></div>")
        return "".join(parts)

    def session(self, one: Shown, element: str = "li", more: str = "") -> str:
        """The entry of a list, or the cell of a table, as HTML; every text in it is escaped."""
        session = one.session
        marks = ' data-closed=""' if one.closed else f' data-kind="{session.kind.value}"'
        if session.cancelled:
            marks += ' data-cancelled=""'
        if one.colour:
            marks += f' data-colour="{escaped(one.colour)}"'
        when = _when(session.starts, session.ends, self.zone)
        where = " · ".join(filter(None, (when, escaped(one.room))))
        parts = [f'<{element} class="session-card"{more}{marks}>']
        if where:
            parts.append(f'<p class="session-when">{where}</p>')
        if one.closed:
            parts.append(f"<h4>{escaped(_('Closed session'))}</h4></{element}>")
            return "".join(parts)
        title = _said(session.title, self.language, self.meeting)
        parts.append(f'<h4><a href="{self.base}{escaped(session.key)}/">{title}</a></h4>')
        if session.cancelled:
            parts.append(f"<p><strong>{escaped(_('Cancelled'))}</strong></p>")
        parts.append(f"<p>{self.facts(one)}</p>")
        if people := [self.person(person) for person in one.people if person.part != "interpreter"]:
            parts.append(f"<p>{f'{SEMICOLON} '.join(people)}</p>")
        if one.nested:
            parts.append(self.nested(one.nested))
        parts.append(f"</{element}>")
        return "".join(parts)

    def nested(self, inside: Nested) -> str:
        """A meeting that is held in a session, with its sessions."""
        address = escaped(reverse("meetings:meeting", args=[inside.meeting.public_id]))
        said = f'<p><a href="{address}">{_said(inside.meeting.title, self.language, inside.meeting)}</a></p>'
        pen = Pen(inside.meeting)
        lines = "".join(pen.session(each) for each in inside.sessions)
        return f'{said}<ul class="bare">{lines}</ul>' if lines else said

    def facts(self, one: Shown) -> str:
        """What kind of session it is, its track, its languages, and whom it is for where not for everybody."""
        session = one.session
        key = (session.kind, session.track, one.spoken, one.interpreted, session.access)
        if key not in self._facts:
            facts: list[str] = [escaped(str(programme_labels.SESSION_KINDS[session.kind]))]
            if one.track:
                facts.append(_said(one.track, self.language, self.meeting))
            if one.spoken:
                facts.append(escaped(", ".join(one.spoken)))
            if one.interpreted:
                heard = ", ".join(
                    _("%(language)s (channel %(channel)s)") % {"language": name, "channel": channel}
                    if channel
                    else name
                    for name, channel in one.interpreted
                )
                facts.append(escaped(_("interpreted into %(languages)s") % {"languages": heard}))
            if session.access != "public":
                facts.append(escaped(_("for %(who)s") % {"who": words.ACCESSES[session.access]}))
            self._facts[key] = " · ".join(facts)
        return self._facts[key]

    def person(self, one: Named) -> str:
        """`draw_person`, once for each."""
        if one not in self._people:
            self._people[one] = str(draw_person(one))
        return self._people[one]


@register.simple_tag
def draw_person(one: Named) -> SafeString:
    """Somebody in a session: "Ada Lund (chair), Ministry of Justice, Nordmark", "speaker from Croatia"."""
    part = programme_labels.PARTS[one.part]  # type: ignore[index]  # a Part, or its value
    country = name_of(one.country, _language()) if one.country else ""
    if not one.name:
        if country:
            said = _("%(part)s from %(country)s") % {"part": part, "country": country}
        else:
            said = _("%(part)s, not named here") % {"part": part}
        return escape(said)
    role = str(part)
    if one.language:
        role = _("%(part)s into %(language)s") % {"part": part, "language": one.language}
    return escape(", ".join(filter(None, (f"{one.name} ({role})", one.about, country))))


@register.simple_tag
def own_part(one: tuple[str, str, str]) -> str:
    """As what the reader appears in a session: "you: chair", "you: interpreter into French (channel 2)"."""
    part, language, channel = one
    said = _part(part, language)
    if language and channel:
        said = _("%(language)s (channel %(channel)s)") % {"language": said, "channel": channel}
    return _("you: %(part)s") % {"part": said}


def _part(part: str, language: str) -> str:
    word = str(programme_labels.PARTS[part])  # type: ignore[index]  # a Part, or its value
    if not language:
        return word
    return _("%(part)s into %(language)s") % {"part": word, "language": language_name_in(language, _language())}


@register.simple_tag
def draw_speaker(one: Speaker, meeting: models.Meeting) -> SafeString:
    """Somebody with the sessions in which they appear."""
    language, named = _language(), one.named
    country = name_of(named.country, language) if named.country else ""
    part = programme_labels.PARTS[named.part]  # type: ignore[index]
    name = named.name or _("%(part)s from %(country)s") % {"part": part, "country": country}
    name = name[:1].upper() + name[1:]
    about = ", ".join(filter(None, (named.about, country if named.name else "")))
    lines = []
    for of_session, session in one.sessions:
        href = _address(meeting, session.key)
        role = escape(str(programme_labels.PARTS[of_session]))  # type: ignore[index]
        lines.append(f'<li><a href="{href}">{_said(session.title, language, meeting)}</a> ({role})</li>')
    said = f"<p>{escape(about)}</p>" if about else ""
    return mark_safe(  # noqa: S308 - every text in it is escaped
        f"<li><strong>{escape(name)}</strong>{said}<ul>{''.join(lines)}</ul></li>"
    )


@register.simple_tag
def draw_in_work(one: Person) -> SafeString:
    """Somebody in a session in work, with what the public programme calls them where that differs."""
    part = programme_labels.PARTS[one.row.part]  # type: ignore[index]
    country = name_of(one.country, _language()) if one.country else ""
    if not one.name:
        return escape(_("%(part)s from %(country)s") % {"part": part, "country": country} if country else str(part))
    said = f"{one.name} ({_part(one.row.part, one.row.language)})"
    if country:
        said += f", {country}"
    if one.public_name is None:
        return format_html('{} <span class="helptext">{}</span>', said, _answer(one.asked))
    if one.public_name != one.name:
        return format_html(
            '{} <span class="helptext">{}</span>', said, _("in public: %(name)s") % {"name": one.public_name}
        )
    return escape(said)


def _answer(asked: models.SpeakerLink | None) -> str:
    """Why the programme does not name somebody: nobody asked them, or what came of it."""
    if asked is None:
        return _("not named in public")
    if asked.declined_at is not None:
        return _("said on %(day)s that they do not appear") % {"day": shown_day(asked.declined_at.date().isoformat())}
    if asked.answered_at is not None:
        return _("said on %(day)s not to name them") % {"day": shown_day(asked.answered_at.date().isoformat())}
    return _("asked on %(day)s, not answered") % {"day": shown_day(asked.asked_at.date().isoformat())}


@register.simple_tag
def times_of(times: Sequence[str], meeting: models.Meeting) -> str:
    """The times of a change: "15 September 2026, 09:00–10:30"; "" where there are none."""
    if not times:
        return ""
    starts, *rest = [datetime.fromisoformat(one) for one in times]
    said = moment_at(starts, meeting.zone)
    if not rest:
        return said
    zone = ZoneInfo(meeting.zone)
    same = starts.astimezone(zone).date() == rest[0].astimezone(zone).date()
    return f"{said}–{rest[0].astimezone(zone).strftime('%H:%M') if same else moment_at(rest[0], meeting.zone)}"


@register.simple_tag
def held_in(held: Mapping[str, Mapping[str, int]], what: str, place: Any) -> int:
    """How many sessions are in a room or a track; `held` is what `sessions_in_places` answers."""
    return held[what].get(place.key, 0)


@register.simple_tag
def document_address(document: models.Document) -> str:
    """Where a paper is read; "" where there is no such page."""
    try:
        return reverse("meetings:document", args=[document.meeting.public_id, document.public_id])
    except NoReverseMatch:
        return ""


def _when(starts: datetime | None, ends: datetime | None, zone: ZoneInfo) -> str:
    if starts is None:
        return ""
    said = f'<time datetime="{starts.isoformat()}">{starts.astimezone(zone).strftime("%H:%M")}</time>'
    if ends is None:
        return said
    return f'{said}–<time datetime="{ends.isoformat()}">{ends.astimezone(zone).strftime("%H:%M")}</time>'


def _address(meeting: models.Meeting, key: str) -> str:
    return f"{_programme(meeting.public_id, _language(), get_script_prefix())}{escape(key)}/"


@lru_cache(maxsize=256)
def _programme(slug: str, _in_language: str, _below: str) -> str:
    """The address of a programme, below which its sessions lie; finding it takes as long as drawing a session."""
    return str(escape(reverse("meetings:programme", args=[slug])))


def _said(texts: Any, language: str, meeting: Any) -> str:
    code, text = best(texts, language, (meeting.languages or [""])[0])
    return escaped(text) if code == language else f'<span lang="{escaped(code)}">{escaped(text)}</span>'
