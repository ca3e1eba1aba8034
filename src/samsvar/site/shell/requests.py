"""What no request may hold: a NUL character, which SQLite keeps and PostgreSQL refuses in the middle of a page."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBadRequest
from django.http.response import HttpResponseBase


class NoNul:
    """Refuses addresses with a NUL, alike on both databases; forms refuse it by themselves."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if "\x00" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            return HttpResponseBadRequest("The address holds a character that means nothing.\n", content_type="text/plain")
        return self.get_response(request)
