"""Query parameters of the pages, and the error to show if a value is invalid."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from samsvar.dates import UnreadableDate, parse_day
from samsvar.site.shell.errors import ErrorText

OPENED_FOR_SIGNATURE = date(2011, 5, 11)  # date on which the Convention was opened for signature in Istanbul


@dataclass(frozen=True, slots=True)
class RequestedDay:
    """The date that a page is about.

    `on_param` is the ISO date for use in links, or an empty string for today.
    """

    day: date
    today: date
    on_param: str
    error: ErrorText | None = None

    @property
    def past_day(self) -> date | None:
        """Return the day if it is an earlier one; None for today, when everything counts that is known."""
        return self.day if self.on_param else None


def requested_day(request: HttpRequest) -> RequestedDay:
    """Return the date in `?on=2019-06-04`, or today with an error if it is invalid.

    A date is valid from the Convention's opening for signature up to today.
    """
    today = timezone.localdate()
    value = request.GET.get("on", "").strip()
    if not value:
        return RequestedDay(today, today, "")
    try:
        requested = parse_day(value[:40])
    except UnreadableDate:
        message = _("“%(asked)s” is not a date.") % {"asked": value[:40]}
        advice = _("Enter the date as year, month and day, for example 2019-06-04.")
    else:
        if OPENED_FOR_SIGNATURE <= requested <= today:
            return RequestedDay(requested, today, "" if requested == today else requested.isoformat())
        if requested > today:
            message, advice = _("That date is in the future."), _("Choose today or an earlier date.")
        else:
            message = _("The Convention was not yet open for signature on that date.")
            advice = _("The Convention was opened for signature on 11 May 2011: choose that date or a later one.")
    return RequestedDay(today, today, "", ErrorText(message, _("Today’s date is shown instead."), advice))
