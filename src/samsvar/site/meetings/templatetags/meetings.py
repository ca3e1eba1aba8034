"""Words, texts and times of meetings in the reader's language, and the ways through one: `{% load meetings %}`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_datetime, get_timezone_name
from django import template
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import get_language

from samsvar.dates import as_known, shown_span
from samsvar.languages import best
from samsvar.meetings.registration import Standing
from samsvar.site.meetings import models
from samsvar.site.meetings.letters import labels as letters_labels
from samsvar.site.meetings.meeting import labels as words
from samsvar.site.meetings.meeting.permissions import can_manage, duties_of, place_by_link
from samsvar.site.meetings.outcomes import labels as outcomes_labels
from samsvar.site.meetings.outcomes.queries.survey import awaits
from samsvar.site.meetings.programme import labels as programme_labels
from samsvar.site.meetings.registration import labels as registration_labels
from samsvar.site.meetings.registration.labels import PHOTOGRAPHS
from samsvar.site.network.labels import language_name
from samsvar.site.shell.labels import word
from samsvar.territories import city_in

register = template.Library()

_WORDS: dict[str, dict[Any, words.Label]] = {  # {{ meeting.kind|meeting_kind_word }}: the word for a fixed value
    "meeting_kind_word": words.KINDS,
    "attendance_word": words.ATTENDANCES,
    "access_word": words.ACCESSES,
    "entry_word": words.ENTRIES,
    "appearance_word": programme_labels.PARTS,
    "category_word": words.CATEGORIES,
    "photographs_word": PHOTOGRAPHS,
    "place_of_word": words.PLACES_OF,
    "role_of_body_word": words.ROLES,
    "duty_word": words.DUTIES,
    "link_word": words.LINKS,
    "session_kind_word": programme_labels.SESSION_KINDS,
    "session_state_word": programme_labels.SESSION_STATES,
    "change_word": programme_labels.CHANGES,
    "conflict_word": programme_labels.CONFLICTS,
    "standing_word": registration_labels.STANDINGS,
    "quota_kind_word": registration_labels.QUOTA_KINDS,
    "question_kind_word": registration_labels.QUESTION_KINDS,
    "question_subject_word": registration_labels.QUESTION_SUBJECTS,
    "letter_word": letters_labels.LETTERS,
    "outcome_kind_word": outcomes_labels.OUTCOME_KINDS,
    "outcome_state_word": outcomes_labels.OUTCOME_STATES,
    "keeping_word": outcomes_labels.KEEPINGS,
    "said_as_word": outcomes_labels.SAID_AS,
    "outcome_part_word": outcomes_labels.OUTCOME_PARTS,
}
for _name, _words in _WORDS.items():
    register.filter(_name, partial(word, _words))


register.filter("language_of_file", language_name)


@register.filter
def in_their_order(before: Mapping[str, str]) -> list[tuple[str, str]]:
    """What of an outcome stood otherwise, in one order: a database gives it back in another."""
    return [(name, before[name]) for name in outcomes_labels.OUTCOME_PARTS if name in before]


def _language() -> str:
    return get_language() or "en"


# --- Texts in several languages ---------------------------------------------------------------------------------------


@register.filter
def said(texts: Mapping[str, str] | None, meeting: Any = None) -> str:
    """What is said, in the reader's language where it is said in that; else the original, marked with its language.

    `{{ meeting.title|said:meeting }}`: a meeting knows which of its languages is the original.
    """
    code, text = best(texts or {}, _language(), _original(meeting))
    if not text or code == _language():
        return text
    return format_html('<span lang="{}">{}</span>', code, text)


@register.filter
def said_plain(texts: Mapping[str, str] | None, meeting: Any = None) -> str:
    """The same where no element can stand: in a title, an attribute, a file."""
    return best(texts or {}, _language(), _original(meeting))[1]


@register.filter
def said_in(texts: Mapping[str, str] | None, meeting: Any = None) -> str:
    """The language of what `said` says, for an element that carries `lang` itself; "" where it is the reader's own."""
    code, _text = best(texts or {}, _language(), _original(meeting))
    return "" if code == _language() else code


def _original(meeting: Any) -> str:
    languages = getattr(meeting, "languages", None) or [""]
    return str(languages[0])


# --- Days and times ---------------------------------------------------------------------------------------------------


@register.filter
def days_of(meeting: Any) -> str:
    """From when to when: "4–6 June 2019", as the reader's language writes it; as precise as the source."""
    return shown_span(meeting.begins, meeting.ends, _language(), meeting.precision)


@register.filter
def begins_on(meeting: Any) -> str:
    """When it begins, for a machine and no more exact than the source: "2019-06-04", "2019-06"."""
    return str(as_known(meeting.begins, meeting.precision))


@register.filter
def moment_at(moment: datetime | None, zone: str) -> str:
    """A day and time in a meeting's zone: "4 June 2019, 09:30"; "" for none."""
    if moment is None:
        return ""
    return str(format_datetime(moment, "d MMMM y, HH:mm", tzinfo=ZoneInfo(zone), locale=_language()))


@register.filter
def time_at(moment: datetime | None, zone: str) -> str:
    """A time in a meeting's zone: "09:30"; "" for none."""
    return "" if moment is None else moment.astimezone(ZoneInfo(zone)).strftime("%H:%M")


@register.filter
def city_of(meeting: Any) -> str:
    """The city of a meeting, as the reader's language calls it where that is known."""
    return city_in(meeting.city, meeting.zone, _language())


@register.filter
def zone_name(zone: str) -> str:
    """A zone as people call it: "Romania Time"; the reader's language has its own name for it."""
    return str(get_timezone_name(ZoneInfo(zone), locale=_language()))


# --- Ways through a meeting -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Way:
    """One entry of a meeting's own navigation; `here` is "page" on the page itself, "true" on a page below it."""

    href: str
    word: words.Label
    here: str


@register.simple_tag(takes_context=True)
def ways_of(context: template.Context, meeting: models.Meeting) -> list[Way]:
    """The public pages of a meeting, and one's own of it."""
    user = context["request"].user
    place = place_by_link(user, meeting)
    own: tuple[tuple[str, words.Label], ...] = words.OWN_WAYS if user.is_authenticated else ()
    if place is not None:  # of what one comes to by a link; the rest stands on the page of one's registration
        own = (*(words.OWN_WAYS if place.standing == Standing.CONFIRMED else ()), *words.LINK_WAYS)
    return _ways(context, meeting, (*words.PUBLIC_WAYS, *own))


@register.simple_tag(takes_context=True)
def organisers_ways(context: template.Context, meeting: models.Meeting) -> list[Way]:
    """The pages from which a meeting is run; of whoever helps with one thing, those of that thing."""
    user = context["request"].user
    known = words.ORGANISERS_WAYS if can_manage(user, meeting) else _of_duties(user, meeting)
    return _ways(context, meeting, known)


@register.simple_tag(takes_context=True)
def duties_here(context: template.Context, meeting: models.Meeting) -> list[Way]:
    """Where the reader helps, at the door or at the record; reviews are led to with how many wait."""
    user = context["request"].user
    known = [way for way in _of_duties(user, meeting) if way != words.DUTIES_WAYS["review"]]
    return _ways(context, meeting, known)


def _of_duties(user: Any, meeting: models.Meeting) -> list[tuple[str, words.Label]]:
    kinds = duties_of(user, meeting)
    return [way for kind, way in words.DUTIES_WAYS.items() if kind in kinds]


@register.simple_tag(takes_context=True)
def runs(context: template.Context, meeting: models.Meeting) -> bool:
    """Whether the reader runs this meeting."""
    user = context["request"].user
    return bool(user.is_authenticated and can_manage(user, meeting))


def _ways(context: template.Context, meeting: models.Meeting, known: Iterable[tuple[str, words.Label]]) -> list[Way]:
    path, found = context["request"].path, []
    for name, said_so in known:
        href = _address(name, meeting.public_id)
        if href:
            below = path.startswith(href) and name not in {"meetings:meeting", "meetings:manage"}
            found.append(Way(href, said_so, "page" if path == href else "true" if below else ""))
    return found


@cache
def _exists(name: str) -> bool:
    try:
        reverse(name, args=["x"])
    except NoReverseMatch:
        return False
    return True


def _address(name: str, slug: str) -> str:
    return reverse(name, args=[slug]) if _exists(name) else ""


@register.simple_tag(takes_context=True)
def survey_url(context: template.Context, registration: models.Registration) -> str:
    """The address of the survey that is open for this participant; "" if none is, or they have answered it."""
    here = context["request"].resolver_match
    if here is None or not awaits(registration, timezone.now()):
        return ""
    if here.url_name == "registration-link":  # this link is the registration's own
        return reverse("meetings:survey-by-link", args=[registration.meeting.public_id, here.kwargs["token"]])
    if here.url_name == "mine-registration":
        return reverse("meetings:survey", args=[registration.meeting.public_id])
    return ""
