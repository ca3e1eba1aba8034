"""System checks for `check --deploy`, each with a hint on what to do."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.core import checks

from samsvar.site.shell.antivirus import InvalidScannerAddress, parse_scanner_address

HELP = "See docs/how-to/deploy.md."
_OIDC_SETTINGS = ("SAMSVAR_OIDC_SERVER", "SAMSVAR_OIDC_CLIENT_ID", "SAMSVAR_OIDC_SECRET")  # its name is optional


@checks.register(checks.Tags.security, deploy=True)
def check_production(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    """Check the settings of a production site, in addition to Django's own checks."""
    return [
        *_check_hosts(),
        *_check_email(),
        *_check_security_contact(),
        *_check_oidc(),
        *_check_scanner(),
        *_check_database(),
        *_check_fonts(),
    ]


def _check_hosts() -> Iterator[checks.CheckMessage]:
    if wildcards := [host for host in settings.ALLOWED_HOSTS if host.strip() in {"*", ""}]:
        yield checks.Error(
            f"SAMSVAR_HOSTS allows any host name ({', '.join(map(repr, wildcards))}).",
            hint="List each host name of the site; links in emails are built from it. " + HELP,
            id="samsvar.E101",
        )


def _check_email() -> Iterator[checks.CheckMessage]:
    parts = urlsplit(os.environ.get("SAMSVAR_SMTP", ""))  # site/network reports if it is missing
    if parts.scheme == "smtp" and not _is_local(parts.hostname) and parse_qs(parts.query).get("tls") != ["starttls"]:
        yield checks.Warning(
            "SAMSVAR_SMTP sends emails to another machine without encryption.",
            hint="Use smtps://, or add ?tls=starttls. " + HELP,
            id="samsvar.W102",
        )


def _check_security_contact() -> Iterator[checks.CheckMessage]:
    if not settings.SAMSVAR_SECURITY_CONTACT:
        yield checks.Warning(
            "SAMSVAR_SECURITY_CONTACT is not set: there is no contact for reporting a vulnerability.",
            hint="Set an email address or a web page; it is published at /.well-known/security.txt. " + HELP,
            id="samsvar.W103",
        )


def _check_oidc() -> Iterator[checks.CheckMessage]:
    configured = [name for name in _OIDC_SETTINGS if os.environ.get(name) or os.environ.get(f"{name}_FILE")]
    missing = [name for name in _OIDC_SETTINGS if name not in configured]
    if missing and (configured or os.environ.get("SAMSVAR_OIDC_NAME")):
        yield checks.Error(
            f"Sign-in with OpenID Connect is incomplete: {', '.join(missing)} not set.",
            hint="Set all three, or none. " + HELP,
            id="samsvar.E104",
        )


def _check_scanner() -> Iterator[checks.CheckMessage]:
    try:
        parse_scanner_address(settings.SAMSVAR_CLAMAV)
    except InvalidScannerAddress as exc:
        yield checks.Error(exc.message, hint=exc.advice, id="samsvar.E105")


def _check_database() -> Iterator[checks.CheckMessage]:
    database = settings.DATABASES["default"]
    host = database.get("HOST", "")
    if not database["ENGINE"].endswith("postgresql") or host.startswith("/") or _is_local(host):
        return
    if database.get("OPTIONS", {}).get("sslmode") != "verify-full":
        yield checks.Warning(
            "The database is on another machine, and its identity is not verified.",
            hint="Add ?sslmode=verify-full to SAMSVAR_DATABASE (and sslrootcert=… for a certificate of your own). "
            + HELP,
            id="samsvar.W106",
        )


def _check_fonts() -> Iterator[checks.CheckMessage]:
    if settings.SAMSVAR_FONTS and not Path(settings.SAMSVAR_FONTS).is_dir():
        yield checks.Error(
            "SAMSVAR_FONTS is not a folder: names that need its fonts cannot be printed.",
            hint="Set it to a folder of TrueType or OpenType fonts that the site can read, or remove it. " + HELP,
            id="samsvar.E107",
        )


def _is_local(host: str | None) -> bool:
    return (host or "") in {"", "localhost", "127.0.0.1", "::1"}
