"""Pages for inviting people and accepting an invitation."""

from __future__ import annotations

from typing import TypedDict

from allauth.core import ratelimit
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from samsvar.errors import SamsvarError
from samsvar.ids import secret_hash
from samsvar.network.membership import Office
from samsvar.network.rights import ANYTHING, Claim
from samsvar.site.network import models
from samsvar.site.network.access.permissions import holds, network_scope
from samsvar.site.network.accounts import queries
from samsvar.site.network.accounts.actions import accounts as actions
from samsvar.site.network.accounts.forms import Invite, InvitePerson
from samsvar.site.network.labels import OFFICES, trouble
from samsvar.site.network.view_helpers import account_of
from samsvar.site.shell.labels import Label
from samsvar.site.shell.view_permissions import door, open_to_all

# --- Invitations ------------------------------------------------------------------------------------------------------


@open_to_all
@never_cache
@require_safe
def open_invitation(request: HttpRequest, token: str) -> HttpResponse:
    """The link of a letter: the browser's session keeps the invitation, and the token leaves the address at once."""
    limited = ratelimit.consume_or_429(request, action="join", config=settings.SAMSVAR_RATE_LIMITS, limit_get=True)
    if limited:
        return limited
    token_hash = secret_hash(token)
    if queries.invitation_with(token_hash) is None:
        return render(request, "network/accounts_invitation_gone.html", status=404)
    request.session[queries.INVITATION] = token_hash
    return redirect("network:accept-invitation" if request.user.is_authenticated else "account_signup")


@door(Claim.OWN_ACCOUNT)
@never_cache
def accept_invitation(request: HttpRequest) -> HttpResponse:
    """Accept an invitation with the account that one has."""
    invitation = queries.invitation_in(request.session)
    if invitation is None:
        return render(request, "network/accounts_invitation_gone.html", status=404)
    error = None
    if request.method == "POST":
        try:
            actions.accept_invitation(invitation=invitation, account=account_of(request))
        except SamsvarError as refused:
            error = refused
        else:
            request.session.pop(queries.INVITATION, None)
            messages.success(request, _("You have accepted the invitation."))
            return redirect("network:account")
    elif account_of(request).email != invitation.email:
        error = actions.InvitationForSomebodyElse()
    return render(
        request,
        "network/accounts_accept.html",
        {
            "invitation": invitation,
            "office": _office(invitation),
            "trouble": trouble(error) if error else None,
        },
        status=409 if error else 200,
    )


@door(Claim.INVITE)
def invitations(request: HttpRequest) -> HttpResponse:
    """Invite somebody, and see who was invited."""
    networks = queries.networks_to_invite_to(request.user)
    form = Invite(
        request.POST if request.method == "POST" else None,
        networks=networks,
        anywhere=holds(request.user, Claim.INVITE, ANYTHING),
        initial={"language": request.LANGUAGE_CODE, "network": networks[0] if networks else None},
    )
    if request.method == "POST":
        limited = ratelimit.consume_or_429(request, action="invite", config=settings.SAMSVAR_RATE_LIMITS)
        if limited:
            return limited
        if form.is_valid():
            said = form.cleaned_data
            try:
                actions.invite(
                    email=said["email"],
                    by=account_of(request),
                    network=said["network"],
                    organisation=said["organisation"],
                    office=said["office"] if said["network"] else "",
                    language=said["language"],
                    **_addresses(request, said["language"]),
                )
            except SamsvarError as refused:
                form.add_error(None, _said(refused))
            else:
                messages.success(request, _("The invitation is on its way."))
                return redirect("network:invitations")
    page = queries.invitations_for(request.user)
    return render(
        request,
        "network/accounts_invitations.html",
        {"form": form, "page": page, "days": settings.SAMSVAR_INVITATION_DAYS},
    )


@door(Claim.INVITE)
@require_http_methods(["GET", "HEAD", "POST"])
def invite_person(request: HttpRequest, public_id: str) -> HttpResponse:
    """Invite a member who has no account yet to have one, as the person that their secretariat knows."""
    found = queries.person_to_invite(request.user, public_id)
    if found is None:
        raise Http404
    form = InvitePerson(
        request.POST if request.method == "POST" else None,
        networks=found.networks,
        initial={"email": found.view.email, "language": request.LANGUAGE_CODE, "network": found.networks[0]},
    )
    if request.method == "POST":
        limited = ratelimit.consume_or_429(request, action="invite", config=settings.SAMSVAR_RATE_LIMITS)
        if limited:
            return limited
        if form.is_valid():
            said = form.cleaned_data
            try:
                actions.invite(
                    email=said["email"],
                    by=account_of(request),
                    network=said["network"],
                    person=found.person,
                    language=said["language"],
                    **_addresses(request, said["language"]),
                )
            except SamsvarError as refused:
                form.add_error(None, _said(refused))
            else:
                messages.success(request, _("The invitation is on its way."))
                return redirect("network:manage-person", public_id)
    context = {"form": form, "person": found.view, "days": settings.SAMSVAR_INVITATION_DAYS}
    return render(request, "network/accounts_invite_person.html", context, status=422 if form.errors else 200)


@door(Claim.INVITE)
@require_POST
def invite_again(request: HttpRequest, public_id: str) -> HttpResponse:
    invitation = _invitation(request, public_id)
    limited = ratelimit.consume_or_429(request, action="invite", config=settings.SAMSVAR_RATE_LIMITS)
    if limited:
        return limited
    try:
        addresses = _addresses(request, invitation.language)
        actions.send_invitation_again(invitation=invitation, by=account_of(request), **addresses)
    except SamsvarError as refused:  # accepted between our looking and our writing
        messages.error(request, _said(refused))
    else:
        messages.success(request, _("A new letter is on its way; the link of the old one opens nothing any more."))
    return redirect("network:invitations")


@door(Claim.INVITE)
@require_POST
def withdraw_invitation(request: HttpRequest, public_id: str) -> HttpResponse:
    try:
        actions.withdraw_invitation(invitation=_invitation(request, public_id), by=account_of(request))
    except SamsvarError as refused:
        messages.error(request, _said(refused))
    else:
        messages.success(request, _("The invitation is withdrawn."))
    return redirect("network:invitations")


def _invitation(request: HttpRequest, public_id: str) -> models.Invitation:
    """An open invitation that this account may touch; of others it does not even learn that they are there."""
    found = (
        models.Invitation.objects.filter(public_id=public_id, accepted_at__isnull=True, withdrawn_at__isnull=True)
        .select_related("network")
        .first()
    )
    if found is None or not holds(request.user, Claim.INVITE, network_scope(found.network)):
        raise Http404
    return found


def _office(invitation: models.Invitation | None) -> Label:
    return OFFICES[Office(invitation.office)] if invitation and invitation.office else ""


def _said(refused: SamsvarError) -> str:
    """What happened and what to do next, in the reader's language."""
    message, _kept, advice = trouble(refused)
    return f"{message} {advice}".strip()


class _Addresses(TypedDict):
    host: str
    join_url: str


def _addresses(request: HttpRequest, language: str) -> _Addresses:
    """Where the letter's link leads to, in the language of its reader."""
    from django.utils.translation import override

    with override(language):
        path = reverse("network:open-invitation", args=["TOKEN"])
    return {"host": request.get_host(), "join_url": request.build_absolute_uri(path)}
