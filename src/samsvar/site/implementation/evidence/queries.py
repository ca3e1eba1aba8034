"""Queries for evidence: what both sides say about a measure or a finding, a state's list, and one's own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from samsvar.implementation.evidence import EvidenceFacts, EvidenceStatus, Side
from samsvar.implementation.progress import Proven, assess_proven
from samsvar.site.implementation.evidence.models import Evidence
from samsvar.site.implementation.evidence.permissions import (
    can_act_for_giver,
    can_check_form,
    evidence_organisations,
    given_by,
    is_released,
    possible_givers,
    visible_evidence_filter,
)
from samsvar.site.implementation.measures.models import Answer, Measure
from samsvar.site.implementation.measures.queries import find_measure
from samsvar.site.implementation.permissions import is_public, managed_states
from samsvar.site.monitoring.models import Finding
from samsvar.site.network.access.permissions import User

LISTED = 200  # pieces of evidence on one page: more than any state has for one measure


@dataclass(frozen=True, slots=True)
class EvidenceCard:
    """A piece of evidence in its current revision, with what a reader of the page has to know about it."""

    evidence: Evidence
    is_expired: bool
    is_own: bool  # given by the reader's own side
    earlier: tuple[Evidence, ...] = ()  # earlier revisions that the reader can see, newest first

    @property
    def is_for_everyone(self) -> bool:
        return self.evidence.status == EvidenceStatus.ACCEPTED


@dataclass(frozen=True, slots=True)
class EvidencePage:
    """What both sides say about a measure or a finding."""

    state: str
    measure: Measure | None
    finding: Finding | None
    proven: Proven  # from accepted evidence only
    state_cards: tuple[EvidenceCard, ...]
    other_cards: tuple[EvidenceCard, ...]
    can_offer: bool


def evidence_for_measure(user: User, public_id: str, day: date) -> EvidencePage | None:
    """Return the evidence for a measure, or None if the user can see no such measure."""
    measure = find_measure(user, public_id)
    if measure is None:
        return None
    return _evidence_page(user, day, Q(measure=measure), state=measure.state_id, measure=measure)


def evidence_for_finding(user: User, public_id: str, day: date) -> EvidencePage | None:
    """Return the evidence for a public finding itself and for the measures that answer it; None without a finding."""
    finding = Finding.objects.filter(public_id=public_id, state__isnull=False).first()
    if finding is None or finding.state_id is None:
        return None
    measures = Answer.objects.filter(finding_id=public_id, ended_at=None)
    if finding.state_id not in managed_states(user):
        measures = measures.filter(is_public("measure__"))
    about = Q(finding_id=public_id) | Q(measure__in=measures.values("measure"))
    return _evidence_page(user, day, about, state=finding.state_id, finding=finding)


def _evidence_page(
    user: User, day: date, about: Q, *, state: str, measure: Measure | None = None, finding: Finding | None = None
) -> EvidencePage:
    rows = visible_evidence(user).filter(about)
    cards = build_cards(user, rows[:LISTED], day)
    accepted = [card for card in cards if card.is_for_everyone]
    return EvidencePage(
        state=state,
        measure=measure,
        finding=finding,
        proven=assess_proven(
            (
                EvidenceFacts(Side(card.evidence.side), card.evidence.supports, card.evidence.valid_until)
                for card in accepted
            ),
            day,
        ),
        state_cards=tuple(card for card in cards if card.evidence.side == Side.STATE),
        other_cards=tuple(card for card in cards if card.evidence.side != Side.STATE),
        can_offer=bool(possible_givers(user, state)),
    )


def visible_evidence(user: User) -> QuerySet[Evidence]:
    """Return all evidence that a user can see, with what it is about and who gave it."""
    return Evidence.objects.filter(visible_evidence_filter(user)).select_related("organisation", "measure", "finding")


def build_cards(user: User, rows: Iterable[Evidence], day: date) -> list[EvidenceCard]:
    """Group the revisions that a user can see into one card for each piece of evidence.

    A card shows the newest accepted revision. A newer one that its side has not released yet is a card of its own,
    which only that side sees; so is evidence of which no revision is accepted.
    """
    series: dict[str, list[Evidence]] = {}
    for evidence in rows:
        series.setdefault(evidence.series, []).append(evidence)
    own = set(Evidence.objects.filter(given_by(user), series__in=series).values_list("pk", flat=True))
    cards = []
    for revisions in series.values():
        revisions.sort(key=lambda revision: revision.revision, reverse=True)
        accepted = next((revision for revision in revisions if revision.status == EvidenceStatus.ACCEPTED), None)
        newer = [revision for revision in revisions if accepted is None or revision.revision > accepted.revision]
        for shown in [*newer[:1], *([accepted] if accepted else [])]:
            earlier = tuple(revision for revision in revisions if revision.revision < shown.revision)
            is_expired = shown.valid_until is not None and shown.valid_until < day
            cards.append(EvidenceCard(shown, is_expired, shown.pk in own, earlier))
    return cards


@dataclass(frozen=True, slots=True)
class EvidenceDetails:
    """One revision of a piece of evidence, with its history and what the reader can do with it."""

    card: EvidenceCard
    history: tuple[Evidence, ...]  # all revisions that the reader can see, newest first
    newest: Evidence
    can_act: bool
    can_check: bool

    @property
    def evidence(self) -> Evidence:
        return self.card.evidence

    @property
    def steps(self) -> frozenset[str]:
        """What the reader's own side can do with this revision: "accept", "set_aside", "revise", "withdraw"."""
        if not self.can_act:
            return frozenset()
        steps = set()
        status = self.evidence.status
        if status in {EvidenceStatus.OFFERED, EvidenceStatus.SET_ASIDE} and not self.evidence.form_fault:
            steps.add("accept")
        if status in {EvidenceStatus.OFFERED, EvidenceStatus.ACCEPTED}:
            steps.add("set_aside")
        if status != EvidenceStatus.WITHDRAWN:
            steps.add("withdraw")
            if self.newest == self.evidence:
                steps.add("revise")
        return frozenset(steps)


def find_evidence(user: User, public_id: str) -> Evidence | None:
    """Return a piece of evidence; None if the user can see none with this ID."""
    return visible_evidence(user).filter(public_id=public_id).first()


def evidence_details(user: User, public_id: str, day: date) -> EvidenceDetails | None:
    """Return one revision with its history; None if the user can see no evidence with this ID."""
    evidence = find_evidence(user, public_id)
    if evidence is None:
        return None
    history = tuple(visible_evidence(user).filter(series=evidence.series).order_by("-revision"))
    can_act = can_act_for_giver(user, evidence)
    is_expired = evidence.valid_until is not None and evidence.valid_until < day
    return EvidenceDetails(
        card=EvidenceCard(
            evidence, is_expired, can_act, tuple(revision for revision in history if revision != evidence)
        ),
        history=history,
        newest=history[0],
        can_act=can_act,
        can_check=evidence.status == EvidenceStatus.ACCEPTED and not can_act and can_check_form(user, evidence),
    )


@dataclass(frozen=True, slots=True)
class OwnEvidence:
    """The evidence of the organisations and the desk that a user acts for."""

    organisations: tuple[Any, ...]
    states: tuple[str, ...]
    offered: tuple[EvidenceCard, ...]  # not yet released
    others: tuple[EvidenceCard, ...]


def own_evidence(user: User, day: date) -> OwnEvidence:
    """Return the evidence of a user's own side, that which waits for its release first."""
    rows = Evidence.objects.filter(given_by(user)).select_related("organisation", "measure", "finding")
    cards = build_cards(user, rows, day)
    return OwnEvidence(
        organisations=tuple(organisation for organisation, _side in evidence_organisations(user)),
        states=tuple(managed_states(user)),
        offered=tuple(card for card in cards if card.evidence.status == EvidenceStatus.OFFERED),
        others=tuple(card for card in cards if card.evidence.status != EvidenceStatus.OFFERED),
    )


@dataclass(frozen=True, slots=True)
class StateEvidence:
    """The public list of evidence about a state."""

    state: str
    cards: tuple[EvidenceCard, ...]
    sides: tuple[str, ...]  # the sides that have given any


def state_evidence(user: User, state: str, day: date, *, side: str = "", validity: str = "") -> StateEvidence:
    """Return the released evidence about a state, newest first; what has expired is part of it.

    `validity` is "valid", "expired" or "" for both.
    """
    rows: Sequence[Evidence] = list(
        Evidence.objects.filter(is_released(), state_id=state).select_related("organisation", "measure", "finding")
    )
    cards = [card for card in build_cards(user, rows, day) if card.is_for_everyone]
    wanted = [
        card
        for card in cards
        if (not side or card.evidence.side == side) and (not validity or card.is_expired == (validity == "expired"))
    ]
    return StateEvidence(state, tuple(wanted), tuple(dict.fromkeys(card.evidence.side for card in cards)))


def measure_panel(public_id: str) -> tuple[str, dict[str, Any]]:
    """Return the panel with the number of pieces of accepted evidence on each side for a measure."""
    accepted = Evidence.objects.filter(measure__public_id=public_id, status=EvidenceStatus.ACCEPTED)
    sides = [side for _series, side in accepted.order_by().values_list("series", "side").distinct()]
    counts = {"state": sides.count(Side.STATE), "others": sum(side != Side.STATE for side in sides)}
    return "implementation/evidence/_measure_panel.html", {"public_id": public_id, **counts}
