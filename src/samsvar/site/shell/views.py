"""The front door, robots.txt, and the way in and out of an account."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views.decorators.http import require_safe

# What browsers call languages that we speak under another name: Norwegian as a whole, Nynorsk, Moldovan (2026-11).
SPOKEN_AS = {"no": "nb", "nn": "nb", "mo": "ro"}


@require_safe
def front_door(request: HttpRequest) -> HttpResponse:
    """To the home page in the first language of the browser's list that the site speaks, else in English."""
    with translation.override(_language_asked_for(request.headers.get("Accept-Language", ""))):
        response = HttpResponseRedirect(reverse("pages:home"))
    patch_vary_headers(response, ["Accept-Language"])
    return response


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Everything may be indexed but endless combinations of questions, and what needs an account."""
    lines = ["User-agent: *"]
    for code, _name in settings.LANGUAGES:
        lines += [f"Disallow: /{code}/{room}/" for room in ("search", "upload", "sign-in")]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


class SignIn(LoginView):
    """Django's own sign-in in our frame; issue 3 replaces it, the address name `shell:sign-in` stays."""

    template_name = "shell/sign_in.html"
    redirect_authenticated_user = True

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return super().get_context_data(**context, demo_editor=getattr(settings, "SAMSVAR_DEMO_EDITOR", None))


def _language_asked_for(header: str) -> str:
    spoken = dict(settings.LANGUAGES)
    for asked, _weight in parse_accept_lang_header(header.lower()[:500]):
        first = asked.split("-")[0]
        code = SPOKEN_AS.get(first, first)
        if code in spoken:
            return code
    return settings.LANGUAGE_CODE
