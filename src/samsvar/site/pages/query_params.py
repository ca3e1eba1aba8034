"""What the reader asked for in the address, and what to say where it cannot be had."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from samsvar.dates import UnreadableDate, day

OPENED = date(2011, 5, 11)  # the Convention was opened for signature in Istanbul on that day


@dataclass(frozen=True, slots=True)
class Refusal:
    """A question that has no answer: what happened, what is shown instead, what to do; in the reader's language."""

    message: str
    kept: str = ""
    advice: str = ""


@dataclass(frozen=True, slots=True)
class AskedDay:
    """The day a page is about. `on` is "" for today, else the day in ISO form, as links carry it on."""

    day: date
    today: date
    on: str
    refusal: Refusal | None = None


def day_asked_for(request: HttpRequest) -> AskedDay:
    """The day of `?on=2019-06-04`; today, with the reason, for anything that is no day of the Convention's life."""
    today = timezone.localdate()
    asked = request.GET.get("on", "").strip()
    if not asked:
        return AskedDay(today, today, "")
    kept = _("Today is shown instead.")
    try:
        wanted = day(asked[:40])
    except UnreadableDate:
        message = _("“%(asked)s” is no day.") % {"asked": asked[:40]}
        advice = _("Write a day as year, month and day: 2019-06-04.")
        return AskedDay(today, today, "", Refusal(message, kept, advice))
    if wanted < OPENED:
        message = _("There was nothing to sign on that day.")
        advice = _("The Convention was opened for signature on 11 May 2011: ask for that day or a later one.")
        return AskedDay(today, today, "", Refusal(message, kept, advice))
    if wanted > today:
        message = _("That day has not come yet.")
        advice = _("Ask for today or an earlier day.")
        return AskedDay(today, today, "", Refusal(message, kept, advice))
    return AskedDay(wanted, today, "" if wanted == today else wanted.isoformat())
