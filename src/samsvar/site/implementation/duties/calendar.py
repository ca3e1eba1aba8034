"""The calendar of a state: its open duties, and the due dates of its public measures."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from samsvar.dates import PartialDate, UnreadableDate, parse_partial_date
from samsvar.interchange.calendars import DueDay, export_due_days
from samsvar.site.implementation.duties.queries import last_change, state_duties
from samsvar.site.implementation.measures.models import Measure
from samsvar.site.implementation.measures.queries import OPEN_STAGES
from samsvar.site.implementation.permissions import is_public
from samsvar.site.shell.labels import PROCEDURES, enum_label, find_label
from samsvar.site.shell.site_url import absolute_url
from samsvar.territories import territory_name

EPOCH = datetime.combine(date(2011, 5, 11), time.min, UTC)  # the Convention's opening for signature


def build_calendar(state: str, today: date) -> bytes:
    """Return the calendar of a state in the language of the page, the same for everyone. Four queries."""
    measures = list(
        Measure.objects.filter(is_public(), state_id=state, stage__in=OPEN_STAGES).exclude(due="").order_by("due", "pk")
    )
    name = _("Duties and measures: %(state)s") % {"state": territory_name(state, get_language() or "en")}
    # the moment of the last change, so that the same content has the same bytes
    updated_at = max([last_change(state) or EPOCH, *(measure.updated_at for measure in measures)])
    days = [*_duty_days(state, today), *_measure_days(measures)]
    return export_due_days(days, calendar=f"state/{state}", name=name, updated_at=updated_at)


def _duty_days(state: str, today: date) -> Iterator[DueDay]:
    link = absolute_url(reverse("implementation:duties", args=[state]))
    for line in state_duties(state, today).open:
        if line.duty.due is None:
            continue
        procedure = find_label(PROCEDURES, line.duty.procedure)
        title = f"{enum_label(line.duty.kind)} ({procedure})" if procedure else str(enum_label(line.duty.kind))
        if not line.is_printed:
            title = _("%(step)s: proposed date") % {"step": title}
        source = _("Source: %(source)s") % {"source": line.due_source.text} if line.due_source else ""
        yield DueDay(
            key=f"duty/{line.key}",
            day=line.duty.due.latest,
            title=title,
            text=" ".join(part for part in (_precision_note(line.duty.due), source) if part),
            link=link,
            is_tentative=not line.is_printed,
        )


def _measure_days(measures: list[Measure]) -> Iterator[DueDay]:
    for measure in measures:
        try:
            due = parse_partial_date(measure.due)
        except UnreadableDate:
            continue
        if due is not None:
            yield DueDay(
                key=f"measure/{measure.public_id}",
                day=due.latest,
                title=_("Measure due: %(measure)s") % {"measure": measure.title},
                text=_precision_note(due),
                link=absolute_url(reverse("implementation:measure", args=[measure.public_id])),
            )


def _precision_note(due: PartialDate) -> str:
    """Return a sentence if the day is the last of a month or year, because the source gives no day."""
    if due.day:
        return ""
    return _("The source says %(date)s, without a day.") % {"date": due.to_text(get_language() or "en")}
