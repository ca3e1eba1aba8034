"""Views for inviting people and accepting an invitation."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from samsvar.ids import hash_secret
from samsvar.network.membership import Office
from samsvar.network.rights import UNLIMITED_SCOPE, Claim
from samsvar.site.network import models
from samsvar.site.network.access.permissions import has_claim, network_scope
from samsvar.site.network.accounts import queries
from samsvar.site.network.accounts.actions import accounts as actions
from samsvar.site.network.accounts.forms import AccountInvitationForm, MemberInvitationForm
from samsvar.site.network.labels import OFFICES
from samsvar.site.network.view_helpers import current_account, object_or_404
from samsvar.site.shell import limits as ratelimit
from samsvar.site.shell.errors import ErrorText, describe_error
from samsvar.site.shell.form_pages import page_with_form, run_action, run_with_message
from samsvar.site.shell.labels import Label
from samsvar.site.shell.view_permissions import public, requires

# --- Invitations ------------------------------------------------------------------------------------------------------


@public
@never_cache
@require_safe
def open_invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Store the token hash of an invitation in the session and redirect, so that the token is no longer in the URL."""
    limited = ratelimit.consume_or_429(request, action="join", config=settings.SAMSVAR_RATE_LIMITS, limit_get=True)
    if limited:
        return limited
    token_hash = hash_secret(token)
    if queries.find_invitation(token_hash) is None:
        return render(request, "network/accounts/invitation_expired.html", status=404)
    request.session[queries.INVITATION_SESSION_KEY] = token_hash
    return redirect("network:accept-invitation" if request.user.is_authenticated else "account_signup")


@requires(Claim.OWN_ACCOUNT)
@never_cache
def accept_invitation(request: HttpRequest) -> HttpResponse:
    """Accept an invitation with an existing account."""
    invitation = queries.find_opened_invitation(request.session)
    if invitation is None:
        return render(request, "network/accounts/invitation_expired.html", status=404)
    error = None
    if request.method == "POST":
        _result, error = run_action(actions.accept_invitation, invitation=invitation, account=current_account(request))
        if not error:
            request.session.pop(queries.INVITATION_SESSION_KEY, None)
            messages.success(request, _("You have accepted the invitation."))
            return redirect("network:account")
    elif current_account(request).email != invitation.email:
        error = describe_error(actions.InvitationAddressMismatch())
    context = {"invitation": invitation, "office": office_label(invitation), "error": error}
    return render(request, "network/accounts/accept_invitation.html", context, status=409 if error else 200)


@requires(Claim.INVITE)
def invitations(request: HttpRequest) -> HttpResponse:
    """List the invitations, and invite someone."""
    networks = queries.invitable_networks(request.user)
    form = AccountInvitationForm(
        request.POST if request.method == "POST" else None,
        networks=networks,
        network_optional=has_claim(request.user, Claim.INVITE, UNLIMITED_SCOPE),
        initial={"language": request.LANGUAGE_CODE, "network": networks[0] if networks else None},
    )
    if request.method == "POST":
        if response := _submit_invitation(request, form, redirect("network:invitations")):
            return response
    page = queries.list_invitations(request.user)
    context = {"form": form, "page": page, "days": settings.SAMSVAR_INVITATION_DAYS}
    return render(request, "network/accounts/invitations.html", context)


@requires(Claim.INVITE)
@page_with_form
def invite_member(request: HttpRequest, public_id: str) -> HttpResponse:
    """Invite a member without an account; the account will be attached to their existing person record."""
    invitee = object_or_404(queries.invitable_person(request.user, public_id))
    form = MemberInvitationForm(
        request.POST if request.method == "POST" else None,
        networks=invitee.networks,
        initial={"email": invitee.view.email, "language": request.LANGUAGE_CODE, "network": invitee.networks[0]},
    )
    if request.method == "POST":
        success = redirect("network:manage-person", public_id)
        if response := _submit_invitation(request, form, success, person=invitee.person):
            return response
    context = {"form": form, "person": invitee.view, "days": settings.SAMSVAR_INVITATION_DAYS}
    return render(request, "network/accounts/invite_person.html", context, status=422 if form.errors else 200)


@requires(Claim.INVITE)
@require_POST
def resend_invitation(request: HttpRequest, public_id: str) -> HttpResponse:
    invitation = _pending_invitation_or_404(request, public_id)
    if limited := ratelimit.consume_or_429(request, action="invite", config=settings.SAMSVAR_RATE_LIMITS):
        return limited
    success = _("We have sent a new email. The link in the old one no longer works.")
    run_with_message(request, actions.resend_invitation, success, invitation=invitation, by=current_account(request))
    return redirect("network:invitations")


@requires(Claim.INVITE)
@require_POST
def withdraw_invitation(request: HttpRequest, public_id: str) -> HttpResponse:
    invitation, success = _pending_invitation_or_404(request, public_id), _("Invitation withdrawn.")
    run_with_message(request, actions.withdraw_invitation, success, invitation=invitation, by=current_account(request))
    return redirect("network:invitations")


def _submit_invitation(
    request: HttpRequest, form: Form, success: HttpResponse, *, person: models.Person | None = None
) -> HttpResponse | None:
    """Send the invitation if the form is valid. Return a response, or None if the page with the form is to be shown."""
    if limited := ratelimit.consume_or_429(request, action="invite", config=settings.SAMSVAR_RATE_LIMITS):
        return limited
    if not form.is_valid():
        return None
    data = form.cleaned_data
    office = data.get("office", "") if data["network"] else ""
    _invitation, error = run_action(
        actions.invite_to_account, by=current_account(request), person=person, **{**data, "office": office}
    )
    if error:
        form.add_error(None, error_message(error))
        return None
    messages.success(request, _("Invitation sent."))
    return success


def _pending_invitation_or_404(request: HttpRequest, public_id: str) -> models.Invitation:
    """Return a pending invitation that this user may manage. In all other cases, the response is the same 404."""
    pending = models.Invitation.objects.filter(accepted_at__isnull=True, withdrawn_at__isnull=True)
    invitation = pending.filter(public_id=public_id).select_related("network").first()
    if invitation is None or not has_claim(request.user, Claim.INVITE, network_scope(invitation.network)):
        raise Http404
    return invitation


def office_label(invitation: models.Invitation | None) -> Label:
    return OFFICES[Office(invitation.office)] if invitation and invitation.office else ""


def error_message(error: ErrorText) -> str:
    """Return an error as a text: what happened, and what to do next."""
    message, _effect, advice = error
    return f"{message} {advice}".strip()
