"""What a state owes the monitoring bodies, and when: state report, visit, report back, second report back.

The documents of a procedure say what has happened. A day that a text prints is used as printed; where it prints none,
the Committee of the Parties' usual periods give a *proposed* day, which is marked as such and never counts as overdue.
Sources: the Committee's page on its tenth meeting (13 April 2021: three years to implement and report), and the cycles
of Finland, Sweden, Albania, Austria, Denmark and Monaco (recommendation + 3 years → conclusions + 2 years → noted).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from samsvar.dates import PartialDate, UnreadableDate, parse_partial_date
from samsvar.monitoring.rounds import CONVENTION_BODIES, RoundDocument, normalise_reference

YEARS_TO_REPORT_BACK = 3  # after the Committee's recommendation
YEARS_TO_SECOND_REPORT = 2  # after the Committee's conclusions
DUE_SOON = timedelta(days=90)


class DutyKind(StrEnum):
    """The steps of a procedure, in their order."""

    STATE_REPORT = "state_report"
    VISIT = "visit"
    COMMENTS = "comments"  # of the state on the draft report
    PUBLICATION = "publication"  # of the body's report
    RECOMMENDATION = "recommendation"  # of the Committee of the Parties
    REPORT_BACK = "report_back"
    CONCLUSIONS = "conclusions"
    SECOND_REPORT_BACK = "second_report_back"

    @property
    def is_owed_by_state(self) -> bool:
        """Whether the state has to do it; the others are steps of the bodies."""
        return self in _OWED_BY_STATE


_OWED_BY_STATE = frozenset({
    DutyKind.STATE_REPORT, DutyKind.COMMENTS, DutyKind.REPORT_BACK, DutyKind.SECOND_REPORT_BACK,
})  # fmt: skip


class DueBasis(StrEnum):
    """Where a due day comes from."""

    PRINTED = "printed"  # a text of the body prints it
    PROPOSED = "proposed"  # the usual period after an earlier step


class DutyStatus(StrEnum):
    """The status of a step on a day."""

    NOT_YET_DUE = "not_yet_due"
    DUE = "due"  # within the next 90 days
    OVERDUE = "overdue"  # only if a printed day has certainly passed
    PROPOSED_DAY_PASSED = "proposed_day_passed"  # we know neither the real day nor whether it was done
    SUBMITTED = "submitted"
    NOTED = "noted"  # the body has taken note of it in a later text
    NO_DATE = "no_date"


@dataclass(frozen=True, slots=True)
class ProcedureDocument:
    """A dated document of a procedure: `kind` is that of the catalogue, such as "report" or "conclusions"."""

    key: str
    procedure: str
    kind: str
    published: PartialDate | None


@dataclass(frozen=True, slots=True)
class Duty:
    """A step of a procedure for a state. `due_source` and `done_source` are keys of documents, or a text."""

    kind: DutyKind
    procedure: str
    due: PartialDate | None = None
    basis: DueBasis | None = None
    due_source: str = ""
    done: PartialDate | None = None
    done_source: str = ""
    noted: PartialDate | None = None  # when a later text of the body took note of it

    def status_on(self, day: date) -> DutyStatus:
        """Return the status on a day. Something done after that day counts as not done."""
        if self.noted and self.noted.earliest <= day:
            return DutyStatus.NOTED
        if self.done and self.done.earliest <= day:
            return DutyStatus.SUBMITTED
        if self.due is None:
            return DutyStatus.NO_DATE
        if self.due.latest < day:
            return DutyStatus.OVERDUE if self.basis is DueBasis.PRINTED else DutyStatus.PROPOSED_DAY_PASSED
        return DutyStatus.DUE if self.due.latest - day <= DUE_SOON else DutyStatus.NOT_YET_DUE


# the step that a document of the catalogue completes; a report back after the conclusions is the second one
_STEP_OF_DOCUMENT: Mapping[str, DutyKind] = {
    "state_report": DutyKind.STATE_REPORT,
    "evaluation_visit": DutyKind.VISIT,
    "government_comments": DutyKind.COMMENTS,
    "report": DutyKind.PUBLICATION,
    "recommendation": DutyKind.RECOMMENDATION,
    "report_back": DutyKind.REPORT_BACK,
    "government_response": DutyKind.REPORT_BACK,  # HUDOC's name of the form: "Government responses to …"
    "conclusions": DutyKind.CONCLUSIONS,
    "follow_up": DutyKind.SECOND_REPORT_BACK,  # the Committee notes the second report
}
# the step of the same procedure that comes before a document whose own procedure is not given
_FOLLOWS: Mapping[str, tuple[DutyKind, ...]] = {
    "recommendation": (DutyKind.PUBLICATION,),
    "report_back": (DutyKind.RECOMMENDATION, DutyKind.CONCLUSIONS),
    "government_response": (DutyKind.RECOMMENDATION, DutyKind.CONCLUSIONS),
    "conclusions": (DutyKind.RECOMMENDATION, DutyKind.PUBLICATION),
    "follow_up": (DutyKind.CONCLUSIONS,),
    "government_comments": (DutyKind.PUBLICATION,),
}


def assign_procedures(documents: Iterable[RoundDocument]) -> tuple[ProcedureDocument, ...]:
    """Return the dated documents of one state by the Convention's bodies, each with the procedure that it belongs to.

    A processed report of the Committee has its kind as its procedure. It then belongs to the procedure of the report
    whose reference it names, or else to that of the last step before it that it can follow. The procedure is "" if
    there is none. Documents without a readable date are left out.
    """
    dated = [
        (published, document)
        for document in documents
        if document.body in CONVENTION_BODIES and (published := _parse(document.published)) is not None
    ]
    by_reference = {
        normalise_reference(document.reference): document.procedure
        for _published, document in dated
        if document.reference and document.procedure not in _STEP_OF_DOCUMENT
    }
    latest: dict[DutyKind, str] = {}  # procedure of the last such step so far
    assigned = []
    for published, document in sorted(dated, key=lambda pair: (pair[0].earliest, str(pair[1].key))):
        kind = document.procedure if document.procedure in _STEP_OF_DOCUMENT else document.kind
        procedure = document.procedure
        if procedure in _STEP_OF_DOCUMENT:
            before = [latest[step] for step in _FOLLOWS.get(kind, ()) if step in latest]
            procedure = by_reference.get(normalise_reference(document.answers), before[0] if before else "")
        if step := _STEP_OF_DOCUMENT.get(kind):
            latest[step] = procedure
        assigned.append(ProcedureDocument(str(document.key), procedure, kind, published))
    return tuple(assigned)


def _parse(published: str) -> PartialDate | None:
    try:
        return parse_partial_date(published)
    except UnreadableDate:
        return None


def derive_duties(documents: Iterable[ProcedureDocument], entered: Iterable[Duty] = ()) -> tuple[Duty, ...]:
    """Return the steps of all procedures of one state, by procedure and in their order.

    `entered` are steps that a person has recorded with a source: their days replace the proposed ones, and what they
    leave out is taken from the documents. Documents from memory must not be passed.
    """
    steps: dict[str, dict[DutyKind, Duty]] = defaultdict(dict)
    for document in sorted(documents, key=_by_date):
        known = steps[document.procedure]
        step = _STEP_OF_DOCUMENT.get(document.kind)
        if step is None:
            continue
        if step is DutyKind.REPORT_BACK and DutyKind.CONCLUSIONS in known:
            step = DutyKind.SECOND_REPORT_BACK
        duty = known.get(step, Duty(step, document.procedure))
        if document.kind == "follow_up":  # in which the Committee notes the second report; not the report itself
            duty = replace(duty, noted=duty.noted or document.published)
        elif duty.done is None:
            duty = replace(duty, done=document.published, done_source=document.key)
        known[step] = duty
    for duty in entered:
        known = steps[duty.procedure]
        known[duty.kind] = _merge(duty, known.get(duty.kind))
    for procedure, known in steps.items():
        _add_report_back(procedure, known)
    order = list(DutyKind)
    return tuple(
        known[kind]
        for _procedure, known in sorted(steps.items(), key=lambda item: _begins(item[1].values()))
        for kind in order
        if kind in known
    )


def _add_report_back(procedure: str, known: dict[DutyKind, Duty]) -> None:
    """Add the reports back that follow from the recommendation and the conclusions, with proposed days."""
    followed_by = (
        (DutyKind.RECOMMENDATION, DutyKind.REPORT_BACK, YEARS_TO_REPORT_BACK, DutyKind.CONCLUSIONS),
        (DutyKind.CONCLUSIONS, DutyKind.SECOND_REPORT_BACK, YEARS_TO_SECOND_REPORT, None),
    )
    for step, duty_kind, years, noted_by in followed_by:
        opening = known.get(step)
        noting = known.get(noted_by) if noted_by else None
        if opening is None and noting is None:
            continue
        duty = known.get(duty_kind, Duty(duty_kind, procedure))
        if opening and opening.done and duty.due is None:
            duty = replace(
                duty,
                due=_add_years(opening.done, years),
                basis=DueBasis.PROPOSED,
                due_source=opening.done_source,
            )
        if noting and noting.done:
            duty = replace(duty, noted=noting.done)
        known[duty_kind] = duty


def _merge(entered: Duty, derived: Duty | None) -> Duty:
    if derived is None:
        return entered
    has_due = entered.due is not None
    return Duty(
        kind=entered.kind,
        procedure=entered.procedure,
        due=entered.due if has_due else derived.due,
        basis=entered.basis if has_due else derived.basis,
        due_source=entered.due_source if has_due else derived.due_source,
        done=entered.done or derived.done,
        done_source=entered.done_source or derived.done_source,
        noted=entered.noted or derived.noted,
    )


def _add_years(day: PartialDate, years: int) -> PartialDate:
    """Return the same day years later, as precise as the given one; 29 February becomes 28 February."""
    if (day.month, day.day) == (2, 29):
        return PartialDate(day.year + years, 2, 28)
    return PartialDate(day.year + years, day.month, day.day)


def _by_date(document: ProcedureDocument) -> tuple[date, str]:
    return (document.published.earliest if document.published else date.max, document.key)


def _begins(duties: Iterable[Duty]) -> date:
    days = [day.earliest for duty in duties for day in (duty.done, duty.due, duty.noted) if day]
    return min(days, default=date.max)
