"""Pages of the meetings, by topic, and the steps that they share."""

from samsvar.site.meetings.steps import by_of, managed_or_404, meeting_or_404, no_such_link, tried
from samsvar.site.network.steps import account_of, or_404, site_of, status_of, tell_trouble

__all__ = [
    "account_of",
    "by_of",
    "managed_or_404",
    "meeting_or_404",
    "no_such_link",
    "or_404",
    "site_of",
    "status_of",
    "tell_trouble",
    "tried",
]
