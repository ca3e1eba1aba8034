"""Pages of one’s own account."""

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
from samsvar.site.network.access.permissions import access_of
from samsvar.site.network.accounts import queries
from samsvar.site.network.accounts.actions import accounts as actions
from samsvar.site.network.accounts.recovery_codes import are_codes_of
from samsvar.site.network.accounts.views.sign_in import NEXT
from samsvar.site.network.view_helpers import account_of
from samsvar.site.shell.view_permissions import door, open_to_all

# --- One's own account ------------------------------------------------------------------------------------------------


@door(Claim.OWN_ACCOUNT)
@require_safe
def own_account(request: HttpRequest) -> HttpResponse:
    page = queries.own_account(request.user)
    return render(
        request,
        "network/accounts_own.html",
        {
            "page": page,
            "is_staff": access_of(request.user).is_staff,
            "can_invite": _can_invite(request),
            "elsewhere_is_offered": bool(queries.elsewhere()),
        },
    )


@door(Claim.OWN_ACCOUNT)
@require_safe
def second_factor(request: HttpRequest) -> HttpResponse:
    """What is missing for a second factor, how to get it, and back to where somebody wanted to go."""
    asked = get_next_redirect_url(request)  # None where it leads to another site
    if asked:
        request.session[NEXT] = asked
    onward = request.session.get(NEXT) or reverse("network:account")
    if getattr(request.user, "second_factor", False):
        request.session.pop(NEXT, None)
        return redirect(onward)
    page = queries.own_account(request.user)
    return render(
        request,
        "network/accounts_second_factor.html",
        {"page": page, "onward": onward, "is_staff": access_of(request.user).is_staff},
    )


@door(Claim.OWN_ACCOUNT)
@require_POST
@reauthentication_required
def end_session(request: HttpRequest, pk: int) -> HttpResponse:
    """End one other session of one's own."""
    session = get_object_or_404(UserSession, pk=pk, user=request.user)
    actions.end_session(session=session, by=account_of(request))
    messages.success(request, _("The session has ended."))
    return redirect("usersessions_list")


@door(Claim.OWN_ACCOUNT)
@never_cache
@require_POST
def recovery_codes_file(request: HttpRequest) -> HttpResponse:
    """The codes that this browser was just shown, as a file: it sends them, and nothing here knows them any more."""
    codes = request.POST.getlist("code")
    if not are_codes_of(request.user, codes):
        raise Http404
    text = "\n".join([_("Recovery codes for Samsvar, %(host)s") % {"host": request.get_host()}, "", *codes, ""])
    response = HttpResponse(text, content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="samsvar-recovery-codes.txt"'
    return response


def _can_invite(request: HttpRequest) -> bool:
    """Whether the role allows it; whether a staff session is open is asked when they go there."""
    from samsvar.network.rights import HELD

    return any(Claim.INVITE in HELD[role] for role in access_of(request.user).roles)


# --- The outbox of a demonstration ------------------------------------------------------------------------------------


@open_to_all
@never_cache
@require_safe
def outbox(request: HttpRequest) -> HttpResponse:
    """The letters that a demonstration would have sent. There is no such page on a real site."""
    if not settings.SAMSVAR_DEMO:
        raise Http404
    return render(request, "network/accounts_outbox.html", {"letters": queries.demo_letters()})
