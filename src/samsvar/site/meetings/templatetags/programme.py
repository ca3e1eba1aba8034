"""Sessions and people of a programme as HTML: `{% load programme %}`. Drawn here and not in templates, as a programme
has sixty of each and a template takes three times as long for them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date
from django import template
from django.urls import NoReverseMatch, reverse
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from samsvar.languages import best
from samsvar.site.meetings import models, words
from samsvar.site.meetings.queries.programme import Named, Person, Shown, Speaker
from samsvar.site.meetings.templatetags.meetings import moment_at
from samsvar.territories import name_of

register = template.Library()


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
def draw_session(one: Shown, meeting: models.Meeting, column: int = 1) -> SafeString:
    """A session as an entry of a list: when, what, where, in which languages, who; closed ones say when alone."""
    session, language = one.session, _language()
    zone = ZoneInfo(meeting.zone)
    when = _when(session.starts, session.ends, zone)
    marks = f' data-kind="{session.kind.value}"'
    if one.closed:
        marks = ' data-closed=""'
    if session.cancelled:
        marks += ' data-cancelled=""'
    parts = [f'<li class="session-card" data-column="{column}"{marks}>']
    if one.room:
        when = f"{when} · {escape(one.room)}" if when else str(escape(one.room))
    if when:
        parts.append(f'<p class="session-when">{when}</p>')
    if one.closed:
        parts.append(f"<h4>{escape(_('Closed session'))}</h4></li>")
        return mark_safe("".join(parts))  # noqa: S308 - every text in it is escaped above
    title = _said(session.title, language, meeting)
    href = escape(reverse("meetings:session", args=[meeting.public_id, session.key]))
    parts.append(f'<h4><a href="{href}">{title}</a></h4>')
    if session.cancelled:
        parts.append(f"<p><strong>{escape(_('Cancelled'))}</strong></p>")
    facts = [escape(str(words.SESSION_KINDS[session.kind]))]
    if one.track:
        facts.append(_said(one.track, language, meeting))
    if one.spoken:
        facts.append(escape(", ".join(one.spoken)))
    if one.interpreted:
        heard = ", ".join(
            _("%(language)s (channel %(channel)s)") % {"language": name, "channel": channel} if channel else name
            for name, channel in one.interpreted
        )
        facts.append(escape(_("interpreted into %(languages)s") % {"languages": heard}))
    if session.access != "public":
        facts.append(escape(_("for %(who)s") % {"who": words.ACCESSES[session.access]}))
    parts.append(f"<p>{' · '.join(facts)}</p>")
    if people := [draw_person(person) for person in one.people if person.part != "interpreter"]:
        parts.append(f"<p>{'; '.join(people)}</p>")
    if one.nested:
        nested = one.nested.meeting
        address = escape(reverse("meetings:meeting", args=[nested.public_id]))
        parts.append(f'<p><a href="{address}">{_said(nested.title, language, nested)}</a></p>')
        if one.nested.sessions:
            lines = "".join(draw_session(each, nested) for each in one.nested.sessions)
            parts.append(f'<ul class="bare">{lines}</ul>')
    parts.append("</li>")
    return mark_safe("".join(parts))  # noqa: S308 - every text in it is escaped above


@register.simple_tag
def draw_person(one: Named) -> SafeString:
    """Somebody in a session: "Ada Lund (chair), Ministry of Justice, Nordmark", "speaker from Croatia"."""
    part = words.PARTS[one.part]  # type: ignore[index]  # a Part, or its value
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
def draw_speaker(one: Speaker, meeting: models.Meeting) -> SafeString:
    """Somebody with the sessions in which they appear."""
    language, named = _language(), one.named
    country = name_of(named.country, language) if named.country else ""
    part = words.PARTS[named.part]  # type: ignore[index]
    name = named.name or _("%(part)s from %(country)s") % {"part": part, "country": country}
    name = name[:1].upper() + name[1:]
    about = ", ".join(filter(None, (named.about, country if named.name else "")))
    lines = []
    for of_session, session in one.sessions:
        href = escape(reverse("meetings:session", args=[meeting.public_id, session.key]))
        role = escape(str(words.PARTS[of_session]))  # type: ignore[index]
        lines.append(f'<li><a href="{href}">{_said(session.title, language, meeting)}</a> ({role})</li>')
    said = f"<p>{escape(about)}</p>" if about else ""
    return mark_safe(  # noqa: S308 - every text in it is escaped
        f"<li><strong>{escape(name)}</strong>{said}<ul>{''.join(lines)}</ul></li>"
    )


@register.simple_tag
def draw_in_work(one: Person) -> SafeString:
    """Somebody in a session in work, with what the public programme calls them where that differs."""
    part = words.PARTS[one.row.part]  # type: ignore[index]
    country = name_of(one.country, _language()) if one.country else ""
    if not one.name:
        return escape(_("%(part)s from %(country)s") % {"part": part, "country": country} if country else str(part))
    said = f"{one.name} ({part})"
    if country:
        said += f", {country}"
    if one.public_name is None:
        return format_html('{} <span class="helptext">{}</span>', said, _("not named in public"))
    if one.public_name != one.name:
        return format_html(
            '{} <span class="helptext">{}</span>', said, _("in public: %(name)s") % {"name": one.public_name}
        )
    return escape(said)


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


def _said(texts: Any, language: str, meeting: Any) -> str:
    code, text = best(texts, language, (meeting.languages or [""])[0])
    return str(escape(text)) if code == language else f'<span lang="{escape(code)}">{escape(text)}</span>'
