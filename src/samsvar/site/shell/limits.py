"""Rate limits per account, for actions that can be abused.

Anyone signed in may read the directory, but must not be able to copy it (issue 3: a leaked list can put a person in
danger). The limits are far above what a reader needs, and far below what copying the directory would take.

Sign-in, codes and emails have limits of their own (settings/accounts.py). All limits are documented in
docs/explanation/security.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from samsvar.site.shell.allauth_internals import ratelimit


@dataclass(frozen=True, slots=True)
class RateLimit:
    """A rate limit across all processes. "5/h/user,20/d/user" sets two limits; periods are s, m, h and d."""

    rates: str
    description: str  # what is counted, in the words of docs/explanation/security.md
    counts_reads: bool = False  # also count requests that only read a page
    counts_invalid: bool = True  # also count submissions that were returned as invalid


LIMITS: dict[str, RateLimit] = {
    "directory": RateLimit("240/10m/user", "pages of the directory, including profiles", counts_reads=True),
    # a directory page shows several photographs, and browsers fetch each again because none is cached
    "pictures": RateLimit("1200/10m/user", "photographs of people viewed", counts_reads=True),
    "export": RateLimit("10/h/user", "downloads of personal data", counts_reads=True),
    "ask": RateLimit("5/h/user,20/d/user", "questions through the secretariat", counts_invalid=False),
    "upload": RateLimit("60/h/user", "uploads"),
    "photograph": RateLimit("20/h/user", "photographs uploaded"),
}

INVALID_FORM_STATUSES = frozenset({200, 400, 409, 422})  # responses to a submission that has to be corrected


def rate_limited[View: Callable[..., Any]](name: str) -> Callable[[View], View]:
    """Limit the rate of a view. Place it below `requires`, so that only permitted requests are counted."""
    limit = LIMITS[name]

    def decorator(view: View) -> View:
        @wraps(view)
        def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not _is_counted(request, limit):
                return view(request, *args, **kwargs)
            usage = _consume_rate_limit(request, name)
            if usage is None:
                return rate_limit_response(request, name)
            response: HttpResponseBase = view(request, *args, **kwargs)
            if not limit.counts_invalid and response.status_code in INVALID_FORM_STATUSES:
                usage.rollback()
            return response

        wrapper.limit = name  # type: ignore[attr-defined]
        return wrapper  # type: ignore[return-value]

    return decorator


def enforce_rate_limit(request: HttpRequest, name: str) -> HttpResponse | None:
    """Count a request from within a view, for views that decide themselves which requests count.

    Return the 429 response if the limit is exceeded, else None.
    """
    if not request.user.is_authenticated or _consume_rate_limit(request, name):
        return None
    return rate_limit_response(request, name)


def rate_limit_response(request: HttpRequest, name: str) -> HttpResponse:
    """Return the 429 page, with the time after which the next request is certain to succeed."""
    response = ratelimit.respond_429(request)
    rates = ratelimit.parse_rates(LIMITS[name].rates)
    response["Retry-After"] = str(int(max(rate.duration for rate in rates)))
    response["Cache-Control"] = "no-store"
    return response


def _is_counted(request: HttpRequest, limit: RateLimit) -> bool:
    """Return whether the request counts. Anonymous requests do not, because they only see cached public pages."""
    return request.user.is_authenticated and (limit.counts_reads or request.method not in {"GET", "HEAD", "OPTIONS"})


def _consume_rate_limit(request: HttpRequest, name: str) -> ratelimit.RateLimitUsage | None:
    # allauth's public function supports only its own table (65.21); the one below accepts any
    usage: ratelimit.RateLimitUsage | None = ratelimit.consume(
        request, app="samsvar", action=name, config={name: LIMITS[name].rates}, limit_get=True
    )
    return usage
