"""What `check --deploy` says about a site before anybody relies on it: each remark with what to do."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.core import checks

from samsvar.site.shell.antivirus import BadScannerAddress, scanner_at

HOW = "See docs/how-to/run-it-for-real.md."
_OIDC = (
    "SAMSVAR_OIDC_SERVER",
    "SAMSVAR_OIDC_CLIENT_ID",
    "SAMSVAR_OIDC_SECRET",
)  # the name of the button may be left out


@checks.register(checks.Tags.security, deploy=True)
def real_site(app_configs: Any, **how: Any) -> list[checks.CheckMessage]:
    """All that a real site needs and Django's own checks do not know."""
    return [*_hosts(), *_letters(), *_contact(), *_elsewhere(), *_scanner(), *_database(), *_fonts()]


def _hosts() -> Iterator[checks.CheckMessage]:
    if wide := [host for host in settings.ALLOWED_HOSTS if host.strip() in {"*", ""}]:
        yield checks.Error(
            f"SAMSVAR_HOSTS lets the site answer to any name ({', '.join(map(repr, wide))}).",
            hint="Write down each name that the site has; letters and links are made from it. " + HOW,
            id="samsvar.E101",
        )


def _letters() -> Iterator[checks.CheckMessage]:
    parts = urlsplit(os.environ.get("SAMSVAR_SMTP", ""))  # that it is missing, site/network says
    if parts.scheme == "smtp" and not _is_here(parts.hostname) and parse_qs(parts.query).get("tls") != ["starttls"]:
        yield checks.Warning(
            "SAMSVAR_SMTP sends letters to another machine without encryption.",
            hint="Begin it with smtps://, or end it with ?tls=starttls. " + HOW,
            id="samsvar.W102",
        )


def _contact() -> Iterator[checks.CheckMessage]:
    if not settings.SAMSVAR_SECURITY_CONTACT:
        yield checks.Warning(
            "SAMSVAR_SECURITY_CONTACT is not set: who finds a weakness in this site finds nobody to tell.",
            hint="An address or a page; it is published at /.well-known/security.txt. " + HOW,
            id="samsvar.W103",
        )


def _elsewhere() -> Iterator[checks.CheckMessage]:
    given = [name for name in _OIDC if os.environ.get(name) or os.environ.get(f"{name}_FILE")]
    missing = [name for name in _OIDC if name not in given]
    if missing and (given or os.environ.get("SAMSVAR_OIDC_NAME")):
        yield checks.Error(
            f"Sign-in with OpenID Connect is half set up: {', '.join(missing)} missing.",
            hint="Set all three, or none. " + HOW,
            id="samsvar.E104",
        )


def _scanner() -> Iterator[checks.CheckMessage]:
    try:
        scanner_at(settings.SAMSVAR_CLAMAV)
    except BadScannerAddress as bad:
        yield checks.Error(bad.message, hint=bad.advice, id="samsvar.E105")


def _database() -> Iterator[checks.CheckMessage]:
    about = settings.DATABASES["default"]
    host = about.get("HOST", "")
    if not about["ENGINE"].endswith("postgresql") or host.startswith("/") or _is_here(host):
        return
    if about.get("OPTIONS", {}).get("sslmode") != "verify-full":
        yield checks.Warning(
            "The database is on another machine, and nothing makes sure that it is that machine which answers.",
            hint="End SAMSVAR_DATABASE with ?sslmode=verify-full (and sslrootcert=… for a certificate of your own). "
            + HOW,
            id="samsvar.W106",
        )


def _fonts() -> Iterator[checks.CheckMessage]:
    if settings.SAMSVAR_FONTS and not Path(settings.SAMSVAR_FONTS).is_dir():
        yield checks.Error(
            "SAMSVAR_FONTS names no folder: names that need its fonts cannot be printed.",
            hint="Name a folder of TrueType or OpenType fonts that the site may read, or leave it out. " + HOW,
            id="samsvar.E107",
        )


def _is_here(host: str | None) -> bool:
    return (host or "") in {"", "localhost", "127.0.0.1", "::1"}
