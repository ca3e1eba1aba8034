"""Queries for adoptions, seen from the practice, from the measure, and from those who adopt."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import F, QuerySet
from django.utils.translation import get_language

from samsvar.exchange.adoptions import ADOPTION_STEPS, AdoptionStatus
from samsvar.implementation.evidence import EvidenceStatus
from samsvar.implementation.measures import MeasureVisibility
from samsvar.site.exchange.adoptions.models import Adoption, AdoptionEvent
from samsvar.site.exchange.adoptions.permissions import can_change, can_confirm, own_adoptions, visible_to
from samsvar.site.exchange.models import Introduction
from samsvar.site.exchange.practices.models import Practice, PracticeText
from samsvar.site.exchange.practices.queries.published import published_practices, published_titles
from samsvar.site.implementation.evidence.models import Evidence
from samsvar.site.implementation.measures.models import Measure
from samsvar.site.implementation.measures.queries import visible_measures
from samsvar.site.network.access.permissions import User

ADOPTIONS_A_PAGE = 50


def adoptions() -> QuerySet[Adoption]:
    """Return adoptions with what their pages show."""
    return Adoption.objects.select_related("practice__organisation", "organisation", "measure")


def across_states() -> QuerySet[Adoption]:
    """Return the adoptions that count as adoptions across states."""
    return adoptions().exclude(state=F("practice__state"))


def practice_title(practice: Practice) -> tuple[str, str]:
    """Return the title of a practice and its language: the reader's if there is one, else that of the original.

    It is that of the published version; only the owner of a practice that was never published sees its working title.
    """
    return practice_titles([practice])[practice.pk]


def practice_titles(practices: Iterable[Practice]) -> dict[int, tuple[str, str]]:
    """Return `practice_title` for several practices, by primary key."""
    by_key = {practice.pk: practice for practice in practices}
    titles = published_titles(by_key.values())
    if unpublished := {key: one for key, one in by_key.items() if key not in titles}:
        reader = get_language() or "en"
        working: dict[int, dict[str, str]] = {key: {} for key in unpublished}
        rows = PracticeText.objects.filter(practice__in=unpublished).values_list("practice", "language", "title")
        for key, language, title in rows:
            working[key][language] = title
        for key, by_language in working.items():
            language = reader if reader in by_language else unpublished[key].language
            titles[key] = (by_language.get(language, ""), language)
    return titles


def find_practice_to_adopt(public_id: str) -> Practice | None:
    """Return a published practice; None if it is retired or not public."""
    practices = published_practices()
    return practices.select_related("organisation").filter(public_id=public_id).first()


def introduction_of(user: User, practice: Practice, public_id: str) -> str:
    """Return the public ID of the introduction that led a user to a practice; "" if they were not introduced by it."""
    introductions = Introduction.objects.filter(asker=user, practice=practice, introduced_at__isnull=False)
    return introductions.filter(public_id=public_id).values_list("public_id", flat=True).first() or ""


def measures_to_link(user: User, state: str) -> QuerySet[Measure]:
    """Return the measures of a state that an adoption can be linked to: those that the user can see."""
    return visible_measures(user, state).order_by("reference", "title", "pk")


def measure_evidence(measure: Measure | None) -> QuerySet[Evidence]:
    """Return the released evidence which shows that a measure is done or works."""
    if measure is None:
        return Evidence.objects.none()
    return measure.evidence.filter(status=EvidenceStatus.ACCEPTED, supports=True)


def has_evidence(adoption: Adoption) -> bool:
    """Return whether an adoption has evidence that it works: a link, or released evidence of its measure."""
    return bool(adoption.evidence_link) or measure_evidence(adoption.measure).exists()


# --- Pages ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AdoptionRow:
    """An adoption in a list or panel."""

    adoption: Adoption
    practice_title: str
    practice_language: str
    is_across_states: bool
    shows_measure: bool


@dataclass(frozen=True, slots=True)
class AdoptionPage:
    """An adoption as one reader sees it."""

    listed: AdoptionRow
    events: tuple[AdoptionEvent, ...]
    next_statuses: tuple[AdoptionStatus, ...]  # that the reader can set now
    evidence: int  # released evidence of its measure
    can_change: bool
    can_confirm: bool


def find_adoption(user: User, public_id: str) -> Adoption | None:
    """Return an adoption; None if the user cannot see it."""
    return adoptions().filter(visible_to(user), public_id=public_id).first()


def adoption_page(user: User, public_id: str) -> AdoptionPage | None:
    adoption = find_adoption(user, public_id)
    if adoption is None:
        return None
    changes = can_change(user, adoption)
    shows_measure = adoption.measure is not None and (
        visible_measures(user, adoption.state_id).filter(pk=adoption.measure.pk).exists()
    )
    steps = ADOPTION_STEPS[AdoptionStatus(adoption.status)] if changes else ()
    return AdoptionPage(
        listed=_row(adoption, practice_title(adoption.practice), shows_measure=shows_measure),
        events=tuple(adoption.events.defer("by")),
        next_statuses=tuple(one for one in AdoptionStatus if one in steps),
        evidence=measure_evidence(adoption.measure).count() if shows_measure else 0,
        can_change=changes,
        can_confirm=can_confirm(user, adoption) and adoption.origin_confirmed_at is None,
    )


def adoption_list(user: User) -> tuple[list[AdoptionRow], list[AdoptionRow]]:
    """Return a user's own adoptions and the public ones of others, each with the newest first."""
    own = rows(adoptions().filter(own_adoptions(user)).order_by("-at", "-pk"))
    keys = [row.adoption.pk for row in own]
    others = adoptions().filter(is_public=True).exclude(pk__in=keys).order_by("-at", "-pk")
    return own, rows(others[:ADOPTIONS_A_PAGE])


def rows(shown: Iterable[Adoption]) -> list[AdoptionRow]:
    """Return adoptions for a list that everyone may see: measures that are not public are not shown."""
    listed = list(shown)
    titles = practice_titles([one.practice for one in listed])
    return [
        _row(
            adoption,
            titles[adoption.practice_id],
            shows_measure=adoption.measure is not None and adoption.measure.visibility == MeasureVisibility.PUBLIC,
        )
        for adoption in listed
    ]


def _row(adoption: Adoption, title: tuple[str, str], *, shows_measure: bool) -> AdoptionRow:
    is_across = adoption.state_id != adoption.practice.state_id
    return AdoptionRow(adoption, *title, is_across_states=is_across, shows_measure=shows_measure)


# --- Panels -----------------------------------------------------------------------------------------------------------


def practice_panel(public_id: str) -> tuple[str, dict[str, Any]] | None:
    """Return the panel of a practice's page: who has taken it up, and the link to take it up."""
    practice = find_practice_to_adopt(public_id)
    public = rows(adoptions().filter(is_public=True, practice__public_id=public_id))
    if practice is None and not public:
        return None
    return "exchange/adoptions/_practice_panel.html", {"rows": public, "practice": practice}


def measure_panel(public_id: str) -> tuple[str, dict[str, Any]] | None:
    """Return the panel of a measure's page with the practices that it takes up; the page itself is not for everyone.

    Adoptions that are not public are shown to their own side only, by the template.
    """
    listed = list(adoptions().filter(measure__public_id=public_id))
    if not listed:
        return None
    return "exchange/adoptions/_measure_panel.html", {"rows": rows(listed)}


def desk_panel(state: str) -> tuple[str, dict[str, Any]] | None:
    """Return the panel of a desk with the practices that the state takes up."""
    listed = rows(adoptions().filter(state=state, organisation=None))
    return "exchange/adoptions/_desk_panel.html", {"rows": listed, "state": state}
