"""The Atom feed (RFC 4287) of what can be followed: the same for everyone, and only what is public."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from samsvar.site.following.events import BEGINNING, FollowEvent
from samsvar.site.following.queries import describe_event
from samsvar.site.following.targets import FollowTarget
from samsvar.site.shell.atom import Entry, render_feed
from samsvar.site.shell.site_url import absolute_url


def render_event_feed(target: FollowTarget, events: Iterable[FollowEvent], *, language: str) -> bytes:
    """Return the feed of a target's events as XML."""
    address = absolute_url(target.feed_path)
    return render_feed(
        [_build_entry(event, target, address) for event in events],
        title=_("News: %(name)s") % {"name": target.name},
        page_url=absolute_url(target.path),
        self_url=address,
        updated=BEGINNING,
        language=language,
    )


def _build_entry(event: FollowEvent, target: FollowTarget, address: str) -> Entry:
    text = describe_event(event, target)
    return Entry(
        id=f"{address}#{event.key}",
        title=text.title,
        updated=event.at,
        link=absolute_url(text.path),
        summary=text.words or text.title,
        summary_language=text.language if text.words else "",
    )
