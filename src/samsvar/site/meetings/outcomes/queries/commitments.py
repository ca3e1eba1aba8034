"""What was promised at meetings about a finding, by a state, under an article: for the pages of these, as all read it.

One question to the database each, whether or not there is anything; a page that is kept asks none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from samsvar.meetings.meeting import Access
from samsvar.meetings.outcomes import OutcomeKind, OutcomeState
from samsvar.site.meetings import models
from samsvar.site.meetings.outcomes.queries.outcomes import CommitmentView, views_of

SHOWN = 5  # on the page of something else; the register has all


@dataclass(frozen=True, slots=True)
class Promised:
    """The newest commitments about one thing, and which filter of the register shows all of them."""

    commitments: tuple[CommitmentView, ...]
    more: bool = False
    state: str = ""
    article: str = ""


def about_finding(public_id: str) -> tuple[str, dict[str, Any]] | None:
    """Commitments that answer a finding: all of them, since the register has no filter for one."""
    return _said(*_newest(None, finding=public_id))


def by_state(code: str) -> tuple[str, dict[str, Any]] | None:
    """Commitments that a state made, or a body on its side."""
    return _said(*_newest(SHOWN, commitment__state=code), state=code)


def under_article(number: str) -> tuple[str, dict[str, Any]] | None:
    """Commitments under an article, by whichever state."""
    return _said(*_newest(SHOWN, article=str(number)), article=str(number))


def _newest(most: int | None, **about: str) -> tuple[tuple[CommitmentView, ...], bool]:
    rows = (
        models.Outcome.objects.filter(
            kind=OutcomeKind.COMMITMENT,
            state=OutcomeState.CONFIRMED,
            access=Access.PUBLIC,
            meeting__access=Access.PUBLIC,
            **about,
        )
        .select_related("meeting", "commitment__organisation")
        .order_by("-meeting__begins", "pk")
    )
    found = list(rows if most is None else rows[: most + 1])
    return views_of(found[:most], timezone.now().date(), progress=False), most is not None and len(found) > most


def _said(commitments: tuple[CommitmentView, ...], more: bool, **of: Any) -> tuple[str, dict[str, Any]] | None:
    return ("meetings/_promised.html", {"page": Promised(commitments, more, **of)}) if commitments else None
