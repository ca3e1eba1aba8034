"""A participant without an account comes by the link of their registration, and goes on as themselves.

The letter's link holds a token, the database its hash. Whoever opens it is remembered in this browser's session, twelve
hours at most: by that hash, which is compared anew at every page, so that a place that is given up, an account that is
made or a person who is erased ends it at once. It opens what this one registration may, at pages of meetings alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.core import ratelimit
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from samsvar.ids import secret_hash
from samsvar.meetings.registration import OPEN
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.permissions import LinkHolder

KEPT_AS = "registrations"  # in the session
MOST_KEPT = 5
# Addresses whose token is that of a registration. A wrong one there is counted as any wrong link is.
BY_LINK = frozenset(
    {"registration-link", "schedule-by-link", "choose-by-link", "make-calendar-by-link", "survey-by-link"}
)


class ByLink:
    """Says who somebody is who came by a link. Stands behind authentication and before the gate."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        here = request.resolver_match
        if here is None or here.app_name != "meetings":
            return None
        token = kwargs.get("token", "") if here.url_name in BY_LINK else ""
        if not token and settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return None
        if request.user.is_authenticated:
            return None
        if token and not remember(request, _places([secret_hash(token)])) and here.url_name != "registration-link":
            limited = ratelimit.consume_or_429(
                request, action="join", config=settings.SAMSVAR_RATE_LIMITS, limit_get=True
            )
            if limited:
                return limited
        hold(request)
        return None


def remember(request: HttpRequest, places: list[models.Registration]) -> bool:
    """Keep in this browser's session that somebody came by these links; whether there is anything to keep."""
    fresh = [one.token_hash for one in places if one.token_hash]
    if not fresh or request.user.is_authenticated:
        return False
    kept = request.session.get(KEPT_AS, [])
    if not set(fresh) <= set(kept):
        request.session.cycle_key()  # a session that somebody else began opens nothing of theirs
        request.session[KEPT_AS] = [*[one for one in kept if one not in fresh], *fresh][-MOST_KEPT:]
    return True


def hold(request: HttpRequest) -> None:
    """From here on `request.user` knows whose links were opened in this browser, as the database has them now."""
    if places := _places(request.session.get(KEPT_AS, [])):
        request.user = LinkHolder(tuple(places))


def forget(request: HttpRequest) -> None:
    """Nothing of it stays in this browser."""
    request.session.flush()


def _places(hashes: list[str]) -> list[models.Registration]:
    """The registrations of these links that open something: not over, of a person who has no account."""
    if not hashes:
        return []
    return list(
        models.Registration.objects.filter(
            token_hash__in=hashes,
            standing__in=OPEN,
            person__isnull=False,
            person__account__isnull=True,
            person__erased_at__isnull=True,
        ).select_related("meeting", "person")
    )
