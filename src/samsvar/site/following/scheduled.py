"""The daily task of following, called by the network's daily task."""

from __future__ import annotations

from datetime import datetime

from samsvar.site.following.actions import send_digests


def run_following_tasks(*, now: datetime) -> dict[str, int]:
    """Send the digests that are due. Return their number, without zero."""
    count = send_digests(now=now)
    return {"follow_digests": count} if count else {}
