"""Decorators that declare the claim that a view requires. The access middleware rejects views that declare none.

The claim is what every visitor needs (`@requires(Claim.UPLOAD_REPORTS)`); permission for a particular object (this
country, this network) is checked by the view through `permissions`. The table in docs/reference/rights.md is generated
from these decorators, and a test requests every URL as every role.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from samsvar.network.rights import Claim


def requires[View: Callable[..., Any]](claim: Claim) -> Callable[[View], View]:
    """Require a claim for a view. Apply it outermost, because not every decorator passes on a view's attributes."""

    def decorator(view: View) -> View:
        view.required_claim = claim  # type: ignore[attr-defined]
        return view

    return decorator


def allow_link_access[View: Callable[..., Any]](view: View) -> View:
    """Allow access to a view of the user's own data through a personal link, without an account.

    Place it below `requires` and above all other decorators. The view uses only `request.user`, who is the owner of the
    link.
    """
    view.opens_by_link = True  # type: ignore[attr-defined]
    return view


public = requires(Claim.READ_PUBLIC)


def get_required_claim(view: Any) -> Claim | None:
    """Return the claim that a view requires, or None if it declares none."""
    claim = getattr(view, "required_claim", None)
    return claim if isinstance(claim, Claim) else None
