"""Pages for giving and ending roles, and for closing accounts."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from samsvar.errors import SamsvarError
from samsvar.network.rights import Claim, Role
from samsvar.site.network import models
from samsvar.site.network.access import queries
from samsvar.site.network.access.actions import roles as rights
from samsvar.site.network.access.forms import GiveRoleForm, ReasonForm, RefuseForm
from samsvar.site.network.access.labels import ROLES
from samsvar.site.network.access.views import SUBJECTS
from samsvar.site.network.accounts.actions import recovery
from samsvar.site.network.labels import trouble
from samsvar.site.network.view_helpers import account_of, or_404
from samsvar.site.shell.view_permissions import door

# --- Roles and refusals -----------------------------------------------------------------------------------------------


@door(Claim.GIVE_ROLES)
@require_safe
def roles(request: HttpRequest) -> HttpResponse:
    asked = request.GET.dict()
    accounts = queries.accounts_page(asked, seen_by=account_of(request))
    context = {
        "accounts": accounts,
        "q": asked.get("q", ""),
        "role": asked.get("role", ""),
        "roles": [(role.value, word) for role, word in ROLES.items()],
    }
    return render(request, "network/rights_roles.html", context)


@door(Claim.GIVE_ROLES)
@require_safe
def account_rights(request: HttpRequest, public_id: str) -> HttpResponse:
    return _account_page(request, public_id)


@door(Claim.GIVE_ROLES)
@require_POST
def give_role(request: HttpRequest, public_id: str) -> HttpResponse:
    form = GiveRoleForm(request.POST)
    return _decide(
        request,
        public_id,
        form,
        lambda by: rights.give_role(
            account=_account(public_id), role=Role(form.cleaned_data["role"]), by=by, **form.bond()
        ),
        shown_as="give_form",
    )


@door(Claim.GIVE_ROLES)
@require_POST
def refuse_claim(request: HttpRequest, public_id: str) -> HttpResponse:
    form = RefuseForm(request.POST)
    return _decide(
        request,
        public_id,
        form,
        lambda by: rights.refuse_claim(
            account=_account(public_id), claim=Claim(form.cleaned_data["claim"]), by=by, **form.bond()
        ),
        shown_as="refuse_form",
    )


def _with_a_reason(decide: Callable[..., Any], *, tells: bool = False) -> Callable[..., HttpResponse]:
    """A decision about an account, or about a role or refusal of it, that asks for nothing but why.

    `tells`: its owner gets a letter, which leads to this site.
    """
    name = next(one for one in inspect.signature(decide).parameters if one in SUBJECTS)

    @door(Claim.GIVE_ROLES)
    @require_POST
    def decision(request: HttpRequest, public_id: str, **key: int) -> HttpResponse:
        subject, form = or_404(SUBJECTS[name](public_id, **key)), ReasonForm(request.POST)
        host = {"host": request.get_host()} if tells else {}
        return _decide(
            request,
            public_id,
            form,
            lambda by: decide(**{name: subject}, by=by, reason=form.cleaned_data["reason"], **host),
        )

    return decision


end_role = _with_a_reason(rights.end_role)
end_refusal = _with_a_reason(rights.end_refusal)
deactivate_account = _with_a_reason(rights.deactivate_account)
reactivate_account = _with_a_reason(rights.reactivate_account)
# docs/how-to/help-who-lost-a-factor.md says how to make sure of who asks
remove_second_factor = _with_a_reason(recovery.remove_second_factor, tells=True)
sign_out_everywhere = _with_a_reason(recovery.sign_out_everywhere, tells=True)


# --- Steps ------------------------------------------------------------------------------------------------------------


def _decide(
    request: HttpRequest,
    public_id: str,
    form: Any,
    decide: Callable[[models.Account], Any],
    *,
    shown_as: str = "reason_form",
) -> HttpResponse:
    """One decision about an account: back to its page, which says what happened or what stood in the way."""
    if _account(public_id).pk == account_of(request).pk:
        raise PermissionDenied  # before the form is looked at: nobody decides about themselves
    shown = {shown_as: form}
    if not form.is_valid():
        return _account_page(request, public_id, status=422, **shown)
    try:
        decide(account_of(request))
    except SamsvarError as refusal:
        return _account_page(request, public_id, status=409, refusal=trouble(refusal), **shown)
    messages.success(request, _("Done. It is written in the trail."))
    return redirect("network:account-rights", public_id)


def _account_page(request: HttpRequest, public_id: str, *, status: int = 200, **more: Any) -> HttpResponse:
    page = queries.account_rights(public_id, seen_by=account_of(request))
    if page is None:
        raise Http404
    context = {
        "page": page,
        "give_form": GiveRoleForm(auto_id="give-%s"),
        "refuse_form": RefuseForm(auto_id="refuse-%s"),
        "reason_form": None,
        "refusal": None,
        **more,
    }
    return render(request, "network/rights_account.html", context, status=status)


def _account(public_id: str) -> models.Account:
    return or_404(queries.account_of(public_id))
