"""The claim that each view requires. A view without one is open to no one: the access middleware rejects it.

The decorator states what every visitor needs (`@requires(Claim.UPLOAD_REPORTS)`); permission for a particular object
(this country, this network) is checked by the view through `permissions`. The table in docs/reference/rights.md is
generated from these decorators, and a test requests every URL as every role.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from samsvar.network.rights import Claim


def requires[View: Callable[..., Any]](claim: Claim) -> Callable[[View], View]:
    """Require a claim for a view. Must be the outermost decorator: Django's own copy attributes inwards only."""

    def decorator(view: View) -> View:
        view.door = claim  # type: ignore[attr-defined]
        return view

    return decorator


def also_by_link[View: Callable[..., Any]](view: View) -> View:
    """Allow a view of one's own data also through a personal link, without an account.

    Goes below `requires` and above all else. The view looks only at `request.user`, who is the owner of the link.
    """
    view.opens_by_link = True  # type: ignore[attr-defined]
    return view


public = requires(Claim.READ_PUBLIC)


def claim_required_by(view: Any) -> Claim | None:
    """Return the claim that a view requires, or None if it declares none."""
    claim = getattr(view, "door", None)
    return claim if isinstance(claim, Claim) else None
