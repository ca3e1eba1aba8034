"""Rate limits for actions that can be abused, counted in the database across all processes.

Anyone signed in may read the directory, but must not be able to copy it (issue 3: a leaked list can put a person in
danger). The limits are far above what a reader needs, and far below what copying the directory would take.

A limit of 240 in 10 minutes is a bucket for 240 requests that empties evenly: after 240 at once, one more is accepted
every 2.5 seconds. No one is therefore locked out for the whole period.

Sign-in, codes and emails have limits of their own (settings/accounts.py). All limits are documented in
docs/explanation/security.md.
"""

from __future__ import annotations

import ipaddress
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, wraps
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.core.ratelimit import respond_429
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.crypto import salted_hmac

from samsvar.site.shell.models import RateLimitCounter


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
    "send_asks": RateLimit("60/h/user", "requests for information sent", counts_invalid=False),
    "upload": RateLimit("60/h/user", "uploads"),
    "photograph": RateLimit("20/h/user", "photographs uploaded"),
    "let_in": RateLimit("20/h/user", "email addresses tried to let someone into a room"),
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
            usage = consume(request, action=name, rates=LIMITS[name].rates)
            if usage is None:
                return rate_limit_response(request, limit.rates)
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
    rates = LIMITS[name].rates
    if not request.user.is_authenticated or consume(request, action=name, rates=rates):
        return None
    return rate_limit_response(request, rates)


def consume_or_429(
    request: HttpRequest, *, action: str, config: Mapping[str, str], key: str | None = None, limit_get: bool = False
) -> HttpResponse | None:
    """Do as `allauth.core.ratelimit.consume_or_429`, with our own counter.

    An action that `config` does not contain is a KeyError; allauth would not limit it.
    """
    if request.method == "GET" and not limit_get:
        return None
    rates = config[action]
    return None if consume(request, action=action, rates=rates, key=key) else rate_limit_response(request, rates)


def rate_limit_response(request: HttpRequest, rates: str) -> HttpResponse:
    """Return the 429 page, with the seconds after which the next request is certain to succeed."""
    response: HttpResponse = respond_429(request)
    response["Retry-After"] = str(math.ceil(max(rate.interval for rate in parse_rates(rates))))
    response["Cache-Control"] = "no-store"
    return response


def _is_counted(request: HttpRequest, limit: RateLimit) -> bool:
    """Return whether the request counts. Anonymous requests do not, because they only see cached public pages."""
    return request.user.is_authenticated and (limit.counts_reads or request.method not in {"GET", "HEAD", "OPTIONS"})


# --- The counter ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rate:
    """A number of requests in a period of seconds, for each "ip" (network address), "user" or "key" (the target)."""

    amount: int
    seconds: float
    per: str

    @property
    def interval(self) -> float:
        """Return the seconds after which a full bucket has room for one more request."""
        return self.seconds / self.amount


@cache
def parse_rates(rates: str) -> tuple[Rate, ...]:
    """Parse "5/h/user,20/10m/ip"; without its last part a rate is for each network address."""
    units = {"s": 1, "m": 60, "h": 3600, "d": 86400}
    parsed = []
    for rate in rates.split(","):
        amount, period, *per = rate.strip().split("/")
        parsed.append(Rate(int(amount), float(period[:-1] or 1) * units[period[-1]], *(per or ["ip"])))
    return tuple(parsed)


@dataclass(frozen=True, slots=True)
class RateLimitUsage:
    """A counted request."""

    counted: tuple[tuple[str, Rate], ...]  # the keys of the counters

    def rollback(self) -> None:
        """Give the request back, because it was a mistake and not an action."""
        with connection.cursor() as cursor:
            for key, rate in self.counted:
                cursor.execute(f"UPDATE {_TABLE} SET empty_at = empty_at - %s WHERE key = %s", [rate.interval, key])


_TABLE = f'"{RateLimitCounter._meta.db_table}"'
# One statement both decides and counts, so that concurrent requests cannot pass together. A bucket that would be empty
# only after two periods was filled while the clock was ahead, and does not count.
_COUNT_SQL = f"""
    INSERT INTO {_TABLE} AS counter (key, empty_at) VALUES (%(key)s, %(now)s + %(interval)s)
    ON CONFLICT (key) DO UPDATE SET empty_at = %(interval)s + CASE
        WHEN counter.empty_at BETWEEN %(now)s AND %(now)s + 2 * %(period)s THEN counter.empty_at ELSE %(now)s END
    WHERE counter.empty_at <= %(now)s + %(period)s - %(interval)s + 0.001
        OR counter.empty_at > %(now)s + 2 * %(period)s"""


def consume(request: HttpRequest, *, action: str, rates: str, key: str | None = None) -> RateLimitUsage | None:
    """Count a request; return None, and count nothing, if that would exceed one of the rates."""
    counted: list[tuple[str, Rate]] = []
    for rate in parse_rates(rates):
        counter_key = _hash_key(action, rate, _find_source(request, rate, key))
        parameters: dict[str, str | float] = {
            "key": counter_key,
            "now": time.time(),
            "interval": rate.interval,
            "period": rate.seconds,
        }
        with connection.cursor() as cursor:
            cursor.execute(_COUNT_SQL, parameters)
            is_counted = cursor.rowcount > 0
        if not is_counted:
            RateLimitUsage(tuple(counted)).rollback()
            return None
        counted.append((counter_key, rate))
    return RateLimitUsage(tuple(counted))


def _find_source(request: HttpRequest, rate: Rate, key: str | None) -> str:
    match rate.per:
        case "ip":
            return _network_of(str(get_adapter().get_client_ip(request)))
        case "user":
            return str(request.user.pk)
        case "key" if key is not None:
            return key
    raise ValueError(f"nothing to count “{rate.per}” by")


def _network_of(address: str) -> str:
    """Return the address, or of IPv6 the network, because one visitor has all of its addresses."""
    try:
        version = ipaddress.ip_address(address).version
    except ValueError:
        return address
    if version == 4:
        return address
    return str(ipaddress.ip_network(f"{address}/{settings.ALLAUTH_RATE_LIMIT_IPV6_PREFIX}", strict=False))


def _hash_key(action: str, rate: Rate, source: str) -> str:
    text = f"{action}|{rate.amount}|{rate.seconds:g}|{rate.per}|{source}"
    return salted_hmac("samsvar.limits", text, algorithm="sha256").hexdigest()
