"""Queries for the owner of practices: their own list, and one practice with its reviews and history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from samsvar.exchange.practices import PRACTICE_ACTS, PracticeAct, PracticeActor, PracticeStatus, confirmation_due
from samsvar.network.rights import ROLE_CLAIMS, Claim, Role
from samsvar.site.exchange.practices.models import Practice, PracticeEvent, PracticeReview, PracticeText
from samsvar.site.exchange.practices.permissions import own_practices_filter
from samsvar.site.exchange.practices.queries.content import find_missing, frozen_content
from samsvar.site.network.access.permissions import Account, User, in_force_filter, term_filter


def with_titles(practices: QuerySet[Practice]) -> QuerySet[Practice]:
    """Return the practices with their state's organisation and, as `title`, the title in the original language."""
    original = PracticeText.objects.filter(practice=OuterRef("pk"), language=OuterRef("language"))
    return practices.select_related("organisation").annotate(title=Subquery(original.values("title")[:1]))


def own_practices(user: User) -> QuerySet[Practice]:
    """Return the practices of the organisations and desks on whose behalf a user can write, newest first."""
    return with_titles(Practice.objects.filter(own_practices_filter(user))).order_by("-updated_at", "pk")


def find_own_practice(user: User, public_id: str) -> Practice | None:
    """Return a practice on which the user can act for its owner; None as if it did not exist."""
    return own_practices(user).filter(public_id=public_id).first()


@dataclass(frozen=True, slots=True)
class OwnPracticePage:
    """A practice as its owner sees it."""

    practice: Practice
    content: Mapping[str, Any]
    missing: Sequence[str]  # fields without which it cannot be submitted
    comments: Sequence[PracticeReview]  # with a comment, newest first; the page does not say who wrote them
    events: Sequence[PracticeEvent]  # newest first
    acts: frozenset[str]  # what the owner can do now
    can_edit: bool
    can_delete: bool
    is_due: bool  # it has not been confirmed for 18 months


def own_practice_page(practice: Practice, day: date) -> OwnPracticePage:
    """Return the page of a practice that `find_own_practice` has found."""
    content = frozen_content(practice)
    status = PracticeStatus(practice.status)
    return OwnPracticePage(
        practice=practice,
        content=content,
        missing=find_missing(content),
        comments=list(practice.reviews.exclude(comment="").order_by("-pk").defer("by")),
        events=list(practice.events.order_by("-pk").defer("by")),
        acts=frozenset(
            act.value
            for act, (actors, before, _after) in PRACTICE_ACTS.items()
            if PracticeActor.OWNER in actors and status in before
        )
        - (set() if practice.published_version and not practice.retired_reason else {PracticeAct.RETIRE.value}),
        can_edit=is_editable(practice),
        can_delete=is_editable(practice) and practice.published_version is None,
        is_due=practice.confirmed_on is not None and confirmation_due(practice.confirmed_on) <= day,
    )


def is_editable(practice: Practice) -> bool:
    """Return whether the owner can change the text: not while others review it or after it is published."""
    return practice.status in {PracticeStatus.DRAFT, PracticeStatus.SENT_BACK}


def owner_accounts(practice: Practice) -> QuerySet[Account]:
    """Return the active accounts that can write on behalf of the owner of a practice."""
    now = timezone.now()
    accounts = Account.objects.filter(is_active=True, erased_at=None)
    if practice.organisation_id is None:
        grants = in_force_filter(now, "grants__")
        desk = accounts.filter(grants, grants__role=Role.NATIONAL_DESK, grants__state=practice.state_id)
        return desk.distinct().order_by("pk")
    roles = [role for role, claims in ROLE_CLAIMS.items() if Claim.CONTRIBUTE in claims]
    terms = term_filter(now.date(), "person__memberships__")
    members = accounts.filter(terms, person__memberships__organisation=practice.organisation_id)
    return members.filter(in_force_filter(now, "grants__"), grants__role__in=roles).distinct().order_by("pk")


def practices_to_confirm(day: date) -> list[Practice]:
    """Return the published practices that are due for confirmation and of which the owner was not yet reminded."""
    published = Practice.objects.filter(
        status=PracticeStatus.PUBLISHED, confirmed_on__isnull=False, reminded_on__isnull=True
    )
    return [one for one in published.order_by("pk") if one.confirmed_on and confirmation_due(one.confirmed_on) <= day]
