"""The public address of this site, for links in emails, letters and files."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

from django.conf import settings


def absolute_url(path: str = "/") -> str:
    """Return the absolute URL of a path on this site: "/en/account/" becomes "https://samsvar.example/en/account/"."""
    return urljoin(settings.SAMSVAR_SITE_URL, path)


def site_host() -> str:
    """Return the host of this site, with its port if it has one: "samsvar.example"."""
    return urlsplit(settings.SAMSVAR_SITE_URL).netloc
