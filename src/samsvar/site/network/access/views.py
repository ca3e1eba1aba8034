"""Pages for opening and closing staff sessions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from samsvar.errors import SamsvarError
from samsvar.network.rights import Claim
from samsvar.site.network import models
from samsvar.site.network.access import queries
from samsvar.site.network.access.actions import staff_sessions as staff
from samsvar.site.network.access.forms import StaffSessionForm
from samsvar.site.network.access.middleware import browser_of
from samsvar.site.network.labels import trouble
from samsvar.site.network.view_helpers import account_of
from samsvar.site.shell.view_permissions import door

# --- Staff sessions ---------------------------------------------------------------------------------------------------


@door(Claim.OPEN_STAFF_SESSION)
@require_http_methods(["GET", "HEAD", "POST"])
def open_staff_session(request: HttpRequest) -> HttpResponse:
    """Say why and for how long; then back to where the gate came from."""
    form = StaffSessionForm(request.POST or None)
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            staff.open_staff_session(
                account=account_of(request),
                browser=browser_of(request.session.session_key or ""),
                reason=form.cleaned_data["reason"],
                minutes=form.cleaned_data["minutes"],
            )
        except SamsvarError as error:
            refusal = trouble(error)
        else:
            return redirect(_safe_next(request) or reverse("network:staff-sessions"))
    context = {"form": form, "refusal": refusal, "next": _safe_next(request), "now": _open_now(request)}
    return render(request, "network/rights_staff_session.html", context, status=422 if form.errors else 200)


@door(Claim.OWN_ACCOUNT)
@require_POST
def close_staff_session(request: HttpRequest) -> HttpResponse:
    """End the one of this browser. Only one's own account is asked for: ending needs no right."""
    session = _open_now(request)
    if session is not None:
        staff.close_staff_session(session=session, by=account_of(request))
        messages.success(request, _("The staff session has ended."))
    return redirect("pages:home")


@door(Claim.OPEN_STAFF_SESSION)
@require_safe
def staff_sessions(request: HttpRequest) -> HttpResponse:
    sessions = queries.own_staff_sessions(account_of(request), request.GET.get("page"))
    return render(request, "network/rights_staff_sessions.html", {"sessions": sessions, "own": True})


@door(Claim.READ_AUDIT_LOG)
@require_safe
def all_staff_sessions(request: HttpRequest) -> HttpResponse:
    sessions = queries.all_staff_sessions(request.GET.get("page"))
    return render(request, "network/rights_staff_sessions.html", {"sessions": sessions, "own": False})


# What a decision is about, by the name that its action gives it.
SUBJECTS: dict[str, Callable[..., Any]] = {
    "account": queries.account_of,
    "grant": queries.grant_of,
    "refusal": queries.refusal_of,
}


def _open_now(request: HttpRequest) -> models.StaffSession | None:
    session: models.StaffSession | None = getattr(request.user, "staff_session", None)
    return session


def _safe_next(request: HttpRequest) -> str:
    """Where the gate came from, if that is an address of ours; "" otherwise."""
    said = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(said, {request.get_host()}, require_https=request.is_secure())
    return said if ours else ""
