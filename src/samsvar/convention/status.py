"""Who is bound by the Convention on a given day, since when, with which reservations, and how sure we are."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import groupby

from samsvar.convention.provisions import Provision
from samsvar.dates import PartialDate, first_of_month_after, months_after, years_after
from samsvar.territories import Kind, territories


class Confidence(StrEnum):
    """How sure a fact is, surest first. What is remembered and not found in a source counts for nothing until it is."""

    CONFIRMED = "confirmed"
    SINGLE_SOURCE = "single-source"
    INVENTED = "invented"  # of a demonstration's invented states: nobody can be sure of it
    FROM_MEMORY = "from-memory"


def weakest(confidences: Iterable[Confidence]) -> Confidence:
    """The least sure of them; a fact that rests on nothing is from memory."""
    order = list(Confidence)
    return max(confidences, key=order.index, default=Confidence.FROM_MEMORY)


class EventKind(StrEnum):
    """What can happen between a state and the Convention."""

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
    DOMESTIC_EVENT = "domestic_event"  # a vote, ruling or decree at home: changes nothing between states
    NONE = "none"  # a source says that nothing has happened


CONSENT = frozenset({EventKind.RATIFICATION, EventKind.ACCEPTANCE, EventKind.APPROVAL, EventKind.ACCESSION})


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened. `date` is that of the deposit or notification; `effective` is that of its effect."""

    state: str
    kind: EventKind
    date: PartialDate | None = None
    effective: datetime.date | None = None
    provisions: tuple[Provision, ...] = ()  # the reserved provisions; () where the source does not name them
    basis: tuple[Provision, ...] = ()  # the clauses it was done under: 78(3), 79(2)
    confidence: Confidence = Confidence.CONFIRMED
    source: str = ""
    second_source: str = ""
    note: str = ""

    @property
    def counts(self) -> bool:
        """Whether a status may rest on it."""
        return self.confidence is not Confidence.FROM_MEMORY

    def happened_by(self, day: datetime.date) -> bool:
        """Whether it has certainly happened on `day`: a month counts from its last day. Without a date: never."""
        return self.date is not None and self.date.latest <= day

    @property
    def sources(self) -> tuple[str, ...]:
        return tuple(filter(None, (self.source, self.second_source)))


class Status(StrEnum):
    """What a state is to the Convention."""

    PARTY = "party"
    SIGNATORY = "signatory"
    NONE = "none"
    FORMER_PARTY = "former_party"


class Stage(StrEnum):
    """How far a reservation has come in its life under Article 79."""

    MADE = "made"  # announced; the Convention is not in force for the state
    IN_FORCE = "in_force"
    EXTENDED = "extended"  # five years are over, six months of Article 79, paragraph 2, are not
    ARTICLES_UNSEEN = "articles_unseen"  # the state renewed reservations, and no source says whether this one
    RENEWAL_UNSEEN = "renewal_unseen"  # its time is over, and no source says whether it was renewed
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"


ENDED = frozenset({Stage.LAPSED, Stage.WITHDRAWN})


@dataclass(frozen=True, slots=True)
class Reservation:
    """One reserved provision of one state; `provision` is None where no source names it.

    `until` is the end of the five years that run or ran last, or the day of the end where it has ended; None where the
    Convention is not in force for the state.
    """

    provision: Provision | None
    made: PartialDate
    stage: Stage
    until: date | None
    renewed: tuple[PartialDate, ...]
    confidence: Confidence
    sources: tuple[str, ...]
    note: str

    @property
    def active(self) -> bool:
        """Whether a source shows it in force on the day; never one that is only remembered."""
        return self.stage in (Stage.IN_FORCE, Stage.EXTENDED) and self.confidence is not Confidence.FROM_MEMORY


@dataclass(frozen=True, slots=True)
class StateStatus:
    """What one state is to the Convention on one day.

    Dates rest on counted events alone. `events` has all that happened by the day, domestic and unverified ones too.
    """

    state: str
    day: date
    status: Status
    signed: PartialDate | None
    ratified: PartialDate | None
    consent: EventKind | None  # how it bound itself: ratification, acceptance, approval or accession
    in_force: date | None  # may lie ahead of the day, where the state has ratified
    left: date | None
    reservations: tuple[Reservation, ...]
    confidence: Confidence
    sources: tuple[str, ...]
    events: tuple[Event, ...]

    @property
    def ratified_not_in_force(self) -> bool:
        """Bound from a day still ahead."""
        return self.in_force is not None and self.day < self.in_force

    @property
    def unverified(self) -> tuple[Event, ...]:
        """What is remembered and not found in a source: to be shown as such, and counted nowhere."""
        return tuple(event for event in self.events if not event.counts)


def status_on(day: date, events: Iterable[Event]) -> dict[str, StateStatus]:
    """The status on `day` of every state with an event, by code, in the order of codes."""
    known = tuple(events)
    opened = convention_in_force(known)
    return {state: _state_on(day, state, own, opened) for state, own in _by_state(known)}


def count_of(status: Status, statuses: dict[str, StateStatus]) -> int:
    """How many states have this status."""
    return sum(one.status is status for one in statuses.values())


# --- Entry into force: Articles 75 and 76 --------------------------------------------------------------------------

CONSENTS_NEEDED = 10  # Article 75, paragraph 3
MEMBERS_NEEDED = 8  # of them members of the Council of Europe
MONTHS_UNTIL_BOUND = 3  # Articles 75, 76 and 80
_MEMBERS_ONCE = frozenset({"RU"})  # was a member until 2022, so that a consent before would have counted


def convention_in_force(events: Iterable[Event]) -> date | None:
    """The day on which the Convention itself entered into force; None where too few have consented.

    The first day of the month after three months from the tenth consent, eight of the ten at least from members of the
    Council of Europe (Article 75, paragraph 3).
    """
    members = {known.code for known in territories().values() if known.kind is Kind.COUNCIL_OF_EUROPE} | _MEMBERS_ONCE
    consented: set[str] = set()
    for event in sorted(_consents(events), key=_latest):
        consented.add(event.state)
        if len(consented) >= CONSENTS_NEEDED and len(consented & members) >= MEMBERS_NEEDED:
            return first_of_month_after(_latest(event), MONTHS_UNTIL_BOUND)
    return None


def entry_into_force(consent: Event, opened: date | None) -> date | None:
    """The day from which a consent binds; None while the Convention itself (`opened`) is not in force."""
    if opened is None:
        return None
    return max(first_of_month_after(_latest(consent), MONTHS_UNTIL_BOUND), opened)


# --- Checks: what sources list against what the treaty says --------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A listed date that does not follow from the treaty. `computed` is None where nothing can follow."""

    state: str
    about: EventKind
    listed: date | None
    computed: date | None
    why: str


def check_entry_into_force(events: Iterable[Event]) -> tuple[Disagreement, ...]:
    """Every listed entry into force that Articles 75 and 76 do not give, and every one that they give unlisted."""
    known = tuple(events)
    opened = convention_in_force(known)
    return tuple(found for state, own in _by_state(known) for found in _entry_disagreements(state, own, opened))


def _entry_disagreements(state: str, own: Sequence[Event], opened: date | None) -> Iterator[Disagreement]:
    listed = [
        _latest(event) for event in own if event.kind is EventKind.ENTRY_INTO_FORCE and event.counts and event.date
    ]
    computed = [entry_into_force(spell.consent, opened) for spell in _spells(own, opened)]
    about = EventKind.ENTRY_INTO_FORCE
    for position in range(max(len(listed), len(computed))):
        one = listed[position] if position < len(listed) else None
        other = computed[position] if position < len(computed) else None
        if one != other:
            why = (
                "no consent is known"
                if position >= len(computed)
                else "not what Article 75 gives"
                if one
                else "not listed"
            )
            yield Disagreement(state, about, one, other, why)


def check_departures(events: Iterable[Event]) -> tuple[Disagreement, ...]:
    """Every listed effect of a denunciation that Article 80 does not give from the day of its receipt.

    Also reads denunciations from memory: a wrong memory should be found too.
    """
    found = []
    for state, own in _by_state(tuple(events)):
        listed = [_latest(event) for event in own if event.kind is EventKind.DENUNCIATION_EFFECTIVE and event.date]
        received = [event for event in own if event.kind is EventKind.DENUNCIATION and event.date]
        for effect, notice in zip(listed, received, strict=False):
            computed = first_of_month_after(_latest(notice), MONTHS_UNTIL_BOUND)
            if effect != computed:
                why = "not what Article 80 gives"
                found.append(Disagreement(state, EventKind.DENUNCIATION_EFFECTIVE, effect, computed, why))
    return tuple(found)


def check_reservations(events: Iterable[Event]) -> tuple[Disagreement, ...]:
    """Every renewal that does not begin where five years end (Article 79), or that came when the extension was over."""
    known = tuple(events)
    opened = convention_in_force(known)
    found = []
    for state, own in _by_state(known):
        bound = [entry_into_force(consent, opened) for consent in _consents(own)]
        for renewal in own:
            if renewal.kind is not EventKind.RESERVATION_RENEWAL or not bound or not (start := bound[0]):
                continue
            effective = renewal.effective or _latest(renewal)
            ends = [years_after(start, YEARS_OF_A_RESERVATION * count) for count in range(1, 20)]
            nearest = min(ends, key=lambda end: abs(end - effective))
            if renewal.effective and renewal.effective != nearest:
                found.append(Disagreement(state, renewal.kind, effective, nearest, "no five years end on that day"))
            elif _latest(renewal) >= months_after(nearest, MONTHS_OF_EXTENSION):
                found.append(
                    Disagreement(state, renewal.kind, _latest(renewal), nearest, "notified after it had lapsed")
                )
    return tuple(found)


# --- One state -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Spell:
    """From one consent to the day on which the state left, if it did."""

    consent: Event
    start: date | None
    left: date | None
    bound_by: tuple[Event, ...]  # the consent and the listed entry into force
    left_by: tuple[Event, ...]


def _state_on(day: date, state: str, own: Sequence[Event], opened: date | None) -> StateStatus:
    """The status of one state from its own events in the order of their dates."""
    signature = next((e for e in own if e.kind is EventKind.SIGNATURE and e.counts and e.happened_by(day)), None)
    spells = [spell for spell in _spells(own, opened) if spell.consent.happened_by(day)]
    spell = spells[-1] if spells else None
    status, rests_on = _standing(day, own, signature, spells)
    departures = [spell.left for spell in spells if spell.left and spell.left <= day]
    return StateStatus(
        state=state,
        day=day,
        status=status,
        signed=signature.date if signature else None,
        ratified=spell.consent.date if spell else None,
        consent=spell.consent.kind if spell else None,
        in_force=spell.start if spell else None,
        left=departures[-1] if departures and status is not Status.PARTY else None,
        reservations=_reservations_on(day, own, spell),
        confidence=weakest(event.confidence for event in rests_on),
        sources=_sources_of(*rests_on, *filter(None, [signature])),
        events=tuple(event for event in own if event.date is None or event.happened_by(day)),
    )


def _standing(
    day: date, own: Sequence[Event], signature: Event | None, spells: Sequence[_Spell]
) -> tuple[Status, tuple[Event, ...]]:
    """The status and the events that it rests on."""
    began = [spell for spell in spells if spell.start and spell.start <= day]
    if began:
        last = began[-1]
        if last.left and last.left <= day:
            return Status.FORMER_PARTY, (*last.bound_by, *last.left_by)
        return Status.PARTY, last.bound_by
    if signature:
        return Status.SIGNATORY, (signature, *(spell.consent for spell in spells))
    counted = tuple(event for event in own if event.counts)
    says_so = tuple(event for event in counted if event.kind is EventKind.NONE)
    return Status.NONE, says_so or counted[:1]  # nothing yet: as sure as the first thing that came later


def _spells(own: Sequence[Event], opened: date | None) -> Iterator[_Spell]:
    """The times in which the state was or will be bound, one for each consent; a consent of a bound state adds none.

    A listed entry into force earlier than the treaty allows is not believed; a later one is.
    """
    bound_until = date.min
    for consent in _consents(own):
        if _latest(consent) < bound_until:
            continue
        later = [e for e in own if e.counts and e.date and _latest(consent) <= _latest(e)]
        left, left_by = _departure(later)
        entries = [e for e in later if e.kind is EventKind.ENTRY_INTO_FORCE and (left is None or _latest(e) < left)]
        computed = entry_into_force(consent, opened)
        start = max(computed, *map(_latest, entries[:1])) if computed and entries else computed
        yield _Spell(consent, start, left, (consent, *entries[:1]), left_by)
        bound_until = left or date.max


def _departure(later: Sequence[Event]) -> tuple[date | None, tuple[Event, ...]]:
    """The day on which a denunciation takes effect, listed or as Article 80 gives it, and the event that says so."""
    listed = next((event for event in later if event.kind is EventKind.DENUNCIATION_EFFECTIVE), None)
    if listed:
        return _latest(listed), (listed,)
    notice = next((event for event in later if event.kind is EventKind.DENUNCIATION), None)
    if notice:
        return first_of_month_after(_latest(notice), MONTHS_UNTIL_BOUND), (notice,)
    return None, ()


# --- Reservations: Articles 78 and 79 ------------------------------------------------------------------------------

YEARS_OF_A_RESERVATION = 5  # Article 79, paragraph 1, from the entry into force for the state
MONTHS_OF_EXTENSION = 6  # Article 79, paragraph 2, where the state has notified nothing


def _reservations_on(day: date, own: Sequence[Event], spell: _Spell | None) -> tuple[Reservation, ...]:
    """Every reservation made by `day`, ended ones too, in the order of the treaty; none of a state that has left."""
    if spell and spell.left and spell.left <= day:
        return ()
    until_now = [event for event in own if event.happened_by(day)]
    made: dict[Provision | None, Event] = {}
    for event in until_now:
        if event.kind is EventKind.RESERVATION:
            for provision in event.provisions or (None,):
                made.setdefault(provision, event)
    start = spell.start if spell and spell.start and spell.start <= day else None
    lives = (_life(day, provision, event, until_now, start) for provision, event in made.items())
    return tuple(sorted(lives, key=lambda life: life.provision or Provision(0)))


def _life(
    day: date, provision: Provision | None, event: Event, until_now: Sequence[Event], start: date | None
) -> Reservation:
    """The life of one reservation up to `day`. `start` is the entry into force for the state, where that has come."""
    renewals = [e for e in until_now if e.kind is EventKind.RESERVATION_RENEWAL and _touches(e, provision)]
    stop = next((e for e in until_now if e.kind in _STOPS and _touches(e, provision)), None)
    if stop:
        stage, until = _STOPS[stop.kind], _latest(stop)
    elif start is None:
        stage, until = Stage.MADE, None
    else:
        until = _end_of_period(start, renewals)
        stage = _stage(day, until, renewals, provision)
    used = (event, *renewals, *([stop] if stop else []))
    return Reservation(
        provision=provision,
        made=event.date or PartialDate(1),
        stage=stage,
        until=until,
        renewed=tuple(renewal.date for renewal in renewals if renewal.date),
        confidence=weakest(e.confidence for e in used),
        sources=_sources_of(*used),
        note=event.note,
    )


_STOPS = {EventKind.RESERVATION_WITHDRAWN: Stage.WITHDRAWN, EventKind.RESERVATION_LAPSED: Stage.LAPSED}


def _touches(event: Event, provision: Provision | None) -> bool:
    """Whether a renewal, withdrawal or lapse is about this provision; one that names none may be about any."""
    if not event.provisions or provision is None:
        return True
    return any(named.covers(provision) for named in event.provisions)


def _end_of_period(start: date, renewals: Sequence[Event]) -> date:
    """The end of the five years that run last. A renewal that begins within running years adds none."""
    end = years_after(start, YEARS_OF_A_RESERVATION)
    for renewal in renewals:
        begins = renewal.effective or end
        if begins >= end:
            end = years_after(begins, YEARS_OF_A_RESERVATION)
    return end


def _stage(day: date, end: date, renewals: Sequence[Event], provision: Provision | None) -> Stage:
    """Where in its life a reservation is whose five years end on `end`."""
    if day >= months_after(end, MONTHS_OF_EXTENSION):
        return Stage.RENEWAL_UNSEEN
    if renewals and provision is not None and not renewals[-1].provisions:
        return Stage.ARTICLES_UNSEEN
    return Stage.IN_FORCE if day < end else Stage.EXTENDED


def _sources_of(*events: Event) -> tuple[str, ...]:
    """Where they can be read, each place once."""
    return tuple(dict.fromkeys(source for event in events for source in event.sources))


# --- Small words ---------------------------------------------------------------------------------------------------


def _by_state(events: Iterable[Event]) -> Iterator[tuple[str, tuple[Event, ...]]]:
    """Each state's events in the order of their dates, undated ones first."""
    ordered = sorted(events, key=_order)
    for state, own in groupby(ordered, key=lambda event: event.state):
        yield state, tuple(own)


def _order(event: Event) -> tuple[str, date, int, str, str]:
    """By state and day; what happened on one day in the order of kinds, so that the order given never matters."""
    latest = event.date.latest if event.date else date.min
    return event.state, latest, list(EventKind).index(event.kind), str(event.date), event.confidence


def _consents(events: Iterable[Event]) -> Iterator[Event]:
    """Deposits of instruments that bind, from memory left out."""
    return (event for event in events if event.kind in CONSENT and event.counts and event.date)


def _latest(event: Event) -> date:
    """The day by which a dated event has certainly happened."""
    return event.date.latest if event.date else date.max
