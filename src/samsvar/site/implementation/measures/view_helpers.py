"""Helpers for views of a state's desk: they return only what the user can manage."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from samsvar.site.implementation.measures import models, queries
from samsvar.site.implementation.permissions import can_manage_country
from samsvar.site.network.view_helpers import object_or_404


def managed_state(request: HttpRequest, code: str) -> str:
    """Return the code of a state whose desk the user belongs to, without a query.

    Raise `Http404` if there is no such state, and `PermissionDenied` for the desk of another state.
    """
    if can_manage_country(request.user, code):
        return code
    object_or_404(queries.find_state(code))
    raise PermissionDenied


def managed_measure(request: HttpRequest, public_id: str) -> models.Measure:
    """Return a measure of a state whose desk the user belongs to, or raise `Http404` or `PermissionDenied`."""
    measure = object_or_404(queries.find_measure(request.user, public_id))
    if not can_manage_country(request.user, measure.state_id):
        raise PermissionDenied
    return measure
