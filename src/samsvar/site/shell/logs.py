"""The site's log: one JSON object per line, in UTC, safe against injection and without personal data.

It contains our errors and security events (`log_security_event`): sign-ins, failed sign-ins, rejected and rate-limited
requests. It never contains URLs with their queries, email addresses, passwords, tokens, page contents or rows that a
database rejected, and only the network part of IP addresses.

The audit log (site/audit) is separate: it is in the database and records what was changed and accessed. Both are
described in docs/explanation/security.md.
"""

from __future__ import annotations

import ipaddress
import json
import logging
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.crypto import salted_hmac

security_logger = logging.getLogger("samsvar.security")

TOKEN_PATTERN = re.compile(r"(?<=/)[\w:.=-]{24,}(?=/|\s|$)")  # a token in a URL; our IDs have 16 digits
EMAIL_PATTERN = re.compile(r"[\w.+'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
# PostgreSQL prints the row that violates a constraint, including names; matches up to the end of that error's text
ROW_DETAIL_PATTERN = re.compile(r"\n[ |]*DETAIL: .*?(?=\n\s*\n(?:The above exception|During handling)|\Z)", re.DOTALL)
# Statuses of rejected requests; 404 counts only for signed-in users, for whom it may mean "not permitted".
REJECTED_STATUSES = {
    400: "bad request",
    403: "refused",
    404: "not found",
    405: "wrong method",
    413: "too large",
    429: "too often",
}
MAX_ERROR_LENGTH = 20_000  # characters of an error in one line; a Django traceback has 6,000


def log_security_event(event: str, request: HttpRequest | None = None, **facts: Any) -> None:
    """Log a security event: what happened, to which account, from where.

    `facts` may contain only our own words and IDs.
    """
    security_logger.info(event, extra={"facts": {**describe_request(request), **facts}})


def describe_request(request: HttpRequest | None) -> dict[str, Any]:
    """Return who made the request, from where and for which page: as IDs and URL patterns, never the URL itself."""
    if request is None:
        return {}
    match = getattr(request, "resolver_match", None)
    user = getattr(request, "user", None)
    session = getattr(request, "session", None)
    arguments = match.kwargs if match else {}
    facts = {
        "method": request.method if request.method in {"GET", "HEAD", "POST", "OPTIONS"} else "another",
        "page": match.view_name if match else "",
        "of": " ".join(str(value) for name, value in arguments.items() if name in {"public_id", "page"}),
        "account": getattr(user, "public_id", "") if user is not None and user.is_authenticated else "",
        "session": keyed_hash(session.session_key) if session is not None and session.session_key else "",
        "from": network_prefix(client_address(request)),
    }
    return {name: value for name, value in facts.items() if value}


def keyed_hash(secret: str) -> str:
    """Return a 12-character keyed hash that correlates log lines without revealing the value."""
    return salted_hmac("samsvar.site.shell.logs", secret, algorithm="sha256").hexdigest()[:12]


def client_address(request: HttpRequest) -> str:
    """Return the client's IP address, as used by the sign-in limits, or an empty string if it is unknown."""
    from django.core.exceptions import PermissionDenied

    from samsvar.site.shell.allauth_internals import get_client_ip

    try:
        return get_client_ip(request) or ""
    except (PermissionDenied, ValueError):
        return ""


def network_prefix(address: str | None) -> str:
    """Return the network of an IP address, which can reveal an attack but not a person or shelter; "" if invalid."""
    try:
        ip = ipaddress.ip_address(address or "")
    except ValueError:
        return ""
    if isinstance(ip, ipaddress.IPv6Address):
        ip = ip.ipv4_mapped or ip
    return str(ipaddress.ip_network(f"{ip}/{24 if ip.version == 4 else 48}", strict=False))


class RejectionLogMiddleware:
    """Middleware that logs every rejected request. It has to enclose everything that can reject one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        event = REJECTED_STATUSES.get(response.status_code)
        # Django sets this attribute if the CSRF token was valid or not required
        if response.status_code == 403 and request.method == "POST" and not hasattr(request, "csrf_processing_done"):
            event = "cross-site form rejected"
        elif response.status_code == 400 and not _has_known_host(request):
            event = "unknown host"
        if event and (response.status_code != 404 or _is_signed_in(request)):
            log_security_event(event, request, status=response.status_code)
        return response


def _has_known_host(request: HttpRequest) -> bool:
    """Return whether the host that the request names is one of the site's own; any other name is untrusted."""
    try:
        return bool(request.get_host())
    except DisallowedHost:
        return False


def _is_signed_in(request: HttpRequest) -> bool:
    return bool(getattr(getattr(request, "user", None), "is_authenticated", False))


class JsonFormatter(logging.Formatter):
    """A formatter for one JSON object per line. It escapes everything but ASCII, so no text can start a new line."""

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, Any] = {
            "at": format_timestamp(record),
            "level": record.levelname,
            "log": record.name,
            "what": redact(record.getMessage()),
            **getattr(record, "facts", {}),
        }
        if record.exc_info:
            entry["error"] = redact(self.formatException(record.exc_info))[-MAX_ERROR_LENGTH:]
        return json.dumps(entry, default=str)


class PlainFormatter(logging.Formatter):
    """A formatter for the demo's log, readable in a terminal; only tracebacks have several lines."""

    def format(self, record: logging.LogRecord) -> str:
        facts = " ".join(f"{name}={value}" for name, value in getattr(record, "facts", {}).items())
        message = redact(f"{record.getMessage()} {facts}".strip())
        line = f"{format_timestamp(record)} {record.levelname} {record.name} {message}"
        line = "".join(character if character.isprintable() else json.dumps(character)[1:-1] for character in line)
        return f"{line}\n{redact(self.formatException(record.exc_info))}" if record.exc_info else line


def format_timestamp(record: logging.LogRecord) -> str:
    """Return the time of a record in UTC, to the millisecond: "2026-11-24T18:31:12.004Z"."""
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def redact(text: str) -> str:
    """Return the text with hashed email addresses and without tokens.

    Rows that the database quotes in an error are removed too.
    """
    redacted = EMAIL_PATTERN.sub(
        lambda match: f"‹address {keyed_hash(match[0].lower())}›", ROW_DETAIL_PATTERN.sub("\nDETAIL: ‹row›", text)
    )
    return TOKEN_PATTERN.sub("‹token›", redacted)
