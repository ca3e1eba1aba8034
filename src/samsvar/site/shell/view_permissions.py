"""Which claim opens a page. A view without a door is open to nobody: the gate in `site/network` refuses it.

The door says what is asked of everybody who comes (`@door(Claim.UPLOAD_REPORTS)`); what is asked about the one thing
behind it (this country, this network) its view asks of `permissions`. The table in docs/reference/rights.md is made
from the doors, and a test goes to each address as each role.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from samsvar.network.rights import Claim


def door[View: Callable[..., Any]](claim: Claim) -> Callable[[View], View]:
    """Give a view its door. Stands outermost, above Django's own decorators: they copy attributes inwards only."""

    def give(view: View) -> View:
        view.door = claim  # type: ignore[attr-defined]
        return view

    return give


def by_link_too[View: Callable[..., Any]](view: View) -> View:
    """Open a view of somebody's own also to whoever came by a link of their own, without an account.

    Stands below the door and above all else. Whose link it is says `request.user`, and the view looks at that alone.
    """
    view.opens_by_link = True  # type: ignore[attr-defined]
    return view


open_to_all = door(Claim.READ_PUBLIC)


def door_of(view: Any) -> Claim | None:
    """The claim that opens a view; None where nobody has said."""
    found = getattr(view, "door", None)
    return found if isinstance(found, Claim) else None
