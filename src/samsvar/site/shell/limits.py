"""How often one account may do a thing that somebody with bad intentions would do often: the one table, and who counts.

Whoever has signed in may read the directory, and must not be able to carry it away (issue 3: a leaked list can put a
person in danger). The numbers lie far above what reading people do, and far below what a copy of the directory takes.
Sign-in, codes and letters have limits of their own (settings/accounts.py); both stand in docs/explanation/security.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from allauth.core.internal import ratelimit
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase


@dataclass(frozen=True, slots=True)
class Limit:
    """So many in a time, all processes together: "5/h/user,20/d/user" is both at once; times are s, m, h and d."""

    rates: str
    of: str  # what is counted, as docs/explanation/security.md says it
    counts_reading: bool = False  # also a page that is only looked at; else what is sent
    counts_mistakes: bool = True  # also what was sent and came back to be mended


LIMITS: dict[str, Limit] = {
    "directory": Limit("240/10m/user", "pages of the directory and of its people", counts_reading=True),
    # a page of the directory shows some of them, and a browser fetches each anew: none is kept
    "pictures": Limit("1200/10m/user", "photographs of people that are looked at", counts_reading=True),
    "export": Limit("10/h/user", "files with people in them", counts_reading=True),
    "ask": Limit("5/h/user,20/d/user", "questions through the secretariat", counts_mistakes=False),
    "upload": Limit("60/h/user", "files brought in"),
    "photograph": Limit("20/h/user", "photographs brought in"),
}

FORM_ONCE_MORE = frozenset({200, 400, 409, 422})  # answers to what was sent and came back to be mended


def limited[View: Callable[..., Any]](name: str) -> Callable[[View], View]:
    """Keep a view to its limit; stands inside the door, so that only who may enter is counted."""
    limit = LIMITS[name]

    def give(view: View) -> View:
        @wraps(view)
        def counted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not _is_counted(request, limit):
                return view(request, *args, **kwargs)
            usage = _consume(request, name)
            if usage is None:
                return too_often(request, name)
            response: HttpResponseBase = view(request, *args, **kwargs)
            if not limit.counts_mistakes and response.status_code in FORM_ONCE_MORE:
                usage.rollback()
            return response

        counted.limit = name  # type: ignore[attr-defined]
        return counted  # type: ignore[return-value]

    return give


def too_many(request: HttpRequest, name: str) -> HttpResponse | None:
    """Count one more, for a view that learns only halfway what it is: the page to answer with, or None to go on."""
    if not request.user.is_authenticated or _consume(request, name):
        return None
    return too_often(request, name)


def too_often(request: HttpRequest, name: str) -> HttpResponse:
    """The page that says so, with the time after which it is certain to go on."""
    response = ratelimit.respond_429(request)
    rates = ratelimit.parse_rates(LIMITS[name].rates)
    response["Retry-After"] = str(int(max(rate.duration for rate in rates)))
    response["Cache-Control"] = "no-store"
    return response


def _is_counted(request: HttpRequest, limit: Limit) -> bool:
    """Who is not signed in sees public things only, from the page cache."""
    return request.user.is_authenticated and (limit.counts_reading or request.method not in {"GET", "HEAD", "OPTIONS"})


def _consume(request: HttpRequest, name: str) -> ratelimit.RateLimitUsage | None:
    # allauth's public function knows its own table only (65.21); the one below it takes any
    usage: ratelimit.RateLimitUsage | None = ratelimit.consume(
        request, app="samsvar", action=name, config={name: LIMITS[name].rates}, limit_get=True
    )
    return usage
