"""What meetings have to do once a day; the network's daily task asks for it."""

from __future__ import annotations

from datetime import datetime

from samsvar.site.meetings.actions.follow_up import ask_how_it_goes


def each_day(*, now: datetime, host: str) -> dict[str, int]:
    """Ask those who spoke for a commitment how it goes, where half a year is over."""
    asked = ask_how_it_goes(now=now, host=host)
    return {"asked_how_it_goes": asked} if asked else {}
