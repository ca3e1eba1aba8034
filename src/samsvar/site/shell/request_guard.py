"""Rejection of requests that no page accepts: unknown or wrong methods, NUL characters, oversized bodies."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.shortcuts import render

ALLOWED_METHODS = ("GET", "HEAD", "POST", "OPTIONS")  # a page that accepts fewer handles that itself
FORM_OVERHEAD = 1024 * 1024  # bytes: the other fields of an upload, and the boundaries between them


class RequestGuardMiddleware:
    """Middleware that rejects invalid requests. It comes before everything that reads their bodies and URLs.

    SQLite accepts NUL, while PostgreSQL fails on it in the middle of a page; rejecting it makes both databases behave
    alike. Django's CSRF protection would write a body over the upload limit to disk, even without an account. A
    function view would answer TRACE and PROPFIND like GET, and the CSRF protection would report a missing token for PUT
    and DELETE, as if a token could make them work.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method not in ALLOWED_METHODS:
            return HttpResponseNotAllowed(ALLOWED_METHODS)
        if "\x00" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            return _null_character_response(request)
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdigit() and int(length) > settings.SAMSVAR_UPLOAD_LIMIT + FORM_OVERHEAD:
            return _too_large_response(request)
        return self.get_response(request)


class WrongMethodMiddleware:
    """Middleware that shows a page where a browser opened the address of a form, for example after signing in.

    Django's own answer has no content. It comes last, so that the page knows the user.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.method == "GET" and isinstance(response, HttpResponseNotAllowed):
            page = render(request, "405.html", status=response.status_code)
            page["Allow"] = response["Allow"]
            return page
        return response


def _null_character_response(request: HttpRequest) -> HttpResponse:
    """Return the page about an address with a null character; it links to the same address without it, if it can."""
    query = request.META.get("QUERY_STRING", "").replace("%00", "")
    context = {"query": query if request.method == "GET" and "\x00" not in request.path_info else None}
    return render(request, "shell/null_character.html", context, status=400)


def _too_large_response(request: HttpRequest) -> HttpResponse:
    response = render(request, "shell/too_large.html", {"limit": settings.SAMSVAR_UPLOAD_LIMIT}, status=413)
    response["Connection"] = "close"  # the rest of the body is not read
    return response
