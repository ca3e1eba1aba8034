"""Pages of money: one query and one template, or one form and one action."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from samsvar.errors import SamsvarError
from samsvar.funding import loading
from samsvar.interchange.iati import NothingToReport, reporter_in
from samsvar.network.rights import Claim
from samsvar.site.funding import (
    actions,
    forms,
    models,
    queries,
)
from samsvar.site.funding import (
    descendants as traced,
)
from samsvar.site.funding import (
    import_plan as brought,
)
from samsvar.site.funding import (
    labels as words,
)
from samsvar.site.funding.import_state import Carried, NotWhatWasLookedAt, carried_back
from samsvar.site.funding.permissions import can_keep
from samsvar.site.network.view_helpers import account_of, status_of
from samsvar.site.shell.downloads import KINDS, table_file
from samsvar.site.shell.limits import limited
from samsvar.site.shell.view_permissions import door, open_to_all

SHORT_NAMES_OF_PAGES = frozenset({"new", "import"})  # addresses that no activity can have


# --- What everybody reads ---------------------------------------------------------------------------------------------


@open_to_all
@require_safe
def funding(request: HttpRequest) -> HttpResponse:
    page = queries.funding_page(request.user, request.GET.dict(), request.GET.urlencode())
    return render(request, "funding/funding.html", {"page": page})


@open_to_all
@require_safe
def activity(request: HttpRequest, slug: str) -> HttpResponse:
    page = queries.activity_page(request.user, slug)
    if page is None:
        raise Http404
    through = traced.through_parts(page.row) if page.below else None
    return render(request, "funding/activity.html", {"page": page, "activity": page.activity, "through": through})


@open_to_all
@require_safe
def table(request: HttpRequest, form: str) -> HttpResponse:
    """The list as a table that can be brought back in."""
    if form not in KINDS:
        raise Http404
    rows = queries.table_rows(queries.asked_for(request.GET.dict()))
    return table_file(rows, loading.COLUMNS, form, "funding", cache="no-cache", sheet="Funding")


@open_to_all
@require_safe
def iati(request: HttpRequest) -> HttpResponse:
    """Everything that is real and has a source; `?invented=yes` adds what is invented, which says so."""
    return _iati(request, None, invented=request.GET.get("invented") == "yes")


@open_to_all
@require_safe
def activity_iati(request: HttpRequest, slug: str) -> HttpResponse:
    row = queries.activity_row(slug)
    if row is None:
        raise Http404
    return _iati(request, slug, invented=row.invented)


def _iati(request: HttpRequest, slug: str | None, *, invented: bool) -> HttpResponse:
    try:
        content = queries.iati_of(
            slug,
            reporter=reporter_in(settings.SAMSVAR_IATI_ORG),
            vocabulary_at=request.build_absolute_uri(reverse("funding:funding")),
            invented=invented,
        )
    except NothingToReport as nothing:
        raise Http404(nothing.message) from nothing
    name = f"{slug or 'activities'}.xml"
    headers = {"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "no-cache"}
    return HttpResponse(content, content_type="application/xml; charset=utf-8", headers=headers)


# --- What those do who keep the facts ---------------------------------------------------------------------------------


@door(Claim.MANAGE_FUNDING)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    return _activity_form(request, None)


@door(Claim.MANAGE_FUNDING)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    return _activity_form(request, _kept(request, slug))


def _activity_form(request: HttpRequest, row: models.Activity | None) -> HttpResponse:
    form = forms.ActivityForm(request.POST or None, before=queries.value_of(row) if row else None)
    refusal = None
    if request.method == "POST" and form.is_valid() and form.activity:
        try:
            if form.activity.slug in SHORT_NAMES_OF_PAGES:
                form.add_error("title", str(words.PROBLEMS["other_thing"]))
            else:
                saved = actions.save_activity(by=account_of(request), activity=form.activity, row=row)
                return redirect("funding:activity", saved.slug)
        except SamsvarError as error:
            refusal = words.trouble(error)
    context = {"form": form, "activity": row, "refusal": refusal}
    return render(request, "funding/activity_form.html", context, status=status_of(form, refusal))


@door(Claim.MANAGE_FUNDING)
@require_http_methods(["GET", "HEAD", "POST"])
def add_money(request: HttpRequest, slug: str) -> HttpResponse:
    def save(row: models.Activity, value: Any) -> object:
        return actions.save_transaction(by=account_of(request), activity=row, money=value)

    return _part_form(request, slug, forms.TransactionForm, save, _("Money planned or paid"))


@door(Claim.MANAGE_FUNDING)
@require_http_methods(["GET", "HEAD", "POST"])
def add_result(request: HttpRequest, slug: str) -> HttpResponse:
    def save(row: models.Activity, value: Any) -> object:
        return actions.save_result(by=account_of(request), activity=row, result=value)

    return _part_form(request, slug, forms.ResultForm, save, _("A result"))


@door(Claim.MANAGE_FUNDING)
@require_http_methods(["GET", "HEAD", "POST"])
def add_link(request: HttpRequest, slug: str) -> HttpResponse:
    def save(row: models.Activity, value: Any) -> object:
        return actions.link_to(by=account_of(request), activity=row, link=value)

    return _part_form(request, slug, forms.LinkForm, save, _("What the money led to"))


@door(Claim.MANAGE_FUNDING)
@require_http_methods(["GET", "HEAD", "POST"])
def change_part(request: HttpRequest, slug: str, what: str, pk: int) -> HttpResponse:
    """Say anew what money or a result is that stands here: its identity stays."""
    part = _part(request, slug, what, pk)
    if isinstance(part, models.Transaction):

        def save_money(row: models.Activity, value: Any) -> object:
            return actions.save_transaction(by=account_of(request), activity=row, money=value)

        before: Any = queries.transaction_value(part)
        return _part_form(request, slug, forms.TransactionForm, save_money, _("Money planned or paid"), before)
    if isinstance(part, models.Result):

        def save_result(row: models.Activity, value: Any) -> object:
            return actions.save_result(by=account_of(request), activity=row, result=value)

        return _part_form(request, slug, forms.ResultForm, save_result, _("A result"), queries.result_value(part))
    raise Http404


def _part_form(
    request: HttpRequest,
    slug: str,
    kind: type[forms.TransactionForm | forms.ResultForm | forms.LinkForm],
    save: Callable[[models.Activity, Any], object],
    title: str,
    before: Any = None,
) -> HttpResponse:
    row = _kept(request, slug)
    form = kind(request.POST or None, before=before)
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            save(row, form.value)
        except SamsvarError as error:
            refusal = words.trouble(error)
        else:
            return redirect("funding:activity", slug)
    known = queries.known_keys() if kind is forms.LinkForm else ()
    context = {"form": form, "activity": row, "refusal": refusal, "title": title, "known": known}
    return render(request, "funding/part_form.html", context, status=status_of(form, refusal))


PARTS: dict[str, Any] = {"money": models.Transaction, "results": models.Result, "links": models.Link}


@door(Claim.MANAGE_FUNDING)
@require_POST
def remove(request: HttpRequest, slug: str, what: str, pk: int) -> HttpResponse:
    actions.remove_part(by=account_of(request), part=_part(request, slug, what, pk))
    messages.success(request, _("Removed."))
    return redirect("funding:activity", slug)


def _part(request: HttpRequest, slug: str, what: str, pk: int) -> Any:
    """Money, a result or a link of an activity, for somebody who may keep it."""
    row = _kept(request, slug)
    part = PARTS[what].objects.filter(activity=row, pk=pk).first() if what in PARTS else None
    if part is None:
        raise Http404
    return part


@door(Claim.MANAGE_FUNDING)
@limited("upload")
@require_http_methods(["GET", "HEAD", "POST"])
def bring_in(request: HttpRequest) -> HttpResponse:
    """A table, how it is read, and what each of its rows would become. Nothing is stored before somebody has looked."""
    if request.method == "POST" and "cells" in request.POST:
        try:
            return _looked_at(request, carried_back(request.POST))
        except NotWhatWasLookedAt:
            return _brought_again(request)
    form = forms.TableForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid() and form.carried:
        return _looked_at(request, form.carried)
    return render(request, "funding/import.html", {"form": form}, status=422 if form.errors else 200)


@door(Claim.MANAGE_FUNDING)
@limited("upload")
@require_POST
def confirm_import(request: HttpRequest) -> HttpResponse:
    try:
        carried = carried_back(request.POST)
    except NotWhatWasLookedAt:
        return _brought_again(request)
    try:
        done = actions.import_table(
            by=account_of(request), rows=carried.rows, reading=carried.reading, choices=carried.choices,
            mark=request.POST.get("mark", "") or "none",
        )  # fmt: skip
    except SamsvarError as error:
        return _looked_at(request, carried, words.trouble(error))
    stored = ngettext("%(count)d row was stored.", "%(count)d rows were stored.", len(done.writes))
    messages.success(request, stored % {"count": len(done.writes)})
    if done.left:
        messages.info(request, words.left_out(done.left))
    return redirect("funding:funding")


def _looked_at(request: HttpRequest, carried: Carried, refusal: Any = None) -> HttpResponse:
    """The page with the table: how it is read, and what each row becomes where it can be read at all."""
    plan, status = None, 409 if refusal else 200
    try:
        plan = brought.plan_of(account_of(request), carried.rows, carried.reading, carried.choices)
    except SamsvarError as error:
        refusal, status = words.trouble(error), 422
    context = {"carried": carried, "reading": forms.ReadingForm(carried), "plan": plan, "refusal": refusal}
    return render(request, "funding/import.html", {"form": forms.TableForm(), **context}, status=status)


def _brought_again(request: HttpRequest) -> HttpResponse:
    messages.error(request, _("This is not what was looked at. Bring the table again."))
    return redirect("funding:import")


def _kept(request: HttpRequest, slug: str) -> models.Activity:
    """The activity, for somebody who may keep it."""
    row = queries.activity_row(slug)
    if row is None:
        raise Http404
    if not can_keep(request.user, queries.value_of(row).beneficiaries):
        raise PermissionDenied
    return row
