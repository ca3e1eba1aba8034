"""States' relation to the Convention on a given day: status, dates, reservations, and the certainty of each."""
# One module, because a state's status, its dates and its reservations follow from the same events.

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import groupby

from samsvar.convention.provisions import Provision
from samsvar.dates import PartialDate, add_months, add_years, first_of_month_after
from samsvar.territories import TerritoryKind, territories


class SourceConfidence(StrEnum):
    """The certainty of a fact, from most to least certain. Facts that no source confirms are not counted."""

    CONFIRMED = "confirmed"
    SINGLE_SOURCE = "single-source"
    FICTIONAL = "fictional"  # about a fictional state of the demonstration data, so never certain
    UNVERIFIED = "from-memory"


def weakest_confidence(confidences: Iterable[SourceConfidence]) -> SourceConfidence:
    """Return the lowest confidence; UNVERIFIED if there is none."""
    order = list(SourceConfidence)
    return max(confidences, key=order.index, default=SourceConfidence.UNVERIFIED)


class EventKind(StrEnum):
    """The kinds of events in a state's relation to the Convention."""

    SIGNATURE = "signature"
    RATIFICATION = "ratification"
    ACCEPTANCE = "acceptance"
    APPROVAL = "approval"
    ACCESSION = "accession"
    ENTRY_INTO_FORCE = "entry_into_force"
    RESERVATION = "reservation"
    RESERVATION_RENEWAL = "reservation_renewal"
    RESERVATION_WITHDRAWN = "reservation_withdrawn"
    RESERVATION_LAPSED = "reservation_lapsed"
    DECLARATION = "declaration"
    OBJECTION = "objection"
    TERRITORIAL_EXTENSION = "territorial_extension"
    DENUNCIATION = "denunciation"
    DENUNCIATION_EFFECTIVE = "denunciation_effective"
    INVITATION_TO_ACCEDE = "invitation_to_accede"
    DOMESTIC_EVENT = "domestic_event"  # a vote, ruling or decree at home, without effect between states
    NONE = "none"  # a source states that nothing has happened


CONSENT_KINDS = frozenset({EventKind.RATIFICATION, EventKind.ACCEPTANCE, EventKind.APPROVAL, EventKind.ACCESSION})


@dataclass(frozen=True, slots=True)
class Event:
    """A treaty event. `date` is the date of the deposit or notification; `effective` is when it takes effect."""

    state: str
    kind: EventKind
    date: PartialDate | None = None
    effective: datetime.date | None = None
    provisions: tuple[Provision, ...] = ()  # the reserved provisions; () if the source does not name them
    basis: tuple[Provision, ...] = ()  # the clauses that the state invoked: 78(3), 79(2)
    confidence: SourceConfidence = SourceConfidence.CONFIRMED
    source: str = ""
    second_source: str = ""
    note: str = ""

    @property
    def is_verified(self) -> bool:
        """Whether the event is verified, so that a status may be based on it."""
        return self.confidence is not SourceConfidence.UNVERIFIED

    def has_happened(self, day: datetime.date) -> bool:
        """Return whether the event has certainly happened by `day`.

        An event dated to a month counts from the last day of that month; an undated event never counts.
        """
        return self.date is not None and self.date.latest <= day

    @property
    def sources(self) -> tuple[str, ...]:
        return tuple(filter(None, (self.source, self.second_source)))


class Status(StrEnum):
    """The possible relations of a state to the Convention."""

    PARTY = "party"
    SIGNATORY = "signatory"
    NONE = "none"
    FORMER_PARTY = "former_party"


class ReservationStage(StrEnum):
    """The stages of a reservation under Article 79."""

    MADE = "made"  # announced, but the Convention is not yet in force for the state
    IN_FORCE = "in_force"
    EXTENDED = "extended"  # the five years have ended, the six months of Article 79, paragraph 2, have not
    # the state renewed reservations, and no source says whether this one is among them
    ARTICLES_UNSEEN = "articles_unseen"
    RENEWAL_UNSEEN = "renewal_unseen"  # the period has ended, and no source says whether it was renewed
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"


ENDED_STAGES = frozenset({ReservationStage.LAPSED, ReservationStage.WITHDRAWN})


@dataclass(frozen=True, slots=True)
class Reservation:
    """A state's reservation to one provision; `provision` is None if no source names it.

    `until` is the end of the current or latest five-year period, or the day on which the reservation ended. It is None
    while the Convention is not in force for the state.
    """

    provision: Provision | None
    made_on: PartialDate
    stage: ReservationStage
    until: date | None
    renewal_dates: tuple[PartialDate, ...]
    confidence: SourceConfidence
    sources: tuple[str, ...]
    note: str

    @property
    def is_active(self) -> bool:
        """Whether a source shows that the reservation is in force on the day; False if it is unverified."""
        return (
            self.stage in (ReservationStage.IN_FORCE, ReservationStage.EXTENDED)
            and self.confidence is not SourceConfidence.UNVERIFIED
        )

    @property
    def is_uncertain(self) -> bool:
        """Whether it is not known if the reservation is in force on the day: no source says that it was renewed."""
        return self.stage not in {ReservationStage.MADE, *ENDED_STAGES} and not self.is_active


@dataclass(frozen=True, slots=True)
class StateStatus:
    """A state's relation to the Convention on one day.

    Dates are based on verified events only. `events` contains all events up to that day, including domestic and
    unverified ones.
    """

    state: str
    day: date
    status: Status
    signed: PartialDate | None
    ratified: PartialDate | None
    consent: EventKind | None  # how it consented: ratification, acceptance, approval or accession
    in_force: date | None  # may be after `day` if the state has ratified
    left: date | None
    reservations: tuple[Reservation, ...]
    confidence: SourceConfidence
    sources: tuple[str, ...]
    events: tuple[Event, ...]

    @property
    def is_awaiting_entry_into_force(self) -> bool:
        """Whether the state has ratified and will be bound only after `day`."""
        return self.in_force is not None and self.day < self.in_force

    @property
    def unverified_events(self) -> tuple[Event, ...]:
        """The events that no source confirms, which are displayed as unverified and never counted."""
        return tuple(event for event in self.events if not event.is_verified)


def status_on(day: date, events: Iterable[Event]) -> dict[str, StateStatus]:
    """Return the status on `day` of every state with an event, by state code in alphabetical order."""
    all_events = tuple(events)
    convention_start = convention_entry_into_force(all_events)
    return {
        state: _determine_state_status(day, state, state_events, convention_start)
        for state, state_events in _group_by_state(all_events)
    }


def count_with_status(status: Status, statuses: dict[str, StateStatus]) -> int:
    """Return the number of states with this status."""
    return sum(one.status is status for one in statuses.values())


# --- Entry into force: Articles 75 and 76 -----------------------------------------------------------------------------

CONSENTS_NEEDED = 10  # Article 75, paragraph 3
MEMBER_CONSENTS_NEEDED = 8  # of these, members of the Council of Europe
MONTHS_UNTIL_BOUND = 3  # Articles 75, 76 and 80
_FORMER_MEMBERS = frozenset({"RU"})  # member until 2022, so an earlier consent would have counted


def convention_entry_into_force(events: Iterable[Event]) -> date | None:
    """Return the day on which the Convention entered into force; None if too few states have consented.

    It is the first day of the month that follows three months after the tenth consent, provided that at least eight of
    the ten come from members of the Council of Europe (Article 75, paragraph 3).
    """
    current_members = {one.code for one in territories().values() if one.kind is TerritoryKind.COUNCIL_OF_EUROPE}
    members = current_members | _FORMER_MEMBERS
    consented: set[str] = set()
    for event in sorted(_consent_events(events), key=_latest_day):
        consented.add(event.state)
        if len(consented) >= CONSENTS_NEEDED and len(consented & members) >= MEMBER_CONSENTS_NEEDED:
            return first_of_month_after(_latest_day(event), MONTHS_UNTIL_BOUND)
    return None


def entry_into_force(consent: Event, convention_start: date | None) -> date | None:
    """Return the day from which a consent binds; None if the Convention has not entered into force."""
    if convention_start is None:
        return None
    return max(first_of_month_after(_latest_day(consent), MONTHS_UNTIL_BOUND), convention_start)


# --- Checks of listed dates against the treaty ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DateDisagreement:
    """A disagreement between a listed date and the one computed from the treaty; None for a missing date."""

    state: str
    event_kind: EventKind
    listed: date | None
    computed: date | None
    reason: str


def check_entry_into_force(events: Iterable[Event]) -> tuple[DateDisagreement, ...]:
    """Return the disagreements between listed entries into force and those computed from Articles 75 and 76."""
    all_events = tuple(events)
    convention_start = convention_entry_into_force(all_events)
    return tuple(
        disagreement
        for state, state_events in _group_by_state(all_events)
        for disagreement in _find_entry_into_force_disagreements(state, state_events, convention_start)
    )


def _find_entry_into_force_disagreements(
    state: str, state_events: Sequence[Event], convention_start: date | None
) -> Iterator[DateDisagreement]:
    kind = EventKind.ENTRY_INTO_FORCE
    listed = [_latest_day(event) for event in state_events if event.kind is kind and event.is_verified and event.date]
    periods = _periods_as_party(state_events, convention_start)
    computed = [entry_into_force(period.consent, convention_start) for period in periods]
    for position in range(max(len(listed), len(computed))):
        listed_date = listed[position] if position < len(listed) else None
        computed_date = computed[position] if position < len(computed) else None
        if listed_date != computed_date:
            reason = "does not match Article 75" if listed_date else "not listed"
            if position >= len(computed):
                reason = "no consent to be bound is known"
            yield DateDisagreement(state, kind, listed_date, computed_date, reason)


def check_departures(events: Iterable[Event]) -> tuple[DateDisagreement, ...]:
    """Return the listed effective dates of denunciations that differ from those computed from Article 80.

    Unverified denunciations are checked too, so that errors in them are found.
    """
    disagreements, kind = [], EventKind.DENUNCIATION_EFFECTIVE
    for state, state_events in _group_by_state(events):
        listed = [_latest_day(event) for event in state_events if event.kind is kind and event.date]
        received = [event for event in state_events if event.kind is EventKind.DENUNCIATION and event.date]
        for effect, notice in zip(listed, received, strict=False):
            computed = first_of_month_after(_latest_day(notice), MONTHS_UNTIL_BOUND)
            if effect != computed:
                disagreements.append(DateDisagreement(state, kind, effect, computed, "does not match Article 80"))
    return tuple(disagreements)


def check_reservations(events: Iterable[Event]) -> tuple[DateDisagreement, ...]:
    """Return renewals that do not start when a five-year period ends, or were notified too late (Article 79)."""
    all_events = tuple(events)
    convention_start = convention_entry_into_force(all_events)
    disagreements = []
    for state, state_events in _group_by_state(all_events):
        entries = [entry_into_force(consent, convention_start) for consent in _consent_events(state_events)]
        for renewal in state_events:
            if renewal.kind is not EventKind.RESERVATION_RENEWAL or not entries or not (start := entries[0]):
                continue
            effective = renewal.effective or _latest_day(renewal)
            ends = [add_years(start, YEARS_OF_A_RESERVATION * count) for count in range(1, 20)]
            nearest = min(ends, key=lambda end: abs(end - effective))
            if renewal.effective and renewal.effective != nearest:
                disagreements.append(
                    DateDisagreement(state, renewal.kind, effective, nearest, "no five-year period ends on that day")
                )
            elif _latest_day(renewal) >= add_months(nearest, MONTHS_OF_EXTENSION):
                disagreements.append(
                    DateDisagreement(state, renewal.kind, _latest_day(renewal), nearest, "renewed after it had lapsed")
                )
    return tuple(disagreements)


# --- One state --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _PeriodAsParty:
    """The period from a state's consent until it left the Convention; `left` is None if it has not left."""

    consent: Event
    start: date | None
    left: date | None
    entry_events: tuple[Event, ...]  # the consent and the listed entry into force
    departure_events: tuple[Event, ...]


def _determine_state_status(
    day: date, state: str, state_events: Sequence[Event], convention_start: date | None
) -> StateStatus:
    """Return one state's status from its events, which are sorted by date."""
    signature = next(
        (e for e in state_events if e.kind is EventKind.SIGNATURE and e.is_verified and e.has_happened(day)), None
    )
    all_periods = _periods_as_party(state_events, convention_start)
    periods = [period for period in all_periods if period.consent.has_happened(day)]
    period = periods[-1] if periods else None
    status, basis_events = _determine_status(day, state_events, signature, periods)
    departures = [period.left for period in periods if period.left and period.left <= day]
    return StateStatus(
        state=state,
        day=day,
        status=status,
        signed=signature.date if signature else None,
        ratified=period.consent.date if period else None,
        consent=period.consent.kind if period else None,
        in_force=period.start if period else None,
        left=departures[-1] if departures and status is not Status.PARTY else None,
        reservations=_list_reservations(day, state_events, period),
        confidence=weakest_confidence(event.confidence for event in basis_events),
        sources=_list_sources(*basis_events, *filter(None, [signature])),
        events=tuple(event for event in state_events if event.date is None or event.has_happened(day)),
    )


def _determine_status(
    day: date, state_events: Sequence[Event], signature: Event | None, periods: Sequence[_PeriodAsParty]
) -> tuple[Status, tuple[Event, ...]]:
    """Return the status and the events that it is based on."""
    started = [spell for spell in periods if spell.start and spell.start <= day]
    if started:
        last = started[-1]
        if last.left and last.left <= day:
            return Status.FORMER_PARTY, (*last.entry_events, *last.departure_events)
        return Status.PARTY, last.entry_events
    if signature:
        return Status.SIGNATORY, (signature, *(spell.consent for spell in periods))
    verified = tuple(event for event in state_events if event.is_verified)
    explicit_none = tuple(event for event in verified if event.kind is EventKind.NONE)
    return Status.NONE, explicit_none or verified[:1]  # no status yet: as certain as the first later event


def _periods_as_party(state_events: Sequence[Event], convention_start: date | None) -> Iterator[_PeriodAsParty]:
    """Yield the periods in which the state was or will be bound, one for each consent.

    A consent by a state that is already bound adds no period. A listed entry into force is ignored if it is earlier
    than the treaty allows, and used if it is later.
    """
    bound_until = date.min
    for consent in _consent_events(state_events):
        if _latest_day(consent) < bound_until:
            continue
        later_events = [e for e in state_events if e.is_verified and e.date and _latest_day(consent) <= _latest_day(e)]
        left, departure_events = _find_departure(later_events)
        entries = [
            e for e in later_events if e.kind is EventKind.ENTRY_INTO_FORCE and (left is None or _latest_day(e) < left)
        ]
        computed = entry_into_force(consent, convention_start)
        start = max(computed, *map(_latest_day, entries[:1])) if computed and entries else computed
        yield _PeriodAsParty(consent, start, left, (consent, *entries[:1]), departure_events)
        bound_until = left or date.max


def _find_departure(later_events: Sequence[Event]) -> tuple[date | None, tuple[Event, ...]]:
    """Return the day a denunciation takes effect (listed, or under Article 80) and its event; (None, ()) for none."""
    listed = next((event for event in later_events if event.kind is EventKind.DENUNCIATION_EFFECTIVE), None)
    if listed:
        return _latest_day(listed), (listed,)
    notice = next((event for event in later_events if event.kind is EventKind.DENUNCIATION), None)
    if notice:
        return first_of_month_after(_latest_day(notice), MONTHS_UNTIL_BOUND), (notice,)
    return None, ()


# --- Reservations: Articles 78 and 79 ---------------------------------------------------------------------------------

YEARS_OF_A_RESERVATION = 5  # Article 79, paragraph 1, from the entry into force for the state
MONTHS_OF_EXTENSION = 6  # Article 79, paragraph 2, if the state has notified nothing


def _list_reservations(
    day: date, state_events: Sequence[Event], period: _PeriodAsParty | None
) -> tuple[Reservation, ...]:
    """Return every reservation made by `day`, including ended ones, in the order of the treaty.

    A state that has left the Convention has no reservations.
    """
    if period and period.left and period.left <= day:
        return ()
    past_events = [event for event in state_events if event.has_happened(day)]
    events_by_provision: dict[Provision | None, Event] = {}
    for event in past_events:
        if event.kind is EventKind.RESERVATION:
            for provision in event.provisions or (None,):
                events_by_provision.setdefault(provision, event)
    start = period.start if period and period.start and period.start <= day else None
    reservations = (
        _build_reservation(day, provision, event, past_events, start)
        for provision, event in events_by_provision.items()
    )
    return tuple(sorted(reservations, key=lambda life: life.provision or Provision(0)))


def _build_reservation(
    day: date, provision: Provision | None, event: Event, past_events: Sequence[Event], start: date | None
) -> Reservation:
    """Return one reservation as of `day`; `start` is the Convention's entry into force for the state, or None."""
    renewals = [e for e in past_events if e.kind is EventKind.RESERVATION_RENEWAL and _may_concern(e, provision)]
    ending = next((e for e in past_events if e.kind in _ENDING_STAGES and _may_concern(e, provision)), None)
    if ending:
        stage, until = _ENDING_STAGES[ending.kind], _latest_day(ending)
    elif start is None:
        stage, until = ReservationStage.MADE, None
    else:
        until = _period_end(start, renewals)
        stage = _determine_stage(day, until, renewals, provision)
    basis_events = (event, *renewals, *([ending] if ending else []))
    return Reservation(
        provision=provision,
        made_on=event.date or PartialDate(1),
        stage=stage,
        until=until,
        renewal_dates=tuple(renewal.date for renewal in renewals if renewal.date),
        confidence=weakest_confidence(e.confidence for e in basis_events),
        sources=_list_sources(*basis_events),
        note=event.note,
    )


_ENDING_STAGES = {
    EventKind.RESERVATION_WITHDRAWN: ReservationStage.WITHDRAWN,
    EventKind.RESERVATION_LAPSED: ReservationStage.LAPSED,
}


def _may_concern(event: Event, provision: Provision | None) -> bool:
    """Return whether a renewal, withdrawal or lapse may concern the provision; True if it names no provision."""
    if not event.provisions or provision is None:
        return True
    return any(named.covers(provision) for named in event.provisions)


def _period_end(start: date, renewals: Sequence[Event]) -> date:
    """Return the end of the latest five-year period; a renewal that starts within a period does not extend it."""
    end = add_years(start, YEARS_OF_A_RESERVATION)
    for renewal in renewals:
        begins = renewal.effective or end
        if begins >= end:
            end = add_years(begins, YEARS_OF_A_RESERVATION)
    return end


def _determine_stage(day: date, end: date, renewals: Sequence[Event], provision: Provision | None) -> ReservationStage:
    """Return the stage of a reservation whose five-year period ends on `end`."""
    if day >= add_months(end, MONTHS_OF_EXTENSION):
        return ReservationStage.RENEWAL_UNSEEN
    if renewals and provision is not None and not renewals[-1].provisions:
        return ReservationStage.ARTICLES_UNSEEN
    return ReservationStage.IN_FORCE if day < end else ReservationStage.EXTENDED


def _list_sources(*events: Event) -> tuple[str, ...]:
    """Return the sources of the events without duplicates."""
    return tuple(dict.fromkeys(source for event in events for source in event.sources))


# --- Helpers ----------------------------------------------------------------------------------------------------------


def _group_by_state(events: Iterable[Event]) -> Iterator[tuple[str, tuple[Event, ...]]]:
    """Yield each state's events sorted by date, undated events first."""
    ordered = sorted(events, key=_sort_key)
    for state, state_events in groupby(ordered, key=lambda event: event.state):
        yield state, tuple(state_events)


def _sort_key(event: Event) -> tuple[str, date, int, str, str]:
    """Return a key that sorts by state, day and kind, so that the result does not depend on the input order."""
    latest = event.date.latest if event.date else date.min
    return event.state, latest, list(EventKind).index(event.kind), str(event.date), event.confidence


def _consent_events(events: Iterable[Event]) -> Iterator[Event]:
    """Return the verified, dated events by which a state consented to be bound."""
    return (event for event in events if event.kind in CONSENT_KINDS and event.is_verified and event.date)


def _latest_day(event: Event) -> date:
    """Return the day by which an event has certainly happened; the last possible date if it is undated."""
    return event.date.latest if event.date else date.max
