"""Views for organisers to manage registrations and quotas and to import a group."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from samsvar.errors import SamsvarError
from samsvar.interchange import tables
from samsvar.meetings.meeting import ParticipantCategory
from samsvar.meetings.registration import RegistrationStatus
from samsvar.network.people import Group
from samsvar.network.rights import Claim
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.queries.pseudonyms import get_pseudonym
from samsvar.site.meetings.meeting.view_helpers import managed_meeting_or_404
from samsvar.site.meetings.registration.actions import decisions, organising, protection
from samsvar.site.meetings.registration.actions import registering as actions
from samsvar.site.meetings.registration.forms.organising import (
    DecisionForm,
    ExportForm,
    GroupImportForm,
    QuotaForm,
    RecategoriseForm,
)
from samsvar.site.meetings.registration.forms.registration import CorrectNameForm, HideIdentityForm
from samsvar.site.meetings.registration.queries import own, questions
from samsvar.site.meetings.registration.queries import registrations as queries
from samsvar.site.network.directory.forms import initial_organisation_values
from samsvar.site.network.view_helpers import current_account, object_or_404
from samsvar.site.shell.cache import PRIVATE_CACHE_CONTROL
from samsvar.site.shell.downloads import table_response
from samsvar.site.shell.errors import ErrorText, describe_error
from samsvar.site.shell.filters import build_filter_form
from samsvar.site.shell.form_pages import form_page, form_page_status, page_with_form, post_action, run_action
from samsvar.site.shell.labels import enum_choices
from samsvar.site.shell.limits import enforce_rate_limit
from samsvar.site.shell.templatetags.samsvar import label, state_name
from samsvar.site.shell.view_permissions import requires

FILTERS = ("status", "country", "group", "category", "delegation", "answers", "photographs")
MAX_TABLE_SIZE = 2 * 1024 * 1024  # bytes; 500 rows need far less


@requires(Claim.MANAGE_MEETING)
@page_with_form
def manage_registrations(request: HttpRequest, slug: str) -> HttpResponse:
    """List the filtered registrations and decide on the selected ones."""
    meeting = managed_meeting_or_404(request, slug)
    form = DecisionForm(request.POST or None)
    filters = {name: request.GET.get(name, "")[:40] for name in FILTERS}
    if request.method == "POST" and form.is_valid():
        selected = queries.filter_registrations(meeting, filters)
        if "everyone" not in request.POST:  # `everyone` selects the whole filtered list, including other pages
            selected = meeting.registrations.filter(public_id__in=request.POST.getlist("registration"))
        registrations = list(selected.select_related("meeting").order_by("at", "pk"))
        if not registrations:
            messages.error(request, _("Select at least one registration."))
        else:
            _apply_decision(request, registrations, form.cleaned_data)
            return redirect(request.get_full_path())
    page = queries.registrations_page(request.user, meeting, filters, request.GET.get("page"))
    context = {
        "meeting": meeting, "page": page, "form": form, "filters": _filter_form(meeting, page, filters),
        "quota_form": QuotaForm(meeting=meeting, auto_id="quota_%s"),
    }  # fmt: skip
    return render(request, "meetings/registration/list.html", context, status=form_page_status(form, None))


def _filter_form(meeting: models.Meeting, page: queries.RegistrationsPage, filters: Mapping[str, str]) -> Form:
    countries = sorted({row.quota.key for row in page.quotas if row.quota.kind == "country"})
    return build_filter_form(
        filters, "by",
        status=(_("Status"), _("all"), [
            (status, f"{name} ({page.counts.get(status, 0)})") for status, name in enum_choices(RegistrationStatus)
        ]),
        country=(_("Country"), _("all"), [(code, state_name(code)) for code in countries]),
        group=(_("Group"), _("all"), enum_choices(Group)),
        delegation=(_("Delegation"), _("all"), [
            (delegation.public_id, state_name(delegation.state_id) or getattr(delegation.organisation, "name", ""))
            for delegation in queries.list_delegations(meeting)
        ]),
        category=(_("Category"), _("all"), enum_choices(ParticipantCategory)),
        answers=(_("Answers"), _("all"), [("open", _("some answers outstanding"))]),
        photographs=(_("Photographs"), _("all"), [(code, label(code, "photo_consent")) for code in page.photographs]),
    )  # fmt: skip


@requires(Claim.MANAGE_MEETING)
@page_with_form
def manage_registration(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    """Show a registration with its answers, and edit the category, group and country that it counts under."""
    meeting = managed_meeting_or_404(request, slug)
    registration = object_or_404(queries.find_registration(meeting, public_id))
    person, by = registration.person, current_account(request)
    verb = request.POST.get("do", "")
    edits_name = own.can_edit_own_name(person) and person is not None and not person.at_risk
    hide_form = HideIdentityForm(request.POST if verb == "hide" else None, auto_id="hide_%s")
    country = registration.state_id or ""
    initial = {"category": registration.category, "group": registration.group, "country": country}
    form = RecategoriseForm(None if verb else request.POST or None, meeting=meeting, initial=initial)
    if person is not None and person.at_risk:
        del form.fields["country"]  # for people at risk, it is neither shown nor changed here
    registration_row = queries.registration_row(request.user, registration)
    view = registration_row.view
    details = {"name": view.name, "title": view.title} if view is not None else {}
    if view is not None and view.organisation is not None:
        details |= initial_organisation_values(view.organisation.value)
    correction = request.POST if verb == "correct" and edits_name else None
    name_form = CorrectNameForm(correction, country=country, initial=details, auto_id="correct_%s")

    def save() -> str:
        if hide_form.is_bound:
            protection.hide_identity_by_organiser(registration=registration, by=by, **hide_form.cleaned_data)
            return _("This person’s identity is now hidden everywhere on this site.")
        if name_form.is_bound:
            actions.correct_name(registration=registration, by=by, **name_form.name_data())
            return _("Details updated. Letters already issued are not changed.")
        data = form.cleaned_data
        decisions.reassign_registration(
            registration=registration, by=by, category=data["category"], group=data["group"],
            state=data.get("country", country),
        )  # fmt: skip
        return _("Registration updated.")

    is_over = RegistrationStatus(registration.status).is_over
    return form_page(
        request,
        next((one for one in (hide_form, name_form) if one.is_bound), form),
        action=save,
        success=str,
        redirect_to=request.path,
        template="meetings/registration/manage_one.html",
        context=lambda: {
            "meeting": meeting,
            "line": registration_row,
            "row": registration,
            "form": form,
            "hide": hide_form,
            "pseudonym": get_pseudonym(meeting, person) if person is not None else "",
            "correct": name_form if edits_name and not is_over else None,
            "answers": questions.registration_answers(registration, request.LANGUAGE_CODE),
            "decision": DecisionForm(status=registration.status, auto_id="decide_%s"),
            "is_over": is_over,
        },
    )


@requires(Claim.MANAGE_MEETING)
@page_with_form
def export_registrations(request: HttpRequest, slug: str) -> HttpResponse:
    """Export the registrations as a file.

    The organiser chooses whether to include people at risk, and is shown only how many there are.
    """
    meeting = managed_meeting_or_404(request, slug)
    form = ExportForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid() and (rate_limited := enforce_rate_limit(request, "export")):
        return rate_limited
    return form_page(
        request,
        form,
        action=lambda: organising.export_registrations(
            meeting=meeting, by=current_account(request), **form.cleaned_data
        ),
        redirect_to=lambda rows: table_response(
            rows, tuple(organising.LIST_COLUMNS), "csv", f"{slug}-registrations", cache=PRIVATE_CACHE_CONTROL
        ),
        template="meetings/registration/export.html",
        context=lambda: {"meeting": meeting, "at_risk": queries.count_people_at_risk(meeting)},
    )


@requires(Claim.MANAGE_MEETING)
@require_POST
def set_quota(request: HttpRequest, slug: str) -> HttpResponse:
    meeting = managed_meeting_or_404(request, slug)
    form = QuotaForm(request.POST, meeting=meeting)
    if not form.is_valid():
        messages.error(request, _("Choose who the places are for and enter the number of places."))
        return redirect("meetings:manage-registrations", slug)
    kind, key = form.kind_and_key()
    return post_action(
        request,
        lambda: organising.set_quota(
            meeting=meeting, by=current_account(request), kind=kind, key=key, places=form.cleaned_data["places"]
        ),
        success=_("Quota saved."),
        redirect_to=reverse("meetings:manage-registrations", args=[slug]),
    )


@requires(Claim.MANAGE_MEETING)
@require_POST
def remove_quota(request: HttpRequest, slug: str) -> HttpResponse:
    meeting = managed_meeting_or_404(request, slug)
    kind, _colon, key = request.POST.get("what", "").partition(":")
    quota = meeting.quotas.select_related("meeting").filter(kind=kind, key=key).first()
    if quota is None:
        messages.error(request, _("This quota no longer exists."))
    else:
        organising.remove_quota(quota=quota, by=current_account(request))
        messages.success(request, _("Quota deleted."))
    return redirect("meetings:manage-registrations", slug)


@requires(Claim.MANAGE_MEETING)
@page_with_form
def register_group(request: HttpRequest, slug: str) -> HttpResponse:
    """Import a group from a table: preview first, then register all rows or none."""
    meeting = managed_meeting_or_404(request, slug)
    form = GroupImportForm(None)
    rows: list[dict[str, str]] = []
    row_errors: tuple[organising.CellError, ...] = ()
    error: ErrorText | None = None
    encoding_guessed = False
    if request.method == "POST":
        checked = request.POST.get("checked", "")
        try:
            if checked:
                cells = list(csv.reader(io.StringIO(checked)))
                rows = organising.parse_group_table(meeting, cells)
                result = organising.register_group(meeting=meeting, by=current_account(request), rows=rows)
                messages.success(request, _describe_import(result))
                return redirect("meetings:manage-registrations", slug)
            form = GroupImportForm(request.POST, request.FILES)
            if form.is_valid():
                upload = form.cleaned_data["table"]
                if upload.size > MAX_TABLE_SIZE:
                    form.add_error("table", _("The file is larger than 2 MB."))
                else:
                    content = upload.read()
                    encoding_guessed = not tables.is_encoding_certain(content)
                    cells = tables.read_table(content, encoding=form.cleaned_data["encoding"])
                    rows = organising.parse_group_table(meeting, cells)
        except organising.InvalidGroupTable as exc:
            row_errors, rows = exc.errors, []
        except SamsvarError as exc:
            error = describe_error(exc)
    csv_buffer = io.StringIO()
    if rows:
        writer = csv.writer(csv_buffer)
        writer.writerow(organising.GROUP_COLUMNS)
        writer.writerows([row.get(name, "") for name in organising.GROUP_COLUMNS] for row in rows)
    context = {
        "meeting": meeting, "form": form,
        "rows": rows, "wrong": row_errors, "error": error, "checked": csv_buffer.getvalue(),
        "columns": organising.GROUP_COLUMNS, "guessed": encoding_guessed,
    }  # fmt: skip
    status = 422 if row_errors else form_page_status(form, error)
    return render(request, "meetings/registration/import_group.html", context, status=status)


# --- Helpers ----------------------------------------------------------------------------------------------------------


def _describe_import(result: organising.GroupRegistrationResult) -> str:
    placed, waiting, known = result.placed, result.waiting, result.already_registered
    parts = (
        ngettext("%(placed)s person has a place", "%(placed)s people have a place", placed),
        ngettext("%(waiting)s person is on the waiting list", "%(waiting)s people are on the waiting list", waiting),
        ngettext("%(known)s was already registered", "%(known)s were already registered", known),
    )
    return ", ".join(part % {"placed": placed, "waiting": waiting, "known": known} for part in parts) + "."


def _apply_decision(request: HttpRequest, registrations: list[models.Registration], data: dict[str, Any]) -> None:
    """Decide on each registration. Those whose status does not allow it are counted and left unchanged."""
    action: Any = {
        "approve": decisions.approve_registration, "refuse": decisions.refuse_registration,
        "put_back": decisions.revert_to_pending, "withdraw": decisions.withdraw_registration,
    }[data["what"]]  # fmt: skip
    kwargs: dict[str, Any] = {"by": current_account(request)}
    if data["what"] != "approve":
        kwargs["reason"] = data["reason"].strip()
    errors = [run_action(action, registration=one, **kwargs)[1] for one in registrations]
    decided, refused = errors.count(None), len(errors) - errors.count(None)
    if decided:
        message = ngettext("Decision saved for %(n)s registration.", "Decision saved for %(n)s registrations.", decided)
        messages.success(request, message % {"n": decided})
    if refused:
        message = ngettext(
            "%(n)s registration was not changed: its status does not allow this.",
            "%(n)s registrations were not changed: their status does not allow this.",
            refused,
        )
        messages.error(request, message % {"n": refused})
