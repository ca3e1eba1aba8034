"""Outgoing email, from one variable: SAMSVAR_SMTP=smtps://user:password@host:465?from=samsvar@ministry.example."""

from __future__ import annotations

from email.utils import parseaddr
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

DEFAULT_PORTS = {"smtp": 25, "smtps": 465}
KNOWN_OPTIONS = {"tls", "from", "timeout"}
HELP = (
    "SAMSVAR_SMTP is smtp(s)://user:password@host:port?tls=starttls&from=address; "
    "see docs/how-to/sign-in-and-accounts.md"
)


class InvalidMailSetting(ImproperlyConfigured):
    """Raised when SAMSVAR_SMTP is invalid. The message names the invalid part and never contains the password."""


def mail_settings(url: str) -> dict[str, Any]:
    """Return Django's email settings for a SAMSVAR_SMTP URL. If it is empty, emails are saved but not sent."""
    if not url:
        # the locmem backend, in case a library sends email itself: nothing is sent or printed to a log
        locmem = {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}
        return {"MAILERS": {"default": locmem}, "SAMSVAR_SMTP": False}
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    if parts.scheme not in DEFAULT_PORTS:
        raise InvalidMailSetting(f"“{parts.scheme}” is not a supported mail protocol. {HELP}")
    if not parts.hostname:
        raise InvalidMailSetting(f"The mail server is missing. {HELP}")
    if unknown := sorted(options.keys() - KNOWN_OPTIONS):
        raise InvalidMailSetting(f"Unknown options: {', '.join(unknown)}. {HELP}")
    if options.get("tls", "starttls") not in {"starttls", "none"} or (parts.scheme == "smtps" and "tls" in options):
        raise InvalidMailSetting(f"tls must be “starttls” or “none”, and must not be set with smtps://. {HELP}")
    sender = options.get("from", "")
    if "@" not in parseaddr(sender)[1]:
        raise InvalidMailSetting(f"from= must be an email address. {HELP}")
    try:
        port, timeout = parts.port or DEFAULT_PORTS[parts.scheme], int(options.get("timeout", "20"))
    except ValueError:
        raise InvalidMailSetting(f"Port and timeout must be numbers. {HELP}") from None
    local = parts.hostname in {"localhost", "127.0.0.1", "::1"}
    tls = "implicit" if parts.scheme == "smtps" else options.get("tls", "none" if local else "starttls")
    if tls == "none" and not local:
        # people's addresses and account tokens would be sent unencrypted
        raise InvalidMailSetting(f"tls=none is only allowed for a mail server on this machine. {HELP}")
    return {
        "MAILERS": {
            "default": {
                "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
                "OPTIONS": {
                    "host": parts.hostname,
                    "port": port,
                    "username": unquote(parts.username or ""),
                    "password": unquote(parts.password or ""),
                    "use_ssl": tls == "implicit",
                    "use_tls": tls == "starttls",
                    "timeout": timeout,
                },
            }
        },
        "DEFAULT_FROM_EMAIL": sender,
        "SERVER_EMAIL": sender,
        "SAMSVAR_SMTP": True,
    }
