"""Queries for the pages on which organisers create and manage meetings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import QuerySet

from samsvar.meetings.registration import RegistrationPhase
from samsvar.network.rights import Claim, Scope
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.permissions import User, can_plan
from samsvar.site.meetings.meeting.queries.opening import get_registration_phase
from samsvar.site.network.access.permissions import Network, Organisation, get_access, has_claim
from samsvar.site.network.directory.queries import organisations as queries_organisations
from samsvar.site.network.membership import queries as directory


@dataclass(frozen=True, slots=True)
class OverviewPage:
    """The content of the organisers' overview of a meeting."""

    meeting: models.Meeting
    nested_meetings: tuple[models.Meeting, ...]
    registration_phase: RegistrationPhase
    figures: Mapping[str, int]
    can_plan: bool


def overview_page(meeting: models.Meeting, user: User) -> OverviewPage:
    """Return the content of the organisers' overview, including counts of related objects, with one query each."""
    return OverviewPage(
        meeting=meeting,
        nested_meetings=tuple(models.Meeting.objects.filter(inside=meeting).order_by("begins", "public_id")),
        registration_phase=get_registration_phase(meeting),
        figures={
            "states": meeting.states.values("state").distinct().count(),
            "organisations": meeting.organisations.count(),
            "links": meeting.links.filter(session=None).count(),
            "documents": meeting.documents.count(),
            "duties": meeting.duties.count(),
        },
        can_plan=can_plan(user, meeting.network),
    )


def networks_to_plan_for(user: User) -> list[Network]:
    """Return the networks for which this user may create a meeting."""
    return [one for one in directory.networks_with_organisation_counts().order_by("name") if can_plan(user, one)]


def possible_outer_meetings(user: User) -> QuerySet[models.Meeting]:
    """Return the meetings that can contain another: those that the user manages and that are not inside another."""
    slugs = [grant.scope.meeting for grant in get_access(user).grants if grant.scope.meeting]
    managed = [slug for slug in slugs if has_claim(user, Claim.MANAGE_MEETING, Scope(meeting=slug))]
    return models.Meeting.objects.filter(public_id__in=managed, inside=None).order_by("-begins")


def selectable_organisations() -> QuerySet[Organisation]:
    return queries_organisations.organisations().order_by("name")
