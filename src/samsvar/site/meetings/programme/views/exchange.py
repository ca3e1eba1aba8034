"""Programmes come in from other systems, looked at first, and go out to them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.signing import BadSignature, Signer
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from samsvar.errors import SamsvarError
from samsvar.interchange.imported_programme import LARGEST_FILE
from samsvar.interchange.programmes import FORMS, read_programme
from samsvar.interchange.schedules import NoDayIsKnown
from samsvar.network.rights import Claim
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting import labels as words
from samsvar.site.meetings.meeting.view_helpers import managed_or_404
from samsvar.site.meetings.programme.actions import import_programme as actions
from samsvar.site.meetings.programme.forms.exchange import FileForm, TakeInForm
from samsvar.site.meetings.programme.queries import exchange as queries
from samsvar.site.network.view_helpers import account_of
from samsvar.site.shell.limits import limited
from samsvar.site.shell.uploads import fetch_private, read_bounded, remove_private, store_private
from samsvar.site.shell.view_permissions import door

TYPES = {"xml": "application/xml", "json": "application/json", "ics": "text/calendar", "csv": "text/csv; charset=utf-8"}


@door(Claim.MANAGE_MEETING)
@limited("upload")
@require_http_methods(["GET", "HEAD", "POST"])
def manage_exchange(request: HttpRequest, slug: str) -> HttpResponse:
    """The ways in and out. A file that is sent is shown beside what is there; the programme stays as it is."""
    meeting = managed_or_404(request, slug)
    form = FileForm(request.POST or None, request.FILES or None)
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            content = read_bounded(form.cleaned_data["file"], limit=LARGEST_FILE)
            compared = queries.compare(meeting, read_programme(content))
        except SamsvarError as refused:
            refusal = words.trouble(refused)
        else:
            kept = _signer(request, meeting).sign(store_private(content))
            return _preview(request, meeting, compared, TakeInForm(initial={"file": kept}))
    status = 422 if form.errors else 409 if refusal else 200
    context = {"meeting": meeting, "form": form, "refusal": refusal, "forms": FORMS}
    return render(request, "meetings/exchange.html", context, status=status)


@door(Claim.MANAGE_MEETING)
@limited("upload")
@require_http_methods(["POST"])
def take_in(request: HttpRequest, slug: str) -> HttpResponse:
    """Take in the file that was looked at: the one that this account sent for this meeting, and no other."""
    meeting = managed_or_404(request, slug)
    form = TakeInForm(request.POST)
    try:
        hash_ = _signer(request, meeting).unsign(request.POST.get("file", ""))
    except BadSignature:
        hash_ = ""
    content = fetch_private(hash_) if hash_ else None
    if content is None:
        messages.error(request, _("The file is not kept any more. Send it again."))
        return redirect("meetings:manage-exchange", slug)
    taken = read_programme(content)
    if not form.is_valid():
        return _preview(request, meeting, queries.compare(meeting, taken), form, status=422)
    done = actions.take_in(
        by=account_of(request),
        meeting=meeting,
        taken=taken,
        people=form.cleaned_data["people"],
        ground=form.cleaned_data["ground"],
    )
    remove_private(hash_)
    said = (
        ngettext("%(new)s session is new", "%(new)s sessions are new", done.new) % {"new": done.new},
        ngettext("%(changed)s is changed", "%(changed)s are changed", done.changed) % {"changed": done.changed},
        ngettext("%(same)s is as it was", "%(same)s are as they were", done.same) % {"same": done.same},
        ngettext("%(people)s person is entered", "%(people)s people are entered", done.people)
        % {"people": done.people},
    )
    messages.success(request, ", ".join(said) + ".")
    return redirect("meetings:manage-exchange", slug)


@door(Claim.MANAGE_MEETING)
@limited("export")
@require_safe
def take_out(request: HttpRequest, slug: str, form: str) -> HttpResponse:
    """The whole programme in work, drafts too, as a file."""
    meeting = managed_or_404(request, slug)
    if form not in FORMS:
        raise Http404
    page = request.build_absolute_uri(reverse("meetings:meeting", args=[slug]))
    programme = queries.whole_programme(request.user, meeting, address=page)
    try:
        content = FORMS[form](programme)
    except NoDayIsKnown:
        messages.error(request, _("No day of this meeting is known, and this format has no meeting without one."))
        return redirect("meetings:manage-exchange", slug)
    response = HttpResponse(content, content_type=TYPES[form.rpartition(".")[2]])
    name = f"{meeting.public_id}-{form}"
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    response["Cache-Control"] = "private, no-store"
    return response


def _preview(
    request: HttpRequest, meeting: models.Meeting, compared: queries.Comparison, form: Any, *, status: int = 200
) -> HttpResponse:
    context = {"meeting": meeting, "compared": compared, "form": form, "people": compared.people}
    return render(request, "meetings/exchange_preview.html", context, status=status)


def _signer(request: HttpRequest, meeting: models.Meeting) -> Signer:
    return Signer(salt=f"samsvar.meetings.exchange.{meeting.public_id}.{account_of(request).pk}")
