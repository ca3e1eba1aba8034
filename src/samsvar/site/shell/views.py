"""Views without a language prefix: the site's root, robots.txt, security.txt, and the page after an error."""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime, time, timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template import loader
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views import defaults
from django.views.decorators.http import require_safe

from samsvar.site.shell.storage_faults import FAULT_DESCRIPTIONS, find_storage_fault
from samsvar.site.shell.view_permissions import public

log = logging.getLogger("samsvar.storage")

# Browser codes for languages that we list under another code: Norwegian, Nynorsk, Moldovan (2026-11).
LANGUAGE_ALIASES = {"no": "nb", "nn": "nb", "mo": "ro"}

# Pages with endless query combinations, and pages of accounts: not for search engines.
DISALLOWED_PATHS = "search upload sign-in join password account entry consents questions staff".split()
SECURITY_TXT_VALIDITY = timedelta(days=180)  # RFC 9116 recommends less than a year


@public
def server_error(request: HttpRequest) -> HttpResponse:
    """Answer a request that failed: with 503 and what was kept if the database or disk is the cause, else with 500.

    Django calls this while it handles the exception.
    """
    fault = find_storage_fault(sys.exception())
    if fault is None:
        return defaults.server_error(request)
    log.error(FAULT_DESCRIPTIONS[fault])
    page = loader.get_template("503.html").render({"reading": fault.allows_reading})
    return HttpResponse(page, status=503, headers={"Retry-After": "60", "Cache-Control": "no-store"})


@public
@require_safe
def redirect_to_language(request: HttpRequest) -> HttpResponse:
    """Redirect to the home page in the browser's first supported language, or in English if there is none."""
    with translation.override(_preferred_language(request.headers.get("Accept-Language", ""))):
        response = HttpResponseRedirect(reverse("pages:home"))
    patch_vary_headers(response, ["Accept-Language"])
    return response


@public
@require_safe
def robots_txt(request: HttpRequest) -> HttpResponse:
    """Let search engines index everything except endless query combinations and pages that need an account."""
    lines = ["User-agent: *"]
    for code, _name in settings.LANGUAGES:
        lines += [f"Disallow: /{code}/{path}/" for path in DISALLOWED_PATHS]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@public
@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """Return the contact for security reports according to RFC 9116, or 404 if none is configured.

    The file expires half a year from today, so that an abandoned site does not go on promising an answer.
    """
    contacts = [_contact_uri(one) for one in settings.SAMSVAR_SECURITY_CONTACT.split(",") if one.strip()]
    if not contacts:
        raise Http404
    expires = datetime.combine(timezone.now().date() + SECURITY_TXT_VALIDITY, time(), tzinfo=UTC)
    lines = ["# This is a demonstration: the address below is fictional, and no one reads it."] * settings.SAMSVAR_DEMO
    lines += [f"Contact: {contact}" for contact in contacts]
    lines += [f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}", f"Preferred-Languages: {', '.join(dict(settings.LANGUAGES))}"]
    if request.is_secure():  # the standard allows https only
        lines.append(f"Canonical: {request.build_absolute_uri(request.path)}")
    if settings.SAMSVAR_SECURITY_POLICY:
        lines.append(f"Policy: {settings.SAMSVAR_SECURITY_POLICY}")
    response = HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
    response["Cache-Control"] = "public, max-age=86400"
    return response


def _contact_uri(contact: str) -> str:
    contact = contact.strip()
    return contact if ":" in contact else f"mailto:{contact}"


def _preferred_language(header: str) -> str:
    supported = dict(settings.LANGUAGES)
    for tag, _weight in parse_accept_lang_header(header.lower()[:500]):
        first = tag.split("-")[0]
        code = LANGUAGE_ALIASES.get(first, first)
        if code in supported:
            return code
    return settings.LANGUAGE_CODE
