"""The front door, and robots.txt."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views.decorators.http import require_safe

from samsvar.site.shell.doors import open_to_all

# What browsers call languages that we speak under another name: Norwegian as a whole, Nynorsk, Moldovan (2026-11).
SPOKEN_AS = {"no": "nb", "nn": "nb", "mo": "ro"}


@open_to_all
@require_safe
def front_door(request: HttpRequest) -> HttpResponse:
    """To the home page in the first language of the browser's list that the site speaks, else in English."""
    with translation.override(_language_asked_for(request.headers.get("Accept-Language", ""))):
        response = HttpResponseRedirect(reverse("pages:home"))
    patch_vary_headers(response, ["Accept-Language"])
    return response


@open_to_all
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Everything may be indexed but endless combinations of questions, and what needs an account."""
    lines = ["User-agent: *"]
    for code, _name in settings.LANGUAGES:
        lines += [
            f"Disallow: /{code}/{room}/"
            for room in ("search", "upload", "sign-in", "join", "password", "account", "staff")
        ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


def _language_asked_for(header: str) -> str:
    spoken = dict(settings.LANGUAGES)
    for asked, _weight in parse_accept_lang_header(header.lower()[:500]):
        first = asked.split("-")[0]
        code = SPOKEN_AS.get(first, first)
        if code in spoken:
            return code
    return settings.LANGUAGE_CODE
