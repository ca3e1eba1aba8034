"""Access for participants without an account, by the link of their registration.

The emailed link contains a token, and the database stores only its hash. Opening the link stores the hash in the
browser's session for at most twelve hours. The hash is looked up again on every request, so access ends at once when
the place is given up, an account is created or the person's data is erased. The link gives access only to meeting
pages, and only to what this one registration permits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from samsvar.ids import hash_secret
from samsvar.meetings.registration import ACTIVE_STATUSES
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.permissions import LinkHolder
from samsvar.site.shell import limits as ratelimit

SESSION_KEY = "registrations"
MAX_LINKS = 5
# Names of the URLs that contain the token of a registration. Invalid tokens count towards the rate limit for
# links.
LINK_URL_NAMES = frozenset(
    {"registration-link", "schedule-by-link", "choose-by-link", "make-calendar-by-link", "survey-by-link"}
)


class LinkAccessMiddleware:
    """Middleware that sets `request.user` to a `LinkHolder` for visitors with a registration link.

    It must come after the authentication middleware and before the access middleware.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        resolver_match = request.resolver_match
        if resolver_match is None or resolver_match.app_name != "meetings":
            return None
        token = kwargs.get("token", "") if resolver_match.url_name in LINK_URL_NAMES else ""
        if not token and settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return None
        if request.user.is_authenticated:
            return None
        is_known = token and remember_links(request, _find_registrations([hash_secret(token)]))
        if token and not is_known and resolver_match.url_name != "registration-link":
            limits = settings.SAMSVAR_RATE_LIMITS
            if limited := ratelimit.consume_or_429(request, action="join", config=limits, limit_get=True):
                return limited
        grant_link_access(request)
        return None


def remember_links(request: HttpRequest, registrations: list[models.Registration]) -> bool:
    """Store the registrations' link hashes in the session; return False if there are none or the user is signed in."""
    hashes = [one.token_hash for one in registrations if one.token_hash]
    if not hashes or request.user.is_authenticated:
        return False
    stored = request.session.get(SESSION_KEY, [])
    if not set(hashes) <= set(stored):
        request.session.cycle_key()  # prevents session fixation
        request.session[SESSION_KEY] = [*[one for one in stored if one not in hashes], *hashes][-MAX_LINKS:]
    return True


def grant_link_access(request: HttpRequest) -> None:
    """Replace `request.user` with a `LinkHolder` for those links in this session that are still valid."""
    if registrations := _find_registrations(request.session.get(SESSION_KEY, [])):
        request.user = LinkHolder(tuple(registrations))


def forget_links(request: HttpRequest) -> None:
    """Clear the session, so that links no longer give this browser access."""
    request.session.flush()


def _find_registrations(hashes: list[str]) -> list[models.Registration]:
    """Return active registrations with these link hashes, of people who have no account and whose data still exists."""
    if not hashes:
        return []
    return list(
        models.Registration.objects.filter(
            token_hash__in=hashes,
            status__in=ACTIVE_STATUSES,
            person__isnull=False,
            person__account__isnull=True,
            person__erased_at__isnull=True,
        ).select_related("meeting", "person")
    )
