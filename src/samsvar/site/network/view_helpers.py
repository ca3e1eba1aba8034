"""Helpers shared by the views of this app."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest

from samsvar.site.network import models


def current_account(request: HttpRequest) -> models.Account:
    """Return the signed-in account. Raises PermissionDenied without one, which the view's claim should prevent."""
    if not isinstance(request.user, models.Account):
        raise PermissionDenied
    return request.user


def object_or_404[Obj](obj: Obj | None) -> Obj:
    if obj is None:
        raise Http404
    return obj
