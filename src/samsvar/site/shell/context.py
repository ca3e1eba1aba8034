"""What every page of the site shows around its content: navigation, languages, the way out."""

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
    ("funding:funding", _("Money")),
    ("meetings:meetings", _("Meetings")),
    ("network:networks", _("Networks")),
    ("search:search", _("Search")),
)


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the navigation; `here` is "page" on the page itself, "true" on a page below it."""

    href: str
    word: str | Promise
    here: str


@dataclass(frozen=True, slots=True)
class SamePage:
    """This page in one language of the interface."""

    language: str
    name: str
    href: str  # with the page's questions (`?on=…`), so that the reader stays where they are
    address: str  # absolute and without them, for search engines
    here: bool


def shell(request: HttpRequest) -> dict[str, Any]:
    """The context that `samsvar/base.html` needs."""
    language = get_language() or settings.LANGUAGE_CODE
    here = SamePage(language, "", "", _address(request, _in_language(request.path, language)), here=True)
    return {
        "demo": settings.SAMSVAR_DEMO,
        "quick_exit": settings.SAMSVAR_QUICK_EXIT,
        "language": language,
        "navigation": [_place(request.path, name, word) for name, word in NAVIGATION],
        "same_page": [_same_page(request, code, language) for code in LANGUAGES],
        "canonical": here.address,
    }


def _place(path: str, name: str, word: str | Promise) -> Place:
    href = reverse(name)
    here = "page" if path == href else "true" if path.startswith(href) else ""
    return Place(href, word, here)


def _same_page(request: HttpRequest, code: str, language: str) -> SamePage:
    path = _in_language(request.path, code)
    query = request.META.get("QUERY_STRING", "")
    return SamePage(
        language=code,
        name=LANGUAGES[code],
        href=f"{path}?{query}" if query else path,
        address=_address(request, path),
        here=code == language,
    )


def _address(request: HttpRequest, path: str) -> str:
    """With the host, where the request names one of ours; the page that refuses another host is made here too."""
    try:
        return request.build_absolute_uri(path)
    except DisallowedHost:  # without this, every scanner's request was a failure of ours, with a traceback (2026-11)
        return path


def _in_language(path: str, code: str) -> str:
    """The same address in another language: only the first part differs; the home page where it has no language."""
    first, _stroke, rest = path.lstrip("/").partition("/")
    return f"/{code}/{rest}" if first in LANGUAGES else f"/{code}/"
