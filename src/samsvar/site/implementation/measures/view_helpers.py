"""Helpers for views of a state's desk: they return only what the user can manage."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from samsvar.site.convention.models import State
from samsvar.site.implementation.measures import models, queries
from samsvar.site.implementation.permissions import can_manage_country
from samsvar.site.network.view_helpers import object_or_404


def managed_state(request: HttpRequest, code: str) -> State:
    """Return a state whose desk the user belongs to. Raise `Http404` for no state, `PermissionDenied` for another."""
    state = object_or_404(queries.find_state(code))
    if not can_manage_country(request.user, state.code):
        raise PermissionDenied
    return state


def managed_measure(request: HttpRequest, public_id: str) -> models.Measure:
    """Return a measure of a state whose desk the user belongs to, or raise `Http404` or `PermissionDenied`."""
    measure = object_or_404(queries.find_measure(request.user, public_id))
    if not can_manage_country(request.user, measure.state_id):
        raise PermissionDenied
    return measure
