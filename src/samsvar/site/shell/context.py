"""Template context for every page: navigation, languages, quick exit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from samsvar.site.shell.labels import LANGUAGES

NAVIGATION: tuple[tuple[str, str | Promise], ...] = (
    ("pages:countries", _("Countries")),
    ("pages:articles", _("Articles")),
    ("monitoring:findings", _("Findings")),
    ("pages:matrix", _("Matrix")),
    ("funding:funding", _("Funding")),
    ("exchange:home", _("Exchange")),
    ("meetings:meetings", _("Meetings")),
    ("network:networks", _("Networks")),
    ("search:search", _("Search")),
)


@dataclass(frozen=True, slots=True)
class NavigationItem:
    """A navigation link; `current` is "page" on the page itself and "true" on a page below it."""

    href: str
    label: str | Promise
    current: str


@dataclass(frozen=True, slots=True)
class LanguageVersion:
    """The current page in one language of the interface."""

    language: str
    name: str
    href: str  # with the query string (`?on=…`), so that the reader stays on the same page
    absolute_url: str  # absolute and without the query string, for search engines
    is_current: bool


def page_context(request: HttpRequest) -> dict[str, Any]:
    """Return the context for `samsvar/base.html`."""
    language = get_language() or settings.LANGUAGE_CODE
    return {
        "demo": settings.SAMSVAR_DEMO,
        "quick_exit": settings.SAMSVAR_QUICK_EXIT,
        "language": language,
        "LANGUAGE_CODE": language,  # its name in Django; `language` is often that of a text in a template
        "navigation": [_navigation_item(request.path, name, label) for name, label in NAVIGATION],
        "same_page": [_language_version(request, code, language) for code in LANGUAGES],
        "canonical": _absolute_url(request, _localised_path(request.path, language)),
    }


def _navigation_item(path: str, name: str, label: str | Promise) -> NavigationItem:
    href = reverse(name)
    current = "page" if path == href else "true" if path.startswith(href) else ""
    return NavigationItem(href, label, current)


def _language_version(request: HttpRequest, code: str, language: str) -> LanguageVersion:
    path = _localised_path(request.path, code)
    query = request.META.get("QUERY_STRING", "")
    return LanguageVersion(
        language=code,
        name=LANGUAGES[code],
        href=f"{path}?{query}" if query else path,
        absolute_url=_absolute_url(request, path),
        is_current=code == language,
    )


def _absolute_url(request: HttpRequest, path: str) -> str:
    """Return an absolute URL, or only the path if the host is not allowed, because that error page needs a URL too."""
    try:
        return request.build_absolute_uri(path)
    except DisallowedHost:  # otherwise every request of a scanner would cause a traceback (2026-11)
        return path


def _localised_path(path: str, code: str) -> str:
    """Return the path in another language, or that language's home page if the path has no language prefix."""
    first, _stroke, rest = path.lstrip("/").partition("/")
    return f"/{code}/{rest}" if first in LANGUAGES else f"/{code}/"
