"""The front door, and what machines ask for by name: robots.txt, security.txt."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views.decorators.http import require_safe

from samsvar.site.shell.view_permissions import open_to_all

# What browsers call languages that we speak under another name: Norwegian as a whole, Nynorsk, Moldovan (2026-11).
SPOKEN_AS = {"no": "nb", "nn": "nb", "mo": "ro"}

# Rooms of endless questions, and of accounts: nothing in them is for a search engine.
CLOSED = ("search", "upload", "sign-in", "join", "password", "account", "entry", "consents", "questions", "staff")
SECURITY_TXT_HOLDS = timedelta(days=180)  # RFC 9116 advises less than a year


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
        lines += [f"Disallow: /{code}/{room}/" for room in CLOSED]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@open_to_all
@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """Whom to tell of a weakness in this site, as RFC 9116 has it; nothing where nobody is named.

    It says itself when it ends, half a year from today, so that an abandoned site stops promising an answer.
    """
    contacts = [_as_address(one) for one in settings.SAMSVAR_SECURITY_CONTACT.split(",") if one.strip()]
    if not contacts:
        raise Http404
    ends = datetime.combine(timezone.now().date() + SECURITY_TXT_HOLDS, time(), tzinfo=UTC)
    lines = ["# This is a demonstration: the address below is invented, and nobody reads it."] * settings.SAMSVAR_DEMO
    lines += [f"Contact: {contact}" for contact in contacts]
    lines += [f"Expires: {ends:%Y-%m-%dT%H:%M:%SZ}", f"Preferred-Languages: {', '.join(dict(settings.LANGUAGES))}"]
    if request.is_secure():  # the standard knows no other
        lines.append(f"Canonical: {request.build_absolute_uri(request.path)}")
    if settings.SAMSVAR_SECURITY_POLICY:
        lines.append(f"Policy: {settings.SAMSVAR_SECURITY_POLICY}")
    response = HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
    response["Cache-Control"] = "public, max-age=86400"
    return response


def _as_address(contact: str) -> str:
    contact = contact.strip()
    return contact if ":" in contact else f"mailto:{contact}"


def _language_asked_for(header: str) -> str:
    spoken = dict(settings.LANGUAGES)
    for asked, _weight in parse_accept_lang_header(header.lower()[:500]):
        first = asked.split("-")[0]
        code = SPOKEN_AS.get(first, first)
        if code in spoken:
            return code
    return settings.LANGUAGE_CODE
