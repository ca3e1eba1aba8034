"""Staff sessions, roles and refusals, and the trail for those who read it."""

from __future__ import annotations

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
                account=_who(request),
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
        staff.close_staff_session(session=session, by=_who(request))
        messages.success(request, _("The staff session has ended."))
    return redirect("pages:home")


@door(Claim.OPEN_STAFF_SESSION)
@require_safe
def staff_sessions(request: HttpRequest) -> HttpResponse:
    sessions = queries.own_staff_sessions(_who(request), request.GET.get("page"))
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
    accounts = queries.accounts_page(asked, seen_by=_who(request))
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
    account, form = _account(public_id), GiveRoleForm(request.POST)
    return _decide(
        request,
        public_id,
        {"give_form": form},
        form,
        lambda: rights.give_role(
            account=account, role=Role(form.cleaned_data["role"]), by=_who(request), **form.bond()
        ),
    )


@door(Claim.GIVE_ROLES)
@require_POST
def end_role(request: HttpRequest, public_id: str, grant: int) -> HttpResponse:
    found, form = _or_404(queries.grant_of(public_id, grant)), ReasonForm(request.POST)
    return _decide(
        request,
        public_id,
        {"reason_form": form},
        form,
        lambda: rights.end_role(grant=found, by=_who(request), reason=form.cleaned_data["reason"]),
    )


@door(Claim.GIVE_ROLES)
@require_POST
def refuse_claim(request: HttpRequest, public_id: str) -> HttpResponse:
    account, form = _account(public_id), RefuseForm(request.POST)
    return _decide(
        request,
        public_id,
        {"refuse_form": form},
        form,
        lambda: rights.refuse_claim(
            account=account, claim=Claim(form.cleaned_data["claim"]), by=_who(request), **form.bond()
        ),
    )


@door(Claim.GIVE_ROLES)
@require_POST
def end_refusal(request: HttpRequest, public_id: str, refusal: int) -> HttpResponse:
    found, form = _or_404(queries.refusal_of(public_id, refusal)), ReasonForm(request.POST)
    return _decide(
        request,
        public_id,
        {"reason_form": form},
        form,
        lambda: rights.end_refusal(refusal=found, by=_who(request), reason=form.cleaned_data["reason"]),
    )


@door(Claim.GIVE_ROLES)
@require_POST
def deactivate_account(request: HttpRequest, public_id: str) -> HttpResponse:
    account, form = _account(public_id), ReasonForm(request.POST)
    return _decide(
        request,
        public_id,
        {"reason_form": form},
        form,
        lambda: rights.deactivate_account(account=account, by=_who(request), reason=form.cleaned_data["reason"]),
    )


@door(Claim.GIVE_ROLES)
@require_POST
def reactivate_account(request: HttpRequest, public_id: str) -> HttpResponse:
    account, form = _account(public_id), ReasonForm(request.POST)
    return _decide(
        request,
        public_id,
        {"reason_form": form},
        form,
        lambda: rights.reactivate_account(account=account, by=_who(request), reason=form.cleaned_data["reason"]),
    )


@door(Claim.GIVE_ROLES)
@require_POST
def remove_second_factor(request: HttpRequest, public_id: str) -> HttpResponse:
    """For somebody whose telephone is lost: docs/how-to/help-who-lost-a-factor.md says how to make sure of them."""
    account, form = _account(public_id), ReasonForm(request.POST)
    return _decide(
        request,
        public_id,
        {"reason_form": form},
        form,
        lambda: recovery.remove_second_factor(
            account=account, by=_who(request), reason=form.cleaned_data["reason"], host=request.get_host()
        ),
    )


@door(Claim.GIVE_ROLES)
@require_POST
def sign_out_everywhere(request: HttpRequest, public_id: str) -> HttpResponse:
    account, form = _account(public_id), ReasonForm(request.POST)
    return _decide(
        request,
        public_id,
        {"reason_form": form},
        form,
        lambda: recovery.sign_out_everywhere(
            account=account, by=_who(request), reason=form.cleaned_data["reason"], host=request.get_host()
        ),
    )


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
        record_export(by=_who(request), asked=asked, lines=found.count(), form=form)
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
        record_export(by=_who(request), asked=asked, lines=found.count(), form=taken, verb="traced who saw")
    return found


# --- Steps ------------------------------------------------------------------------------------------------------------


def _decide(
    request: HttpRequest, public_id: str, forms: dict[str, Any], form: Any, decide: Callable[[], Any]
) -> HttpResponse:
    """One decision about an account: back to its page, which says what happened or what stood in the way."""
    if _account(public_id).pk == _who(request).pk:
        raise PermissionDenied  # before the form is looked at: nobody decides about themselves
    if not form.is_valid():
        return _account_page(request, public_id, status=422, **forms)
    try:
        decide()
    except SamsvarError as refusal:
        return _account_page(request, public_id, status=409, refusal=trouble(refusal), **forms)
    messages.success(request, _("Done. It is written in the trail."))
    return redirect("network:account-rights", public_id)


def _account_page(request: HttpRequest, public_id: str, *, status: int = 200, **more: Any) -> HttpResponse:
    page = queries.account_rights(public_id, seen_by=_who(request))
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
    return _or_404(queries.account_of(public_id))


def _or_404[Found](found: Found | None) -> Found:
    if found is None:
        raise Http404
    return found


def _who(request: HttpRequest) -> models.Account:
    assert isinstance(request.user, models.Account)  # signed in: the door
    return request.user


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
