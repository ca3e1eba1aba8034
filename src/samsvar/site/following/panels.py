"""Panels of following: the links on the page of each thing that can be followed, and the link on the account page."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict

from samsvar.site.following.models import FollowKind
from samsvar.site.following.targets import FollowTarget, find_search

type Panel = tuple[str, dict[str, Any]]


def follow_panel(kind: FollowKind, key: Any) -> Panel | None:
    """Return the links to follow a thing and to its feed, without a query: the page has found it already.

    `key` is as in `Follow`, and of a search the query string of its page. None for a search for nothing.
    """
    target = find_search(QueryDict(str(key))) if kind is FollowKind.SEARCH else FollowTarget(kind, str(key))
    if target is None:
        return None
    return "following/_links.html", {"target": target, "has_feed_link": kind is FollowKind.SEARCH}


def account_panel(_public_id: str) -> Panel:
    return "following/_account_panel.html", {}
