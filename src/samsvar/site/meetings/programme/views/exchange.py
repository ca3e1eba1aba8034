"""Views for importing programmes from other systems, after a preview, and exporting the draft programme."""

from __future__ import annotations

from dataclasses import astuple
from typing import Any

from django.contrib import messages
from django.core.signing import BadSignature, Signer
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from samsvar.interchange.imported_programme import MAX_FILE_BYTES
from samsvar.interchange.programmes import EXPORT_FORMATS, read_programme
from samsvar.interchange.schedules import NoKnownDay
from samsvar.network.rights import Claim
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.view_helpers import download_response, managed_meeting_or_404
from samsvar.site.meetings.programme.actions import import_programme as actions
from samsvar.site.meetings.programme.forms.exchange import ProgrammeFileForm, ProgrammeImportForm
from samsvar.site.meetings.programme.queries import exchange as queries
from samsvar.site.network.view_helpers import current_account
from samsvar.site.shell.form_pages import form_page, page_with_form
from samsvar.site.shell.limits import rate_limited
from samsvar.site.shell.site_url import absolute_url
from samsvar.site.shell.uploads import delete_private_file, read_private_file, read_with_limit, store_private_file
from samsvar.site.shell.view_permissions import requires

TYPES = {"xml": "application/xml", "json": "application/json", "ics": "text/calendar", "csv": "text/csv; charset=utf-8"}


@requires(Claim.MANAGE_MEETING)
@rate_limited("upload")
@page_with_form
def manage_exchange(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the import and export options, and preview an uploaded file without changing the programme."""
    meeting = managed_meeting_or_404(request, slug)
    form = ProgrammeFileForm(request.POST or None, request.FILES or None)

    def compare() -> HttpResponse:
        content = read_with_limit(form.cleaned_data["file"], limit=MAX_FILE_BYTES)
        comparison = queries.compare_import(meeting, read_programme(content))
        file_token = _get_file_signer(request, meeting).sign(store_private_file(content))
        return _render_preview(request, meeting, comparison, ProgrammeImportForm(initial={"file": file_token}))

    return form_page(
        request,
        form,
        action=compare,
        redirect_to=lambda preview: preview,
        template="meetings/programme/exchange.html",
        context=lambda: {"meeting": meeting, "forms": EXPORT_FORMATS},
    )


@requires(Claim.MANAGE_MEETING)
@rate_limited("upload")
@require_POST
def import_programme(request: HttpRequest, slug: str) -> HttpResponse:
    """Import the previewed file. Only a file that this account uploaded for this meeting is accepted."""
    meeting = managed_meeting_or_404(request, slug)
    form = ProgrammeImportForm(request.POST)
    try:
        hash_ = _get_file_signer(request, meeting).unsign(request.POST.get("file", ""))
    except BadSignature:
        hash_ = ""
    content = read_private_file(hash_) if hash_ else None
    if content is None:
        messages.error(request, _("The file is no longer available. Upload it again."))
        return redirect("meetings:manage-exchange", slug)
    imported = read_programme(content)
    if not form.is_valid():
        return _render_preview(request, meeting, queries.compare_import(meeting, imported), form, status=422)
    people, legal_basis = form.cleaned_data["people"], form.cleaned_data["ground"]
    result = actions.import_programme(
        by=current_account(request), meeting=meeting, imported=imported, people=people, legal_basis=legal_basis
    )
    delete_private_file(hash_)
    new, changed, same, people = astuple(result)
    parts = (
        ngettext("%(new)s session added", "%(new)s sessions added", new) % {"new": new},
        ngettext("%(changed)s updated", "%(changed)s updated", changed) % {"changed": changed},
        ngettext("%(same)s unchanged", "%(same)s unchanged", same) % {"same": same},
        ngettext("%(people)s person added", "%(people)s people added", people) % {"people": people},
    )
    messages.success(request, ", ".join(parts) + ".")
    return redirect("meetings:manage-exchange", slug)


@requires(Claim.MANAGE_MEETING)
@rate_limited("export")
@require_safe
def export_programme(request: HttpRequest, slug: str, form: str) -> HttpResponse:
    """Export the whole draft programme as a file."""
    meeting = managed_meeting_or_404(request, slug)
    if form not in EXPORT_FORMATS:
        raise Http404
    page = absolute_url(reverse("meetings:meeting", args=[slug]))
    programme = queries.full_draft_programme(request.user, meeting, address=page)
    try:
        content = EXPORT_FORMATS[form](programme)
    except NoKnownDay:
        messages.error(request, _("The meeting has no date yet, and this format requires one."))
        return redirect("meetings:manage-exchange", slug)
    return download_response(content, f"{meeting.public_id}-{form}", TYPES[form.rpartition(".")[2]])


def _render_preview(
    request: HttpRequest, meeting: models.Meeting, comparison: queries.ImportComparison, form: Any, *, status: int = 200
) -> HttpResponse:
    context = {"meeting": meeting, "compared": comparison, "form": form, "people": comparison.people}
    return render(request, "meetings/programme/import_preview.html", context, status=status)


def _get_file_signer(request: HttpRequest, meeting: models.Meeting) -> Signer:
    return Signer(salt=f"samsvar.meetings.exchange.{meeting.public_id}.{current_account(request).pk}")
