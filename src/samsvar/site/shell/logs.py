"""What the site writes to its log: a JSON object a line, in UTC, that no visitor can break, and that names nobody.

Errors of ours, and events of security (`security_event`): who signed in and who could not, what was refused, what was
tried too often. Never: addresses on the web with their questions, e-mail addresses, passwords, tokens, what a page
showed, the row that a database would not take; and of where somebody asks from, the network and not the telephone. The
trail (site/audit) is another thing: it is in the database, and says what was done and seen. Both are listed in
docs/explanation/security.md.
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

security = logging.getLogger("samsvar.security")

SECRET = re.compile(r"(?<=/)[\w:.=-]{24,}(?=/|\s|$)")  # a token in an address on the web; our ids have 16 digits
ADDRESS = re.compile(r"[\w.+'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
# PostgreSQL prints the row that breaks a rule, names and all; up to the end of what this one error says
ROW = re.compile(r"\n[ |]*DETAIL: .*?(?=\n\s*\n(?:The above exception|During handling)|\Z)", re.DOTALL)
# Statuses that refuse something; 404 counts where somebody is signed in, for there it may mean "not yours".
REFUSALS = {
    400: "bad request",
    403: "refused",
    404: "not found",
    405: "wrong method",
    413: "too large",
    429: "too often",
}
LONGEST = 20_000  # characters of what one line says of an error; a traceback of Django's has 6,000


def security_event(event: str, request: HttpRequest | None = None, **facts: Any) -> None:
    """Write an event of security: what happened, to which account, from where; `facts` are our own words and ids."""
    security.info(event, extra={"facts": {**circumstances(request), **facts}})


def circumstances(request: HttpRequest | None) -> dict[str, Any]:
    """Who asked, from where, for which kind of page: by ids and by the address's pattern, never by its text."""
    if request is None:
        return {}
    match = getattr(request, "resolver_match", None)
    user = getattr(request, "user", None)
    session = getattr(request, "session", None)
    things = {name: value for name, value in (match.kwargs if match else {}).items() if name in {"public_id", "page"}}
    said = {
        "method": request.method if request.method in {"GET", "HEAD", "POST", "OPTIONS"} else "another",
        "page": match.view_name if match else "",
        "of": " ".join(str(value) for value in things.values()),
        "account": getattr(user, "public_id", "") if user is not None and user.is_authenticated else "",
        "session": mark_of(session.session_key) if session is not None and session.session_key else "",
        "from": network_of(request_address(request)),
    }
    return {name: value for name, value in said.items() if value}


def mark_of(secret: str) -> str:
    """Twelve digits by which lines about the same thing are told to be so, and from which it cannot be had back."""
    return salted_hmac("samsvar.site.shell.logs", secret, algorithm="sha256").hexdigest()[:12]


def request_address(request: HttpRequest) -> str:
    """The address on the network of who asks, as the limits on sign-in know it; "" where it cannot be known."""
    from allauth.core.internal.httpkit import get_client_ip
    from django.core.exceptions import PermissionDenied

    try:
        return get_client_ip(request) or ""
    except (PermissionDenied, ValueError):
        return ""


def network_of(address: str | None) -> str:
    """The network that an address is in: enough to see an attack, and not whose telephone or which shelter it was."""
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv6Address):
        found = found.ipv4_mapped or found
    return str(ipaddress.ip_network(f"{found}/{24 if found.version == 4 else 48}", strict=False))


class Refusals:
    """Middleware that tells the log of each request that was refused; stands outside all that refuses."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        event = REFUSALS.get(response.status_code)
        # Django sets this mark when a form's token was right, or none was asked for
        if response.status_code == 403 and request.method == "POST" and not hasattr(request, "csrf_processing_done"):
            event = "form of another site"
        elif response.status_code == 400 and not _is_ours(request):
            event = "unknown host"
        if event and (response.status_code != 404 or _is_signed_in(request)):
            security_event(event, request, status=response.status_code)
        return response


def _is_ours(request: HttpRequest) -> bool:
    """Whether a request names one of the site's own names; what it names instead is a stranger's text."""
    try:
        return bool(request.get_host())
    except DisallowedHost:
        return False


def _is_signed_in(request: HttpRequest) -> bool:
    return bool(getattr(getattr(request, "user", None), "is_authenticated", False))


class JsonLines(logging.Formatter):
    """One JSON object a line; everything but plain letters is escaped, so that no text begins a line of its own."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": moment(record),
            "level": record.levelname,
            "log": record.name,
            "what": without_secrets(record.getMessage()),
            **getattr(record, "facts", {}),
        }
        if record.exc_info:
            line["error"] = without_secrets(self.formatException(record.exc_info))[-LONGEST:]
        return json.dumps(line, default=str)


class Plain(logging.Formatter):
    """For a demonstration on somebody's terminal: the same, to be read by eye; only a traceback has lines."""

    def format(self, record: logging.LogRecord) -> str:
        facts = " ".join(f"{name}={value}" for name, value in getattr(record, "facts", {}).items())
        said = without_secrets(f"{record.getMessage()} {facts}".strip())
        line = f"{moment(record)} {record.levelname} {record.name} {said}"
        line = "".join(one if one.isprintable() else json.dumps(one)[1:-1] for one in line)
        return f"{line}\n{without_secrets(self.formatException(record.exc_info))}" if record.exc_info else line


def moment(record: logging.LogRecord) -> str:
    """When, in UTC, to the millisecond: "2026-11-24T18:31:12.004Z"."""
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def without_secrets(text: str) -> str:
    """The text with a mark for each e-mail address, without tokens, and without the row that a database quotes."""
    marked = ADDRESS.sub(lambda found: f"‹address {mark_of(found[0].lower())}›", ROW.sub("\nDETAIL: ‹row›", text))
    return SECRET.sub("‹token›", marked)
