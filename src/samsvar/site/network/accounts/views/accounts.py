"""Views for a user's own account, and for the outbox of the demonstration site."""

from __future__ import annotations

from allauth.account.decorators import reauthentication_required
from allauth.account.utils import get_next_redirect_url
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from samsvar.network.rights import Claim
from samsvar.site.network.access.permissions import get_access
from samsvar.site.network.accounts import queries
from samsvar.site.network.accounts.actions import accounts as actions
from samsvar.site.network.accounts.recovery_codes import are_valid_codes
from samsvar.site.network.accounts.views.sign_in import NEXT_URL_KEY
from samsvar.site.network.view_helpers import current_account
from samsvar.site.shell.view_permissions import public, requires

# --- Own account ------------------------------------------------------------------------------------------------------


@requires(Claim.OWN_ACCOUNT)
@require_safe
def own_account(request: HttpRequest) -> HttpResponse:
    context = {
        "page": queries.own_account(request.user),
        "is_staff": get_access(request.user).is_staff,
        "can_invite": _can_invite(request),
        "elsewhere_is_offered": bool(queries.sign_in_providers()),
    }
    return render(request, "network/accounts/own.html", context)


@requires(Claim.OWN_ACCOUNT)
@require_safe
def second_factor_required(request: HttpRequest) -> HttpResponse:
    """Explain how to set up a second factor; if the session has one, redirect to the page that required it."""
    requested_url = get_next_redirect_url(request)  # None if it points to another site
    if requested_url:
        request.session[NEXT_URL_KEY] = requested_url
    next_url = request.session.get(NEXT_URL_KEY) or reverse("network:account")
    if getattr(request.user, "second_factor", False):
        request.session.pop(NEXT_URL_KEY, None)
        return redirect(next_url)
    page, is_staff = queries.own_account(request.user), get_access(request.user).is_staff
    context = {"page": page, "onward": next_url, "is_staff": is_staff}
    return render(request, "network/accounts/second_factor_needed.html", context)


@requires(Claim.OWN_ACCOUNT)
@require_POST
@reauthentication_required
def end_session(request: HttpRequest, pk: int) -> HttpResponse:
    """End another session of the same user."""
    session = get_object_or_404(UserSession, pk=pk, user=request.user)
    actions.end_session(session=session, by=current_account(request))
    messages.success(request, _("Session ended."))
    return redirect("usersessions_list")


@requires(Claim.OWN_ACCOUNT)
@never_cache
@require_POST
def download_recovery_codes(request: HttpRequest) -> HttpResponse:
    """Return the recovery codes just shown as a text file.

    The browser posts the codes back, because the server stores only their hashes.
    """
    codes = request.POST.getlist("code")
    if not are_valid_codes(request.user, codes):
        raise Http404
    text = "\n".join([_("Recovery codes for Samsvar, %(host)s") % {"host": request.get_host()}, "", *codes, ""])
    response = HttpResponse(text, content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="samsvar-recovery-codes.txt"'
    return response


def _can_invite(request: HttpRequest) -> bool:
    """Return whether a role of the user allows inviting. The invitation page itself also requires a staff session."""
    from samsvar.network.rights import ROLE_CLAIMS

    return any(Claim.INVITE in ROLE_CLAIMS[role] for role in get_access(request.user).roles)


# --- Outbox of the demonstration site ---------------------------------------------------------------------------------


@public
@never_cache
@require_safe
def outbox(request: HttpRequest) -> HttpResponse:
    """Show the emails that the demonstration site would have sent. On any other site, the response is 404."""
    if not settings.SAMSVAR_DEMO:
        raise Http404
    return render(request, "network/accounts/outbox.html", {"letters": queries.demo_emails()})
