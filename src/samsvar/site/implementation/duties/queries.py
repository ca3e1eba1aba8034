"""Queries for the steps of a state's procedures on a day, with their sources."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from samsvar.dates import parse_partial_date
from samsvar.implementation.drafts import FROZEN
from samsvar.implementation.duties import (
    DueBasis,
    Duty,
    DutyKind,
    DutyStatus,
    ProcedureDocument,
    assign_procedures,
    derive_duties,
)
from samsvar.monitoring.rounds import CONVENTION_BODIES, RoundDocument
from samsvar.site.implementation.duties import models
from samsvar.site.implementation.models import Draft
from samsvar.site.monitoring.models import Document, Report

# the procedures for which a desk can record a step; others come from documents
PROCEDURES = ("baseline", "first_thematic", "thematic")
ESCALATED_AFTER = timedelta(days=30)  # what is overdue for longer concerns the whole desk


@dataclass(frozen=True, slots=True)
class Source:
    """Where a day comes from: a document, a report submitted here, or a text that a desk has named.

    `link` is "" without an address.
    """

    text: str
    link: str = ""
    report: str = ""  # public ID of the processed report
    report_back: str = ""  # public ID of the published report back
    draft: Draft | None = None  # the submitted report back; only the desk sees it


@dataclass(frozen=True, slots=True)
class DutyLine:
    """A step of a procedure with its status on the day of the page, and the sources of its days."""

    duty: Duty
    status: DutyStatus
    due_source: Source | None
    done_source: Source | None
    recorded: models.Duty | None
    drafts: tuple[Draft, ...] = ()  # reports that the desk is writing to complete it

    @property
    def key(self) -> str:
        """The step's name within its state: "baseline-report_back"."""
        return step_key(self.duty.procedure, self.duty.kind)

    @property
    def is_open(self) -> bool:
        """Whether the state still has to do it."""
        return self.duty.kind.is_owed_by_state and self.status not in _SETTLED

    @property
    def has_taken_place(self) -> bool:
        """Whether it is a step of a body that has happened; nothing was submitted then."""
        return self.status is DutyStatus.SUBMITTED and not self.duty.kind.is_owed_by_state

    @property
    def is_recordable(self) -> bool:
        """Whether a desk can record something about it: the procedure of the step is known."""
        return self.duty.procedure in PROCEDURES

    @property
    def is_printed(self) -> bool:
        return self.duty.basis is DueBasis.PRINTED


_SETTLED = (DutyStatus.SUBMITTED, DutyStatus.NOTED)


def step_key(procedure: str, kind: DutyKind) -> str:
    """Return the name of a step within its state."""
    return f"{procedure}-{kind}"


def parse_step_key(key: str) -> tuple[str, DutyKind]:
    """Return the procedure and the kind of a step. Raises ValueError."""
    procedure, _hyphen, kind = key.partition("-")
    return procedure, DutyKind(kind)


@dataclass(frozen=True, slots=True)
class ProcedureLines:
    """The steps of one procedure."""

    procedure: str
    lines: tuple[DutyLine, ...]


@dataclass(frozen=True, slots=True)
class StateDuties:
    """The steps of all procedures of a state as known on a day, and the next ones that the state has to do."""

    state: str
    day: date
    procedures: tuple[ProcedureLines, ...]

    @property
    def lines(self) -> tuple[DutyLine, ...]:
        return tuple(line for procedure in self.procedures for line in procedure.lines)

    @property
    def open(self) -> tuple[DutyLine, ...]:
        """What the state has to do, soonest first; steps without a due day come last."""
        return tuple(sorted((line for line in self.lines if line.is_open), key=_by_due))

    @property
    def next(self) -> DutyLine | None:
        """The step with the earliest printed day that the state has to do; a proposed one only if none is printed.

        A proposed day that has passed says nothing about what comes next.
        """
        dated = [line for line in self.open if line.duty.due and line.status is not DutyStatus.PROPOSED_DAY_PASSED]
        return next(iter(sorted(dated, key=lambda line: not line.is_printed)), None)


def state_duties(state: str, day: date, *, with_drafts: bool = False) -> StateDuties:
    """Return the steps of the procedures of a state as known on a day, from public documents and its desk. Two queries.

    With `with_drafts`, a third one adds the reports that the desk is writing, which no one else may see.

    A document counts from the first day on which it may have been published. A due day that a desk has recorded counts
    from the day of its source, or else from the day on which it was recorded. Documents from memory never count.
    """
    documents = list(
        Document.objects.filter(state_id=state, body__in=CONVENTION_BODIES)
        .exclude(confidence="from-memory")
        .select_related("report")
    )
    rows = models.Duty.objects.filter(state_id=state).select_related("done_draft__submission")
    recorded = {(duty.procedure, duty.kind): duty for duty in rows}
    drafts: dict[str, list[Draft]] = {}
    for draft in (
        Draft.objects.filter(state_id=state).exclude(duty="").exclude(status__in=FROZEN) if with_drafts else ()
    ):
        drafts.setdefault(draft.duty, []).append(draft)
    known = [document for document in _place(documents) if document.published and document.published.earliest <= day]
    entered = [value for duty in recorded.values() if (value := _value(duty, day)) is not None]
    sources = {document.public_id: _document_source(document) for document in documents}
    lines = [
        DutyLine(
            duty=duty,
            status=duty.status_on(day),
            due_source=_source(duty.due_source, sources),
            done_source=_done_source(duty, recorded.get((duty.procedure, duty.kind)), sources),
            recorded=recorded.get((duty.procedure, duty.kind)),
            drafts=tuple(drafts.get(step_key(duty.procedure, duty.kind), ())),
        )
        for duty in derive_duties(known, entered)
        if duty.due or duty.done or duty.noted
    ]
    groups = groupby(lines, key=lambda line: line.duty.procedure)
    return StateDuties(state, day, tuple(ProcedureLines(procedure, tuple(steps)) for procedure, steps in groups))


def find_line(state: str, procedure: str, kind: DutyKind, day: date) -> DutyLine | None:
    """Return a step as known on a day, or None if nothing is known about it."""
    lines = state_duties(state, day).lines
    return next((line for line in lines if (line.duty.procedure, line.duty.kind) == (procedure, kind)), None)


def recordable_steps(page: StateDuties) -> tuple[tuple[str, tuple[DutyKind, ...]], ...]:
    """Return, for each procedure, the steps about which nothing is known yet."""
    known = {(line.duty.procedure, line.duty.kind) for line in page.lines}
    return tuple(
        (procedure, tuple(kind for kind in DutyKind if (procedure, kind) not in known)) for procedure in PROCEDURES
    )


def last_change(state: str) -> datetime | None:
    """Return when a desk last recorded something about the procedures of a state."""
    return (
        models.Duty.objects.filter(state_id=state).order_by("-updated_at").values_list("updated_at", flat=True).first()
    )


def _place(documents: Iterable[Document]) -> tuple[ProcedureDocument, ...]:
    return assign_procedures(
        RoundDocument(
            document.public_id,
            document.body,
            document.procedure,
            document.kind,
            document.published,
            document.reference,
            document.answers,
        )
        for document in documents
    )


def _value(recorded: models.Duty, day: date) -> Duty | None:
    """Return what was recorded as the library's value, as known on a day; None if nothing was."""
    since = parse_partial_date(recorded.due_since)
    known_from = since.earliest if since else timezone.localtime(recorded.recorded_at).date()
    is_due_known = bool(recorded.due) and known_from <= day
    done = parse_partial_date(recorded.done)
    is_done_known = done is not None and done.earliest <= day
    if not (is_due_known or is_done_known):
        return None
    return Duty(
        kind=DutyKind(recorded.kind),
        procedure=recorded.procedure,
        due=parse_partial_date(recorded.due) if is_due_known else None,
        basis=DueBasis(recorded.basis) if is_due_known else None,
        due_source=recorded.due_source if is_due_known else "",
        done=done if is_done_known else None,
        done_source=recorded.done_source if is_done_known else "",
    )


def _source(key: str, sources: dict[str, Source]) -> Source | None:
    if not key:
        return None
    return sources.get(key) or Source(key, key if key.startswith(("https://", "http://")) else "")


def _done_source(duty: Duty, recorded: models.Duty | None, sources: dict[str, Source]) -> Source | None:
    draft = recorded.done_draft if recorded and recorded.done_source == duty.done_source else None
    if draft is None:
        return _source(duty.done_source, sources)
    submission = getattr(draft, "submission", None)
    if submission is not None and submission.published_at is not None:
        return Source(draft.title, report_back=draft.public_id, draft=draft)
    return Source(_("report of the state, not published here"), draft=draft)  # its title is not public either


def _document_source(document: Document) -> Source:
    report = getattr(document, "report", None)  # of a document of the catalogue, it may be a draft
    published = report if report and report.status == Report.Status.PUBLISHED else None
    text = document.reference or document.title or (published.filename if published else document.link)
    return Source(text, document.link or document.source, published.public_id if published else "")


def _by_due(line: DutyLine) -> tuple[date, str]:
    return (line.duty.due.latest if line.duty.due else date.max, line.key)


def desk_panel(state: str) -> tuple[str, dict[str, Any]]:
    """Return the panel of a desk's page, which links to the duties and the weekly email.

    It runs no query: the desk promises at most twelve, and the duties themselves take two.
    """
    return "implementation/duties/_desk.html", {"state": state}
