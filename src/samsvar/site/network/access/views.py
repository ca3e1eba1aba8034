"""Views for opening, closing and listing staff sessions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from samsvar.network.rights import Claim
from samsvar.site.network import models
from samsvar.site.network.access import queries
from samsvar.site.network.access.actions import staff_sessions as actions
from samsvar.site.network.access.forms import StaffSessionForm
from samsvar.site.network.access.middleware import hash_session_key
from samsvar.site.network.view_helpers import current_account
from samsvar.site.shell.form_pages import page_with_form, run_action
from samsvar.site.shell.view_permissions import requires

# --- Staff sessions ---------------------------------------------------------------------------------------------------


@requires(Claim.OPEN_STAFF_SESSION)
@page_with_form
def open_staff_session(request: HttpRequest) -> HttpResponse:
    """Open a staff session, then return to the page that required it."""
    form = StaffSessionForm(request.POST or None)
    error_text = None
    if request.method == "POST" and form.is_valid():
        account, browser = current_account(request), hash_session_key(request.session.session_key or "")
        session, error_text = run_action(
            actions.open_staff_session, account=account, browser=browser, **form.get_action_kwargs()
        )
        if session:
            return redirect(_safe_next_url(request) or reverse("network:staff-sessions"))
    shown = {"next": _safe_next_url(request), "now": _current_staff_session(request)}
    context = {"form": form, "error": error_text, **shown}
    return render(request, "network/access/open_staff_session.html", context, status=422 if form.errors else 200)


@requires(Claim.OWN_ACCOUNT)
@require_POST
def close_staff_session(request: HttpRequest) -> HttpResponse:
    """Close this browser's staff session. Any account can do this, because it only gives up access."""
    session = _current_staff_session(request)
    if session is not None:
        actions.close_staff_session(session=session, by=current_account(request))
        messages.success(request, _("Staff session ended."))
    return redirect("pages:home")


@requires(Claim.OPEN_STAFF_SESSION)
@require_safe
def staff_sessions(request: HttpRequest) -> HttpResponse:
    sessions = queries.own_staff_sessions(current_account(request), request.GET.get("page"))
    return render(request, "network/access/staff_sessions.html", {"sessions": sessions, "own": True})


@requires(Claim.READ_AUDIT_LOG)
@require_safe
def all_staff_sessions(request: HttpRequest) -> HttpResponse:
    sessions = queries.all_staff_sessions(request.GET.get("page"))
    return render(request, "network/access/staff_sessions.html", {"sessions": sessions, "own": False})


# Functions that load the object of a decision, by the name of the action's parameter.
SUBJECT_LOADERS: dict[str, Callable[..., Any]] = {
    "account": queries.find_account,
    "grant": queries.find_grant,
    "refusal": queries.find_refusal,
}


def _current_staff_session(request: HttpRequest) -> models.StaffSession | None:
    session: models.StaffSession | None = getattr(request.user, "staff_session", None)
    return session


def _safe_next_url(request: HttpRequest) -> str:
    """Return the URL to go back to if it is on this site; otherwise ""."""
    url = request.POST.get("next") or request.GET.get("next") or ""
    is_safe = url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())
    return url if is_safe else ""
