"""Signing in, one's own account, invitations, and the outbox of a demonstration."""

from __future__ import annotations

from typing import Any, TypedDict

from allauth.account import views as account
from allauth.account.decorators import reauthentication_required
from allauth.account.utils import get_next_redirect_url
from allauth.core import ratelimit
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from allauth.socialaccount import views as social
from allauth.usersessions import views as usersessions
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from samsvar.errors import SamsvarError
from samsvar.ids import secret_hash
from samsvar.network.membership import Office
from samsvar.network.rights import ANYTHING, Claim
from samsvar.site.network import models
from samsvar.site.network.actions import accounts as actions
from samsvar.site.network.forms.accounts import Invite, InvitePerson
from samsvar.site.network.gate import forget_what_opens_no_more
from samsvar.site.network.permissions import access_of, holds, network_scope
from samsvar.site.network.queries import accounts as queries
from samsvar.site.network.recovery_codes import are_codes_of, fresh_codes
from samsvar.site.network.steps import account_of
from samsvar.site.network.words import OFFICES, Word, trouble
from samsvar.site.shell.doors import door, open_to_all

NEXT = "samsvar_next"  # where somebody goes on once they have a second factor


# --- Signing in -------------------------------------------------------------------------------------------------------


class SignIn(account.LoginView):
    """allauth's sign-in, with what our page shows beside it."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "demo_accounts": queries.demo_accounts(),
            "elsewhere": queries.elsewhere(),
            "may_join": settings.SAMSVAR_OPEN_SIGN_UP or queries.invitation_in(self.request.session) is not None,
        }


class SecondFactor(mfa.AuthenticateView):
    """The second step of signing in; a demonstration shows the code that a telephone would show."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "demo_code": queries.demo_code(self.stage.login.user)}


class _GoesOnThroughTheGate:
    """Whoever confirmed who they are goes on with what they had sent, if its door still opens to them."""

    def form_valid(self, form: Any) -> HttpResponse:
        forget_what_opens_no_more(self.request)  # type: ignore[attr-defined]
        answer: HttpResponse = super().form_valid(form)  # type: ignore[misc]
        return answer


class ConfirmWithPassword(_GoesOnThroughTheGate, account.ReauthenticateView):
    """The password once more."""


class ConfirmWithPasskey(_GoesOnThroughTheGate, webauthn.ReauthenticateWebAuthnView):
    """A passkey once more."""


class ConfirmWithCode(_GoesOnThroughTheGate, mfa.ReauthenticateView):
    """Showing a second factor again, or for the first time in this session."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "demo_code": queries.demo_code(self.request.user)}


class SignUp(account.SignupView):
    """The form of somebody invited; an invitation to somebody who has an account leads to signing in."""

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            answer: HttpResponse = super().form_valid(form)
        except SamsvarError as refused:  # somebody else took the office meanwhile, or the invitation itself
            form.add_error(None, _said(refused))
            return self.form_invalid(form)
        return answer

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        invitation = queries.invitation_in(self.request.session)
        has_account = invitation is not None and queries.account_of(invitation.email) is not None
        return {
            **super().get_context_data(**kwargs),
            "invitation": invitation,
            "office": _office(invitation),
            "has_account": has_account,
            "elsewhere": queries.elsewhere(),
        }


class _ShowsWhatItMade:
    """Codes for recovery are shown in the answer to what made them: no later page could."""

    def form_valid(self, form: Any) -> HttpResponse:
        request: HttpRequest = self.request  # type: ignore[attr-defined]
        answer: HttpResponse = super().form_valid(form)  # type: ignore[misc]
        codes = fresh_codes(request.user)
        if not codes:
            return answer
        context = {"codes": codes, "go_on": NEXT in request.session}
        shown = render(request, "mfa/recovery_codes/made.html", context)
        add_never_cache_headers(shown)
        return shown


class MakeRecoveryCodes(_ShowsWhatItMade, recovery_codes.GenerateRecoveryCodesView):
    """New codes in place of the old ones."""


class SetUpApp(_ShowsWhatItMade, totp.ActivateTOTPView):
    """An app as a second factor; whoever had none gets codes for recovery with it."""


class AddPasskey(_ShowsWhatItMade, webauthn.AddWebAuthnView):
    """A passkey; whoever had no second factor gets codes for recovery with it."""


class SecondFactors(mfa.IndexView):
    """The ways to show a second factor, and, after a change, the way to sign out everywhere else."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        others = queries.own_account(self.request.user).sessions - 1
        return {**super().get_context_data(**kwargs), "other_sessions": max(others, 0)}


class OwnSessions(usersessions.ListUserSessionsView):
    """One's sessions, each by a name that its owner knows it by."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        page = super().get_context_data(**kwargs)
        for session in page["sessions"]:
            session.browser = queries.browser_name(session.user_agent)
        return page


class Connections(social.ConnectionsView):
    """The ways to sign in elsewhere that open one's account."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "elsewhere": queries.elsewhere()}


sign_in = SignIn.as_view()
connections = Connections.as_view()
second_factor_at_sign_in = SecondFactor.as_view()
confirm_with_password = ConfirmWithPassword.as_view()
confirm_with_passkey = ConfirmWithPasskey.as_view()
confirm_with_code = ConfirmWithCode.as_view()
sign_up = SignUp.as_view()
second_factors = SecondFactors.as_view()
make_recovery_codes = MakeRecoveryCodes.as_view()
set_up_app = SetUpApp.as_view()
add_passkey = AddPasskey.as_view()
own_sessions = reauthentication_required(allow_get=True)(OwnSessions.as_view())


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


def _office(invitation: models.Invitation | None) -> Word:
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
