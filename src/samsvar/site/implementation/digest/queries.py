"""Lines of the weekly email: what is due or overdue for the desk of a state."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from samsvar.dates import PartialDate, UnreadableDate, parse_partial_date
from samsvar.implementation.duties import DutyStatus
from samsvar.implementation.measures import MeasureVisibility
from samsvar.network.rights import Role
from samsvar.site.implementation.digest.models import DigestSubscription
from samsvar.site.implementation.duties.queries import ESCALATED_AFTER, state_duties
from samsvar.site.implementation.measures.models import Measure
from samsvar.site.implementation.measures.queries import OPEN_STAGES
from samsvar.site.implementation.permissions import managed_states
from samsvar.site.network.access.permissions import Account, in_force_filter
from samsvar.site.network.accounts.end_links import EndLinks
from samsvar.site.shell import hooks
from samsvar.site.shell.labels import PROCEDURES, enum_label, find_label
from samsvar.site.shell.templatetags.samsvar import day as display_day
from samsvar.site.shell.templatetags.samsvar import state_name

DUE_WITHIN = timedelta(days=30)
BETWEEN_EMAILS = timedelta(days=7)


class DigestStatus(StrEnum):
    """How urgent a line is, most urgent first."""

    ESCALATED = "escalated"  # overdue for more than 30 days: every member of the desk is told
    OVERDUE = "overdue"
    DUE = "due"  # within 30 days
    TO_DO = "to_do"  # without a due day, such as an answer to accept


@dataclass(frozen=True, slots=True)
class DigestLine:
    """A line of the weekly email, in the language of its reader.

    `key` identifies what the line says: a line with the same key is not sent to the same person again. The email shows
    the text only if it is not `confidential`; for other lines it gives their number, and the page shows them.
    """

    key: str
    status: DigestStatus
    text: str
    due: PartialDate | None = None
    link: str = ""  # path of a page
    confidential: bool = False


@dataclass(frozen=True, slots=True)
class StateLines:
    """The lines about one state, most urgent first."""

    state: str
    lines: tuple[DigestLine, ...]

    def without(self, keys: Iterable[str]) -> StateLines:
        """Return the lines whose keys are not among the given ones."""
        return StateLines(self.state, tuple(line for line in self.lines if line.key not in set(keys)))


def digest_status(due: PartialDate | None, day: date) -> DigestStatus | None:
    """Return how urgent something is that is due on a certain day and not done, or None if it is not due yet."""
    if due is None:
        return DigestStatus.TO_DO
    if due.latest < day:
        return DigestStatus.ESCALATED if due.latest + ESCALATED_AFTER < day else DigestStatus.OVERDUE
    return DigestStatus.DUE if due.latest <= day + DUE_WITHIN else None


def lines_for(account: Account, day: date) -> tuple[StateLines, ...]:
    """Return what is due or overdue in each state whose desk the account belongs to, in the active language.

    Other features add lines through the hook `digest_lines`: for this person, and for the whole desk what is overdue
    for more than 30 days.
    """
    return tuple(
        StateLines(
            state,
            tuple(
                sorted(
                    [
                        *_duty_lines(state, day),
                        *_measure_lines(state, day),
                        *(
                            line
                            for provider in hooks.providers("digest_lines")
                            for line in provider(state, account, day)
                        ),
                    ],
                    key=_by_urgency,
                )
            ),
        )
        for state in managed_states(account)
    )


def _by_urgency(line: DigestLine) -> tuple[int, date, str]:
    return list(DigestStatus).index(line.status), line.due.latest if line.due else date.max, line.text


def _duty_lines(state: str, day: date) -> Iterator[DigestLine]:
    link = reverse("implementation:duties", args=[state])
    for line in state_duties(state, day).open:
        due = line.duty.due
        if due is None:
            continue
        if line.status is DutyStatus.PROPOSED_DAY_PASSED:  # neither overdue nor done: the desk may know
            status, text = (
                DigestStatus.TO_DO,
                _("%(step)s: the proposed date has passed. Record the date or the source"),
            )
        elif (due_status := digest_status(due, day)) is not None:
            status, text = due_status, "%(step)s" if line.is_printed else _("%(step)s: proposed date")
        else:
            continue
        step = f"{enum_label(line.duty.kind)} ({find_label(PROCEDURES, line.duty.procedure)})"
        yield DigestLine(f"duty/{state}/{line.key}/{due}/{status}", status, text % {"step": step}, due, link)


def _measure_lines(state: str, day: date) -> Iterator[DigestLine]:
    measures = Measure.objects.filter(
        state_id=state, stage__in=OPEN_STAGES, due__gt="", due__lte=(day + DUE_WITHIN).isoformat()
    )
    for measure in measures:
        try:
            due = parse_partial_date(measure.due)
        except UnreadableDate:
            continue
        if (status := digest_status(due, day)) is None:
            continue
        yield DigestLine(
            key=f"measure/{measure.public_id}/{measure.due}/{status}",
            status=status,
            text=_("Measure: %(measure)s") % {"measure": measure.title},
            due=due,
            link=reverse("implementation:measure", args=[measure.public_id]),
            confidential=measure.visibility != MeasureVisibility.PUBLIC,
        )


# --- Recipients -------------------------------------------------------------------------------------------------------


def desk_members() -> QuerySet[Account]:
    """Return the active accounts with a role at a national desk."""
    now = timezone.now()
    return Account.objects.filter(
        in_force_filter(now, "grants__"), grants__role=Role.NATIONAL_DESK, is_active=True, erased_at=None
    ).distinct()


def is_due(subscription: DigestSubscription, day: date) -> bool:
    """Return whether an email may be sent on a day: at most one in seven days, none while it is off or snoozed."""
    is_snoozed = subscription.snoozed_until is not None and day < subscription.snoozed_until
    is_too_soon = subscription.last_sent_on is not None and day < subscription.last_sent_on + BETWEEN_EMAILS
    return subscription.is_on and not is_snoozed and not is_too_soon


end_links = EndLinks("samsvar.implementation.digest")


# --- The text of the email --------------------------------------------------------------------------------------------


def render_lines(states: Iterable[StateLines], *, earlier: int) -> str:
    """Return the lines as plain text, grouped by state and urgency. Confidential lines are only counted.

    `earlier` is the number of lines that were sent before and still apply.
    """
    parts: list[str] = []
    for state in states:
        if not state.lines:
            continue
        parts.append(state_name(state.state))
        for status in DigestStatus:
            shown = [line for line in state.lines if line.status is status and not line.confidential]
            if shown:
                parts.append("\n".join([f"{enum_label(status)}:", *map(_render_line, shown)]))
        if hidden := sum(line.confidential for line in state.lines):
            parts.append(
                ngettext(
                    "And %(number)s line that only your desk can see. Sign in to read it.",
                    "And %(number)s lines that only your desk can see. Sign in to read them.",
                    hidden,
                )
                % {"number": hidden}
            )
    if earlier:
        parts.append(
            ngettext(
                "%(number)s thing that we told you about earlier is still open.",
                "%(number)s things that we told you about earlier are still open.",
                earlier,
            )
            % {"number": earlier}
        )
    return "\n\n".join(parts)


def _render_line(line: DigestLine) -> str:
    return f"- {display_day(line.due)}: {line.text}" if line.due else f"- {line.text}"
