"""Why somebody does what touches another: said in the action, whatever page, task or command calls it."""

from __future__ import annotations

from samsvar.network.membership import NetworkError

SHORTEST_REASON = 10  # characters: "work", "lost" or "needed" says nothing to who reads the trail


class ReasonTooShort(NetworkError):
    """The reason would say nothing to who reads the trail."""

    code = "reason_too_short"
    kept = "Nothing was changed."
    advice = f"Say why in at least {SHORTEST_REASON} characters: others will read it in the trail."


def reason_in(said: str, *, advice: str | None = None) -> str:
    """The reason as the trail keeps it; raises `ReasonTooShort` where it would explain nothing."""
    reason = " ".join(said.split())
    if len(reason) < SHORTEST_REASON:
        raise ReasonTooShort("The reason is too short.", advice=advice)
    return reason
