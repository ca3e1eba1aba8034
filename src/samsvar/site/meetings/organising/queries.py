"""What organisers see and choose from when they manage a meeting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import QuerySet

from samsvar.meetings.registration import Opening
from samsvar.network.rights import Claim, Scope
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.permissions import User, can_plan
from samsvar.site.meetings.meeting.queries.opening import opening_of
from samsvar.site.network.access.permissions import Network, Organisation, access_of, holds
from samsvar.site.network.directory.queries import organisations as queries_organisations
from samsvar.site.network.membership import queries as directory

# --- For the organiser ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OverviewPage:
    """What an organiser sees first."""

    meeting: models.Meeting
    inner: tuple[models.Meeting, ...]
    opening: Opening
    figures: Mapping[str, int]
    may_plan: bool


def overview_page(meeting: models.Meeting, user: User) -> OverviewPage:
    """A meeting's numbers of everything that an organiser keeps; one question each."""
    return OverviewPage(
        meeting=meeting,
        inner=tuple(models.Meeting.objects.filter(inside=meeting).order_by("begins", "public_id")),
        opening=opening_of(meeting),
        figures={
            "states": meeting.states.values("state").distinct().count(),
            "organisations": meeting.organisations.count(),
            "links": meeting.links.filter(session=None).count(),
            "documents": meeting.documents.count(),
            "duties": meeting.duties.count(),
        },
        may_plan=can_plan(user, meeting.network),
    )


def networks_to_plan_for(user: User) -> list[Network]:
    """The networks of which this user may announce a meeting."""
    return [one for one in directory.networks().order_by("name") if can_plan(user, one)]


def meetings_to_lie_inside(user: User) -> QuerySet[models.Meeting]:
    """The meetings that this user runs, which another can lie inside of: only one deep."""
    access = access_of(user)
    slugs = [grant.scope.meeting for grant in access.grants if grant.scope.meeting]
    held = [slug for slug in slugs if holds(user, Claim.MANAGE_MEETING, Scope(meeting=slug))]
    return models.Meeting.objects.filter(public_id__in=held, inside=None).order_by("-begins")


def organisations_to_choose() -> QuerySet[Organisation]:
    return queries_organisations.organisations().order_by("name")
