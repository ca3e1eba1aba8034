"""What no request may be or hold: a method that no page knows, a NUL character, and more than a report."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.shortcuts import render

METHODS = ("GET", "HEAD", "POST", "OPTIONS")  # a page that takes fewer says so itself
FORM_AROUND_A_FILE = 1024 * 1024  # bytes: the other fields of an upload, and the lines between them


class Reasonable:
    """Refuses what no page wants, before anything of it is read; stands outside all that reads bodies and addresses.

    SQLite keeps a NUL and PostgreSQL refuses it in the middle of a page: both now refuse it at the door. A body over
    the upload limit would be written to disk by Django's form protection, even for somebody without an account. A view
    that is a plain function would answer TRACE and PROPFIND as if a page were asked for; form protection would say of
    PUT and DELETE that a token is missing, as if with one they could be done.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method not in METHODS:
            return HttpResponseNotAllowed(METHODS)
        if "\x00" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest("The address holds a character that means nothing.")
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdigit() and int(length) > settings.SAMSVAR_UPLOAD_LIMIT + FORM_AROUND_A_FILE:
            return _too_large(request)
        return self.get_response(request)


def _too_large(request: HttpRequest) -> HttpResponse:
    response = render(request, "shell/too_large.html", {"limit": settings.SAMSVAR_UPLOAD_LIMIT}, status=413)
    response["Connection"] = "close"  # the rest of the body is not read
    return response
