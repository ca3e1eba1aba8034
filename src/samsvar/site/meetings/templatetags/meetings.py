"""Template tags and filters for meetings: labels, translated texts, times and menus (`{% load meetings %}`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_datetime, get_timezone_name
from django import template
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import get_language

from samsvar.dates import display_date_range, reduce_precision
from samsvar.meetings.registration import RegistrationStatus
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting import labels as meeting_labels
from samsvar.site.meetings.meeting.permissions import can_manage, get_duties, registration_by_link
from samsvar.site.meetings.outcomes import labels as outcomes_labels
from samsvar.site.meetings.outcomes.queries.survey import can_still_answer
from samsvar.site.network.labels import language_name
from samsvar.territories import localised_city
from samsvar.text import choose_language, choose_text

register = template.Library()

register.filter("language_of_file", language_name)


@register.filter
def ordered_previous_values(previous: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the previous values of an outcome in a fixed order, as databases do not keep the order of JSON keys."""
    return [(name, previous[name]) for name in outcomes_labels.OUTCOME_FIELDS if name in previous]


def _active_language() -> str:
    return get_language() or "en"


# --- Texts in several languages ---------------------------------------------------------------------------------------


@register.filter
def translated(texts: Mapping[str, str] | None, meeting: Any = None) -> str:
    """Return a text in the reader's language, or else the original marked with its language.

    In `{{ meeting.title|translated:meeting }}`, the meeting determines which language is the original.
    """
    text, code = translated_text(texts, meeting), translated_language(texts, meeting)
    return format_html('<span lang="{}">{}</span>', code, text) if code else text


@register.filter
def translated_text(texts: Mapping[str, str] | None, meeting: Any = None) -> str:
    """Return the text that `translated` shows, without markup, for titles, attributes and files."""
    return choose_text(texts or {}, _active_language(), getattr(meeting, "original_language", ""))


@register.filter
def translated_language(texts: Mapping[str, str] | None, meeting: Any = None) -> str:
    """Return the language of the text that `translated` shows, for `lang`; "" if it is the reader's own."""
    code = choose_language(texts or {}, _active_language(), getattr(meeting, "original_language", ""))
    return "" if code == _active_language() else code


# --- Dates and times --------------------------------------------------------------------------------------------------


@register.filter
def meeting_dates(meeting: Any) -> str:
    """Return a meeting's dates in the reader's language, such as "4–6 June 2019", as precise as the source."""
    return display_date_range(meeting.begins, meeting.ends, _active_language(), meeting.precision)


@register.filter
def start_date(meeting: Any) -> str:
    """Return the ISO start date, as precise as the source, such as "2019-06-04" or "2019-06"."""
    return str(reduce_precision(meeting.begins, meeting.precision))


@register.filter
def datetime_in_zone(moment: datetime | None, zone: str) -> str:
    """Return a date and time in a meeting's time zone, such as "4 June 2019, 09:30"; "" for None."""
    if moment is None:
        return ""
    return str(format_datetime(moment, "d MMMM y, HH:mm", tzinfo=ZoneInfo(zone), locale=_active_language()))


@register.filter
def time_in_zone(moment: datetime | None, zone: str) -> str:
    """Return a time in a meeting's time zone, such as "09:30"; "" for None."""
    return "" if moment is None else moment.astimezone(ZoneInfo(zone)).strftime("%H:%M")


@register.filter
def meeting_city(meeting: Any) -> str:
    """Return a meeting's city, by its name in the reader's language if that is known."""
    return localised_city(meeting.city, meeting.zone, _active_language())


@register.filter
def zone_name(zone: str) -> str:
    """Return the name of a time zone in the reader's language, such as "Romania Time"."""
    return str(get_timezone_name(ZoneInfo(zone), locale=_active_language()))


# --- Menus ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MeetingMenuItem:
    """An item of a meeting's menu.

    `here` is the value of `aria-current`: "page" on the item's own page, "true" on a page below it, else "".
    """

    href: str
    label: meeting_labels.Label
    here: str


@register.simple_tag(takes_context=True)
def meeting_menu(context: template.Context, meeting: models.Meeting) -> list[MeetingMenuItem]:
    """Return the menu of a meeting's public pages and of the user's own pages."""
    user = context["request"].user
    registration = registration_by_link(user, meeting)
    own_items: tuple[tuple[str, meeting_labels.Label], ...] = meeting_labels.OWN_MENU if user.is_authenticated else ()
    if registration is not None:  # a visitor by link has only these; the rest is on their registration page
        own_items = (
            *(meeting_labels.OWN_MENU if registration.status == RegistrationStatus.CONFIRMED else ()),
            *meeting_labels.LINK_MENU,
        )
    return _build_menu(context, meeting, (*meeting_labels.PUBLIC_MENU, *own_items))


@register.simple_tag(takes_context=True)
def organiser_menu(context: template.Context, meeting: models.Meeting) -> list[MeetingMenuItem]:
    """Return the menu of a meeting's organiser pages, or for helpers only the pages of their duties."""
    user = context["request"].user
    items = meeting_labels.ORGANISER_MENU if can_manage(user, meeting) else _duty_items(user, meeting)
    return _build_menu(context, meeting, items)


@register.simple_tag(takes_context=True)
def duty_menu(context: template.Context, meeting: models.Meeting) -> list[MeetingMenuItem]:
    """Return the menu of the user's duties, such as check-in or reporting.

    Reviewing is left out, because it has a separate link, which shows the number of contributions to review.
    """
    user = context["request"].user
    items = [item for item in _duty_items(user, meeting) if item != meeting_labels.DUTY_MENU["review"]]
    return _build_menu(context, meeting, items)


def _duty_items(user: Any, meeting: models.Meeting) -> list[tuple[str, meeting_labels.Label]]:
    kinds = get_duties(user, meeting)
    return [item for kind, item in meeting_labels.DUTY_MENU.items() if kind in kinds]


@register.simple_tag(takes_context=True)
def is_organiser(context: template.Context, meeting: models.Meeting) -> bool:
    """Return whether the user is an organiser of this meeting."""
    user = context["request"].user
    return bool(user.is_authenticated and can_manage(user, meeting))


def _build_menu(
    context: template.Context, meeting: models.Meeting, items: Iterable[tuple[str, meeting_labels.Label]]
) -> list[MeetingMenuItem]:
    path, menu = context["request"].path, []
    for name, label in items:
        href = _url_or_blank(name, meeting.public_id)
        if href:
            below = path.startswith(href) and name not in {"meetings:meeting", "meetings:manage"}
            menu.append(MeetingMenuItem(href, label, "page" if path == href else "true" if below else ""))
    return menu


@cache
def _url_exists(name: str) -> bool:
    try:
        reverse(name, args=["x"])
    except NoReverseMatch:
        return False
    return True


def _url_or_blank(name: str, slug: str) -> str:
    return reverse(name, args=[slug]) if _url_exists(name) else ""


@register.simple_tag(takes_context=True)
def survey_url(context: template.Context, registration: models.Registration) -> str:
    """Return the URL of the survey open to this participant; "" if there is none or they have answered it."""
    resolver_match = context["request"].resolver_match
    if resolver_match is None or not can_still_answer(registration, timezone.now()):
        return ""
    if resolver_match.url_name == "registration-link":  # the token in this URL is the registration's own
        return reverse("meetings:survey-by-link", args=[registration.meeting.public_id, resolver_match.kwargs["token"]])
    if resolver_match.url_name == "my-registration":
        return reverse("meetings:survey", args=[registration.meeting.public_id])
    return ""
