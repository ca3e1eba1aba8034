"""Pages for organisers: registrations, quotas and the import of a group."""

from __future__ import annotations

import csv
import io
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from samsvar.errors import SamsvarError
from samsvar.interchange import tables
from samsvar.meetings.registration import Standing
from samsvar.network.rights import Claim
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.view_helpers import managed_or_404, tried
from samsvar.site.meetings.registration.actions import decisions, organising, protection
from samsvar.site.meetings.registration.actions import registering as actions
from samsvar.site.meetings.registration.forms.organising import (
    DecisionForm,
    GroupTableForm,
    ListForm,
    MoveForm,
    QuotaForm,
)
from samsvar.site.meetings.registration.forms.registration import CorrectForm, HideForm, categories, groups
from samsvar.site.meetings.registration.queries import own, questions
from samsvar.site.meetings.registration.queries import registrations as queries
from samsvar.site.network.directory.forms import initial_organisation
from samsvar.site.network.view_helpers import account_of, or_404, site_of, status_of, tell_trouble
from samsvar.site.shell.cache import PERSONAL
from samsvar.site.shell.downloads import table_file
from samsvar.site.shell.limits import too_many
from samsvar.site.shell.view_permissions import door as opens

page_with_form = require_http_methods(["GET", "HEAD", "POST"])
FILTERS = ("standing", "country", "group", "category", "delegation", "answers", "photographs")
LARGEST_TABLE = 2 * 1024 * 1024  # bytes; five hundred rows are far below


@opens(Claim.MANAGE_MEETING)
@page_with_form
def manage_registrations(request: HttpRequest, slug: str) -> HttpResponse:
    """The list, narrowed as asked; decisions about those chosen."""
    meeting = managed_or_404(request, slug)
    form = DecisionForm(request.POST or None)
    refusal = None
    wanted = {name: request.GET.get(name, "")[:40] for name in FILTERS}
    if request.method == "POST" and form.is_valid():
        chosen = queries.narrowed(meeting, wanted)
        if "everybody" not in request.POST:  # all of the list, also on other pages of it
            chosen = meeting.registrations.filter(public_id__in=request.POST.getlist("registration"))
        rows = list(chosen.select_related("meeting").order_by("at", "pk"))
        if not rows:
            messages.error(request, _("Choose at least one registration."))
        else:
            _decide(request, rows, form.cleaned_data)
            return redirect(request.get_full_path())
    page = queries.registrations_page(request.user, meeting, wanted, request.GET.get("page"))
    context = {
        "meeting": meeting, "page": page, "form": form, "refusal": refusal, "wanted": wanted,
        "standings": [(one.value, page.counts.get(one.value, 0)) for one in Standing], "groups": groups()[1:],
        "categories": categories(), "delegations": queries.delegations_of(meeting),
        "countries": sorted({one.quota.key for one in page.quotas if one.quota.kind == "country"}),
        "quota_form": QuotaForm(meeting=meeting, auto_id="quota_%s"),
    }  # fmt: skip
    return render(request, "meetings/registration_list.html", context, status=status_of(form, refusal))


@opens(Claim.MANAGE_MEETING)
@page_with_form
def manage_registration(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    """One registration: its answers, and under what it is counted."""
    meeting = managed_or_404(request, slug)
    row = or_404(queries.registration_by(meeting, public_id))
    initial = {"category": row.category, "group": row.group, "country": row.state_id or ""}
    do = request.POST.get("do", "")
    hides, corrects = do == "hide", do == "correct"
    hide = HideForm(request.POST if hides else None, auto_id="hide_%s")
    form = MoveForm(None if do else request.POST or None, meeting=meeting, initial=initial)
    writes = own.writes_own_name(row.person) and row.person is not None and not row.person.at_risk
    if row.person is not None and row.person.at_risk:
        del form.fields["country"]  # is told to nobody, and stays what it is
    refusal = None
    if hides and hide.is_valid():
        done, refusal = tried(
            protection.hide_somebody, registration=row, by=account_of(request), site=site_of(request),
            **hide.cleaned_data,
        )  # fmt: skip
        if done is not None:
            messages.success(request, _("This person is hidden from now on, everywhere on this site."))
            return redirect("meetings:manage-registration", slug, public_id)
    line = queries.registration_line(request.user, row)
    known = {"name": line.view.name, "title": line.view.title} if line.view is not None else {}
    if line.view is not None and line.view.organisation is not None:
        known |= initial_organisation(line.view.organisation.value)
    correct = CorrectForm(
        request.POST if corrects else None, country=row.state_id or "", initial=known, auto_id="correct_%s"
    )
    if corrects and writes and correct.is_valid():
        done, refusal = tried(
            actions.correct_name, registration=row, by=account_of(request), site=site_of(request),
            **correct.said(),
        )  # fmt: skip
        if refusal is None:
            messages.success(request, _("It is written so from now on. Letters that were issued stay as they are."))
            return redirect("meetings:manage-registration", slug, public_id)
    elif request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        done, refusal = tried(
            decisions.move, registration=row, by=account_of(request), category=told["category"], group=told["group"],
            state=told.get("country", row.state_id or ""), site=site_of(request),
        )  # fmt: skip
        if done is not None:
            messages.success(request, _("The registration is counted there now."))
            return redirect("meetings:manage-registration", slug, public_id)
    context = {
        "meeting": meeting, "line": line, "row": row, "form": form, "refusal": refusal, "hide": hide,
        "correct": correct if writes and not Standing(row.standing).is_over else None,
        "answers": questions.answers_of(row, request.LANGUAGE_CODE),
        "decision": DecisionForm(standing=row.standing, auto_id="decide_%s"),
        "is_over": Standing(row.standing).is_over,
    }  # fmt: skip
    wrong = hide if hides else correct if corrects else form
    return render(request, "meetings/registration_one.html", context, status=status_of(wrong, refusal))


@opens(Claim.MANAGE_MEETING)
@page_with_form
def export_registrations(request: HttpRequest, slug: str) -> HttpResponse:
    """The list as a file; whether people at risk are in it is asked first, and how many, not who."""
    meeting = managed_or_404(request, slug)
    form = ListForm(request.POST if request.method == "POST" else None)
    refusal = None
    if request.method == "POST" and form.is_valid():
        if stopped := too_many(request, "export"):
            return stopped
        rows, refusal = tried(
            organising.export_registrations, meeting=meeting, by=account_of(request), site=site_of(request),
            **form.cleaned_data,
        )  # fmt: skip
        if rows is not None:
            return table_file(rows, organising.LIST_COLUMNS, "csv", f"{slug}-registrations", cache=PERSONAL)
    context = {"meeting": meeting, "form": form, "refusal": refusal, "at_risk": queries.at_risk_in(meeting)}
    return render(request, "meetings/registration_take_out.html", context, status=status_of(form, refusal))


@opens(Claim.MANAGE_MEETING)
@require_POST
def set_quota(request: HttpRequest, slug: str) -> HttpResponse:
    meeting = managed_or_404(request, slug)
    form = QuotaForm(request.POST, meeting=meeting)
    if not form.is_valid():
        messages.error(request, _("Choose for what the places are, and write how many."))
        return redirect("meetings:manage-registrations", slug)
    kind, key = form.key()
    return _after(
        request, "meetings:manage-registrations", slug, _("The quota is set."), organising.set_quota,
        meeting=meeting, by=account_of(request), kind=kind, key=key, places=form.cleaned_data["places"],
        site=site_of(request),
    )  # fmt: skip


@opens(Claim.MANAGE_MEETING)
@require_POST
def remove_quota(request: HttpRequest, slug: str) -> HttpResponse:
    meeting = managed_or_404(request, slug)
    kind, _colon, key = request.POST.get("what", "").partition(":")
    quota = meeting.quotas.select_related("meeting").filter(kind=kind, key=key).first()
    if quota is None:
        messages.error(request, _("There is no such quota any more."))
    else:
        organising.remove_quota(quota=quota, by=account_of(request), site=site_of(request))
        messages.success(request, _("The quota is removed."))
    return redirect("meetings:manage-registrations", slug)


@opens(Claim.MANAGE_MEETING)
@page_with_form
def register_group(request: HttpRequest, slug: str) -> HttpResponse:
    """Register a group by table: looked at first, then all of it or nothing."""
    meeting = managed_or_404(request, slug)
    form = GroupTableForm(None)
    rows: list[dict[str, str]] = []
    wrong: tuple[organising.Wrong, ...] = ()
    refusal, guessed = None, False
    if request.method == "POST":
        checked = request.POST.get("checked", "")
        try:
            if checked:
                cells = list(csv.reader(io.StringIO(checked)))
                rows = organising.read_group(meeting, cells)
                done = organising.register_group(
                    meeting=meeting, by=account_of(request), rows=rows, site=site_of(request)
                )
                said = (
                    ngettext("%(placed)s person has a place", "%(placed)s people have a place", done.placed),
                    ngettext("%(waiting)s person waits", "%(waiting)s people wait", done.waiting),
                    ngettext("%(known)s was registered already", "%(known)s were registered already", done.known),
                )
                counts = {"placed": done.placed, "waiting": done.waiting, "known": done.known}
                messages.success(request, ", ".join(one % counts for one in said) + ".")
                return redirect("meetings:manage-registrations", slug)
            form = GroupTableForm(request.POST, request.FILES)
            if form.is_valid():
                upload = form.cleaned_data["table"]
                if upload.size > LARGEST_TABLE:
                    form.add_error("table", _("The file is larger than 2 MB."))
                else:
                    content = upload.read()
                    guessed = not tables.is_unicode(content)
                    cells = tables.table_cells(content, encoding=form.cleaned_data["encoding"])
                    rows = organising.read_group(meeting, cells)
        except organising.WrongTable as error:
            wrong, rows = error.wrong, []
        except SamsvarError as error:
            _nothing, refusal = tried(_raise, error=error)
    out = io.StringIO()
    if rows:
        writer = csv.writer(out)
        writer.writerow(organising.COLUMNS)
        writer.writerows([row.get(name, "") for name in organising.COLUMNS] for row in rows)
    context = {
        "meeting": meeting, "form": form, "rows": rows, "wrong": wrong, "refusal": refusal, "checked": out.getvalue(),
        "columns": organising.COLUMNS, "guessed": guessed,
    }  # fmt: skip
    status = 422 if wrong else status_of(form, refusal)
    return render(request, "meetings/registration_group.html", context, status=status)


# --- Steps ------------------------------------------------------------------------------------------------------------


def _raise(error: SamsvarError) -> None:
    raise error


def _decide(request: HttpRequest, rows: list[models.Registration], told: dict[str, Any]) -> None:
    """Decide about each; those for which it does not follow are named by their number and stay as they are."""
    by, site, done, refused = account_of(request), site_of(request), 0, 0
    for row in rows:
        how: dict[str, Any] = {"registration": row, "by": by, "site": site}
        if told["what"] != "approve":
            how["reason"] = told["reason"].strip()
        action: Any = {
            "approve": decisions.approve, "refuse": decisions.refuse, "put_back": decisions.put_back,
            "withdraw": decisions.withdraw,
        }[told["what"]]  # fmt: skip
        _row, refusal = tried(action, **how)
        done, refused = done + (refusal is None), refused + (refusal is not None)
    if done:
        messages.success(request, ngettext("Decided about %(n)s.", "Decided about %(n)s.", done) % {"n": done})
    if refused:
        said = ngettext(
            "%(n)s stands so that this does not follow, and was left as it is.",
            "%(n)s stand so that this does not follow, and were left as they are.",
            refused,
        )
        messages.error(request, said % {"n": refused})


def _after(request: HttpRequest, page: str, slug: str, said: str, action: Any, **how: Any) -> HttpResponse:
    _done, refusal = tried(action, **how)
    if refusal is None:
        messages.success(request, said)
    else:
        tell_trouble(request, refusal)
    return redirect(page, slug)
