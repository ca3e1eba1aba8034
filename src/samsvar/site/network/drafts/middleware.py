"""Middleware that deletes a draft once its form has been accepted."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse

from samsvar.site.network.drafts.actions import delete_drafts
from samsvar.site.network.models import Account

ACCEPTED = (302, 303)  # an accepted form redirects; a rejected one is shown again


class DraftMiddleware:
    """Delete the drafts of a page from which a form was accepted."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method == "POST" and response.status_code in ACCEPTED and isinstance(request.user, Account):
            page_with_form = urlsplit(request.headers.get("Referer", "")).path
            delete_drafts(by=request.user, pages={request.path, page_with_form})
        return response
