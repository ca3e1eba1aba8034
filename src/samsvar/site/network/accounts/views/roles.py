"""Views for giving and ending roles, refusing claims, and deactivating accounts."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from samsvar.network.rights import Claim, Role
from samsvar.site.network import models
from samsvar.site.network.access import queries
from samsvar.site.network.access.actions import roles as role_actions
from samsvar.site.network.access.forms import GiveRoleForm, ReasonForm, RefuseClaimForm
from samsvar.site.network.access.views import SUBJECT_LOADERS
from samsvar.site.network.accounts.actions import recovery
from samsvar.site.network.view_helpers import current_account, object_or_404
from samsvar.site.shell.form_pages import run_action
from samsvar.site.shell.labels import enum_choices
from samsvar.site.shell.view_permissions import requires

# --- Views ------------------------------------------------------------------------------------------------------------


@requires(Claim.GIVE_ROLES)
@require_safe
def roles(request: HttpRequest) -> HttpResponse:
    filters = request.GET.dict()
    accounts = queries.accounts_page(filters, seen_by=current_account(request))
    shown_filters = {"q": filters.get("q", ""), "role": filters.get("role", "")}
    context = {"accounts": accounts, "roles": enum_choices(Role), **shown_filters}
    return render(request, "network/accounts/roles.html", context)


@requires(Claim.GIVE_ROLES)
@require_safe
def account_rights(request: HttpRequest, public_id: str) -> HttpResponse:
    return _render_account_page(request, public_id)


@requires(Claim.GIVE_ROLES)
@require_POST
def give_role(request: HttpRequest, public_id: str) -> HttpResponse:
    form, account = GiveRoleForm(request.POST), _account_or_404(public_id)
    action = partial(role_actions.give_role, account=account)
    return _run_account_action(request, public_id, form, action, form_key="give_form")


@requires(Claim.GIVE_ROLES)
@require_POST
def refuse_claim(request: HttpRequest, public_id: str) -> HttpResponse:
    form, account = RefuseClaimForm(request.POST), _account_or_404(public_id)
    action = partial(role_actions.refuse_claim, account=account)
    return _run_account_action(request, public_id, form, action, form_key="refuse_form")


def _make_reason_view(action: Callable[..., Any]) -> Callable[..., HttpResponse]:
    """Return a view for an action on an account, role or refusal that needs only a reason."""
    subject_name = next(one for one in inspect.signature(action).parameters if one in SUBJECT_LOADERS)

    @requires(Claim.GIVE_ROLES)
    @require_POST
    def view(request: HttpRequest, public_id: str, **ids: int) -> HttpResponse:
        subject = object_or_404(SUBJECT_LOADERS[subject_name](public_id, **ids))
        return _run_account_action(
            request, public_id, ReasonForm(request.POST), partial(action, **{subject_name: subject})
        )

    return view


end_role = _make_reason_view(role_actions.end_role)
end_refusal = _make_reason_view(role_actions.end_refusal)
deactivate_account = _make_reason_view(role_actions.deactivate_account)
reactivate_account = _make_reason_view(role_actions.reactivate_account)
# docs/how-to/recover-a-second-factor.md explains how to verify who is asking
remove_second_factor = _make_reason_view(recovery.remove_second_factor)
sign_out_everywhere = _make_reason_view(recovery.sign_out_everywhere)


# --- Shared by the views ----------------------------------------------------------------------------------------------


def _run_account_action(
    request: HttpRequest, public_id: str, form: ReasonForm, action: Callable[..., Any], *, form_key: str = "reason_form"
) -> HttpResponse:
    """Run an action on an account with the form's values and redirect to its page, or show the error there."""
    if _account_or_404(public_id).pk == current_account(request).pk:
        raise PermissionDenied  # checked before the form: users may not change their own roles
    shown_forms = {form_key: form}
    if not form.is_valid():
        return _render_account_page(request, public_id, status=422, **shown_forms)
    _result, error = run_action(action, by=current_account(request), **form.get_action_kwargs())
    if error:
        return _render_account_page(request, public_id, status=409, error=error, **shown_forms)
    messages.success(request, _("Done. This is recorded in the audit log."))
    return redirect("network:account-rights", public_id)


def _render_account_page(
    request: HttpRequest, public_id: str, *, status: int = 200, **extra_context: Any
) -> HttpResponse:
    page = object_or_404(queries.account_rights(public_id, seen_by=current_account(request)))
    context = {
        "page": page,
        "give_form": GiveRoleForm(auto_id="give-%s"),
        "refuse_form": RefuseClaimForm(auto_id="refuse-%s"),
        "reason_form": None,
        "error": None,
        **extra_context,
    }
    return render(request, "network/accounts/account_rights.html", context, status=status)


def _account_or_404(public_id: str) -> models.Account:
    return object_or_404(queries.find_account(public_id))
