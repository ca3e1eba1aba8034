"""Permissions for evidence: on whose behalf a user gives it, and who can release, change or set aside which evidence.

The side is derived from the organisation and never chosen. Neither side has any permission for evidence of the other.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from samsvar.implementation.evidence import ORGANISATION_SIDES, EvidenceStatus, Side
from samsvar.implementation.measures import MeasureVisibility
from samsvar.network.people import OrganisationKind
from samsvar.network.rights import Claim, Scope
from samsvar.site.implementation.evidence.models import Evidence
from samsvar.site.implementation.permissions import can_manage_country, managed_states
from samsvar.site.monitoring.models import Finding
from samsvar.site.network.access.permissions import Organisation, User, get_access, has_claim
from samsvar.site.network.membership.queries import represented_organisations


@dataclass(frozen=True, slots=True)
class Giver:
    """On whose behalf evidence about a state is given. `organisation` is None for the state's national desk itself."""

    state: str
    side: Side
    organisation: Organisation | None = None


def possible_givers(user: User, state: str) -> list[Giver]:
    """Return on whose behalf a user can give evidence about a state: its national desk's, or organisations'.

    The desk gives evidence of the state. A contributor gives it for the organisations that they currently represent,
    unless the account is bound to the state: someone who acts for a state cannot also speak for civil society in it.
    """
    if can_manage_country(user, state):
        return [Giver(state, Side.STATE)]
    return [
        Giver(state, side, organisation)
        for organisation, side in evidence_organisations(user)
        if organisation.state_id in {state, None} and has_claim(user, Claim.OFFER_EVIDENCE, Scope(state=state))
        if state not in get_access(user).bound_states
    ]


def evidence_organisations(user: User) -> list[tuple[Organisation, Side]]:
    """Return the organisations on whose behalf a user can give evidence at all, each with its side.

    Bodies of the state give evidence through the national desk, so those who represent a ministry can give none here.
    """
    if not has_claim(user, Claim.OFFER_EVIDENCE):
        return []
    sides = [(body, ORGANISATION_SIDES[OrganisationKind(body.kind)]) for body in represented_organisations(user)]
    return [(organisation, side) for organisation, side in sides if side is not None and side is not Side.STATE]


def can_act_for_giver(user: User, evidence: Evidence) -> bool:
    """Return whether a user can release, revise, set aside or withdraw this evidence: only its own side can."""
    if evidence.side == Side.STATE:
        return can_manage_country(user, evidence.state_id)
    return any(
        giver.organisation is not None and giver.organisation.pk == evidence.organisation_id
        for giver in possible_givers(user, evidence.state_id)
        if giver.side == evidence.side
    )


def can_check_form(user: User, evidence: Evidence) -> bool:
    """Return whether a user can set evidence aside for its form, as a reviewer who is on neither side.

    A reviewer is not independent if the account is bound to the state, or if they represent an organisation that has
    given evidence about it.
    """
    if not has_claim(user, Claim.REVIEW_FINDINGS, Scope(state=evidence.state_id)):
        return False
    own = [organisation.pk for organisation in represented_organisations(user)]
    return not Evidence.objects.filter(state_id=evidence.state_id, organisation__in=own).exists()


def given_by(user: User) -> Q:
    """Return the condition for evidence that a user's own side has given, whatever its status."""
    if not get_access(user).signed_in:
        return Q(pk__in=())
    state_side = Q(side=Side.STATE, state__in=managed_states(user))
    organisations = [organisation.pk for organisation, _side in evidence_organisations(user)]
    bound = get_access(user).bound_states
    return state_side | (Q(organisation__in=organisations) & ~Q(side=Side.STATE) & ~Q(state__in=bound))


def is_released() -> Q:
    """Return the condition for evidence that everyone can see: accepted, for a public measure or a public finding."""
    about_measure = Q(measure__visibility=MeasureVisibility.PUBLIC)
    return Q(status=EvidenceStatus.ACCEPTED) & (about_measure | Q(finding__in=Finding.objects.values("public_id")))


def visible_evidence_filter(user: User) -> Q:
    """Return the condition for evidence that a user can see: what is released, and what their own side has given.

    A desk also sees accepted evidence of others for measures that it has not published.
    """
    accepted_for_desk = Q(status=EvidenceStatus.ACCEPTED, measure__state__in=managed_states(user))
    return is_released() | given_by(user) | accepted_for_desk
