"""Outgoing mail, by one setting: SAMSVAR_SMTP=smtps://user:password@host:465?from=samsvar@ministry.example."""

from __future__ import annotations

from email.utils import parseaddr
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

PORTS = {"smtp": 25, "smtps": 465}
KNOWN = {"tls", "from", "timeout"}
HOW = (
    "SAMSVAR_SMTP is smtp(s)://user:password@host:port?tls=starttls&from=address; "
    "see docs/how-to/sign-in-and-accounts.md"
)


class BadMailSetting(ImproperlyConfigured):
    """SAMSVAR_SMTP says something that cannot be understood; the message names what, and never the password."""


def mail(address: str) -> dict[str, Any]:
    """Django's settings of outgoing mail for an address; without one letters stay in their table."""
    if not address:
        # locmem, should some library send by itself: nothing leaves, and nothing is printed into a log
        return {"EMAIL_BACKEND": "django.core.mail.backends.locmem.EmailBackend", "SAMSVAR_SMTP": False}
    parts = urlsplit(address)
    asked = dict(parse_qsl(parts.query))
    if parts.scheme not in PORTS:
        raise BadMailSetting(f"“{parts.scheme}” is no way to send mail. {HOW}")
    if not parts.hostname:
        raise BadMailSetting(f"No mail server is named. {HOW}")
    if unknown := sorted(asked.keys() - KNOWN):
        raise BadMailSetting(f"Not understood: {', '.join(unknown)}. {HOW}")
    if asked.get("tls", "starttls") not in {"starttls", "none"} or (parts.scheme == "smtps" and "tls" in asked):
        raise BadMailSetting(f"tls is “starttls” or “none”, and smtps:// needs none of them. {HOW}")
    sender = asked.get("from", "")
    if "@" not in parseaddr(sender)[1]:
        raise BadMailSetting(f"from= has to be an address. {HOW}")
    try:
        port, seconds = parts.port or PORTS[parts.scheme], int(asked.get("timeout", "20"))
    except ValueError:
        raise BadMailSetting(f"Port and timeout are numbers. {HOW}") from None
    local = parts.hostname in {"localhost", "127.0.0.1", "::1"}
    tls = "implicit" if parts.scheme == "smtps" else asked.get("tls", "none" if local else "starttls")
    if tls == "none" and not local:
        # addresses of people and tokens of accounts would cross a network in clear
        raise BadMailSetting(f"tls=none is for a mail server on this machine only. {HOW}")
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": port,
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": tls == "implicit",
        "EMAIL_USE_TLS": tls == "starttls",
        "EMAIL_TIMEOUT": seconds,
        "DEFAULT_FROM_EMAIL": sender,
        "SERVER_EMAIL": sender,
        "SAMSVAR_SMTP": True,
    }
