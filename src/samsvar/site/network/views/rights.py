"""Staff sessions, roles and refusals, and the trail for those who read it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from samsvar.errors import SamsvarError
from samsvar.network.rights import Claim, Role
from samsvar.site.network import models
from samsvar.site.network.actions import recovery, rights, staff
from samsvar.site.network.forms.rights import (
    GiveRoleForm,
    ReasonForm,
    RefuseForm,
    StaffSessionForm,
    TrailForm,
    WhoSawForm,
)
from samsvar.site.network.gate import browser_of
from samsvar.site.network.queries import rights as queries
from samsvar.site.network.steps import account_of, or_404
from samsvar.site.network.titles import ROLES
from samsvar.site.network.words import trouble
from samsvar.site.shell.doors import door
from samsvar.site.shell.limits import limited
from samsvar.site.trail import files
from samsvar.site.trail import queries as trail_queries
from samsvar.site.trail.actions import record_export

LINES_A_PAGE = 100

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


@door(Claim.READ_TRAIL)
@require_safe
def all_staff_sessions(request: HttpRequest) -> HttpResponse:
    sessions = queries.all_staff_sessions(request.GET.get("page"))
    return render(request, "network/rights_staff_sessions.html", {"sessions": sessions, "own": False})


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


# What a decision is about, by the name that its action gives it.
SUBJECTS: dict[str, Callable[..., Any]] = {
    "account": queries.account_of,
    "grant": queries.grant_of,
    "refusal": queries.refusal_of,
}
end_role = _with_a_reason(rights.end_role)
end_refusal = _with_a_reason(rights.end_refusal)
deactivate_account = _with_a_reason(rights.deactivate_account)
reactivate_account = _with_a_reason(rights.reactivate_account)
# docs/how-to/help-who-lost-a-factor.md says how to make sure of who asks
remove_second_factor = _with_a_reason(recovery.remove_second_factor, tells=True)
sign_out_everywhere = _with_a_reason(recovery.sign_out_everywhere, tells=True)


# --- The trail --------------------------------------------------------------------------------------------------------


@door(Claim.READ_TRAIL)
@require_safe
def trail(request: HttpRequest) -> HttpResponse:
    form = TrailForm(request.GET)
    lines = trail_queries.lines(form.asked()) if form.is_valid() else trail_queries.no_lines()
    context = {
        "form": form,
        "lines": Paginator(lines, LINES_A_PAGE).get_page(request.GET.get("page")),
        "query": request.GET.urlencode(),
    }
    return render(request, "network/rights_trail.html", context, status=422 if form.errors else 200)


@door(Claim.READ_TRAIL)
@limited("export")
@require_safe
def export_trail(request: HttpRequest, form: str) -> HttpResponseBase:
    """The lines that the page shows, all of them, as a file; its going out is a line too."""
    question = TrailForm(request.GET)
    if form not in files.FORMS or not question.is_valid():
        raise Http404
    asked = question.asked()
    found = trail_queries.upto_now(trail_queries.lines(asked))
    if request.method == "GET":
        record_export(by=account_of(request), asked=asked, lines=found.count(), form=form)
    return _file(files.written(trail_queries.rows(found), trail_queries.COLUMNS, form), f"trail.{form}", form)


@door(Claim.TRACE_BREACH)
@require_safe
def who_saw(request: HttpRequest) -> HttpResponse:
    """After a breach: who saw this person between two times. The question becomes a line of the trail."""
    form = WhoSawForm(request.GET or None)
    sights = None
    if form.is_valid():
        sights = Paginator(_traced(request, form, "page"), LINES_A_PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "sights": sights, "query": request.GET.urlencode()}
    return render(request, "network/rights_who_saw.html", context, status=422 if form.errors else 200)


@door(Claim.TRACE_BREACH)
@limited("export")
@require_safe
def who_saw_file(request: HttpRequest) -> HttpResponseBase:
    form = WhoSawForm(request.GET)
    if not form.is_valid():
        raise Http404
    rows = trail_queries.sight_rows(_traced(request, form, "csv"))
    return _file(files.written(rows, trail_queries.SIGHT_COLUMNS, "csv"), "who-saw.csv", "csv")


def _traced(request: HttpRequest, form: WhoSawForm, taken: str) -> Any:
    said = form.cleaned_data
    asked = trail_queries.Asked(person=said["person"].strip(), saw=True, since=said["since"], until=said["until"])
    found = trail_queries.sights(asked.person, said["since"], said["until"])
    if request.method == "GET":
        record_export(by=account_of(request), asked=asked, lines=found.count(), form=taken, verb="traced who saw")
    return found


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


def _open_now(request: HttpRequest) -> models.StaffSession | None:
    session: models.StaffSession | None = getattr(request.user, "staff_session", None)
    return session


def _safe_next(request: HttpRequest) -> str:
    """Where the gate came from, if that is an address of ours; "" otherwise."""
    said = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(said, {request.get_host()}, require_https=request.is_secure())
    return said if ours else ""


def _file(pieces: Any, name: str, form: str) -> StreamingHttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="samsvar-{name}"', "X-Content-Type-Options": "nosniff"}
    return StreamingHttpResponse(pieces, content_type=files.FORMS[form], headers=headers)
