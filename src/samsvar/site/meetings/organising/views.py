"""Views of organising a meeting."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from samsvar.errors import SamsvarError
from samsvar.network.rights import Claim
from samsvar.site.meetings import models
from samsvar.site.meetings.contributions.queries import asks_for_reviews
from samsvar.site.meetings.meeting import labels as words
from samsvar.site.meetings.meeting.actions import details
from samsvar.site.meetings.meeting.actions import documents as actions_documents
from samsvar.site.meetings.meeting.view_helpers import managed_or_404
from samsvar.site.meetings.organising import forms, queries
from samsvar.site.meetings.organising.actions import helpers as actions_helpers
from samsvar.site.meetings.organising.actions import meetings as actions
from samsvar.site.network.view_helpers import account_of, or_404, site_of, status_of
from samsvar.site.shell.limits import limited
from samsvar.site.shell.view_permissions import door as opens


@opens(Claim.PLAN_MEETINGS)
@require_http_methods(["GET", "HEAD", "POST"])
def announce(request: HttpRequest) -> HttpResponse:
    """A new meeting of a network of one's own."""
    networks = queries.networks_to_plan_for(request.user)
    if not networks:
        raise PermissionDenied
    form = forms.MeetingForm(
        request.POST or None, meeting=None, networks=networks, outer=queries.meetings_to_lie_inside(request.user)
    )
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.announce(
                by=account_of(request),
                public_id=form.cleaned_data["public_id"],
                network=form.cleaned_data["network"],
                said=form.said(),
            )
        except SamsvarError as error:
            refusal = words.trouble(error)
        else:
            return redirect("meetings:edit-meeting", made.public_id)
    context = {"form": form, "refusal": refusal}
    return render(request, "meetings/announce.html", context, status=status_of(form, refusal))


@opens(Claim.MANAGE_MEETING)
@require_safe
def manage(request: HttpRequest, slug: str) -> HttpResponse:
    """What an organiser sees first."""
    meeting = managed_or_404(request, slug)
    page = queries.overview_page(meeting, request.user)
    return render(request, "meetings/manage_overview.html", {"meeting": meeting, "page": page})


@opens(Claim.MANAGE_MEETING)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    meeting = managed_or_404(request, slug)
    outer = queries.meetings_to_lie_inside(request.user).exclude(pk=meeting.pk)
    form = forms.MeetingForm(request.POST or None, meeting=meeting, networks=[], outer=outer)
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            actions.change(
                by=account_of(request), meeting=meeting, said=form.said(), site=site_of(request), **form.to_tell()
            )
        except SamsvarError as error:
            refusal = words.trouble(error)
        else:
            return redirect("meetings:edit-meeting", slug)
    context = {"meeting": meeting, "form": form, "refusal": refusal}
    return render(request, "meetings/manage_edit.html", context, status=status_of(form, refusal))


@opens(Claim.MANAGE_MEETING)
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, slug: str) -> HttpResponse:
    """Cancel it, or hold it after all; each with a reason that everybody concerned is told."""
    meeting = managed_or_404(request, slug)
    form = forms.CancelForm(request.POST or None)
    refusal = None
    if request.method == "POST" and form.is_valid():
        act = actions.hold_after_all if request.POST.get("do") == "hold" else actions.cancel
        try:
            told = act(by=account_of(request), meeting=meeting, why=form.cleaned_data["why"], site=site_of(request))
        except SamsvarError as error:
            refusal = words.trouble(error)
        else:
            said = ngettext("%(n)s letter is on its way.", "%(n)s letters are on their way.", told) % {"n": told}
            messages.success(request, said)
            return redirect("meetings:manage", slug)
    context = {
        "meeting": meeting, "form": form, "refusal": refusal,
        "inner": models.Meeting.objects.filter(inside=meeting, cancelled_at=None),
    }  # fmt: skip
    return render(request, "meetings/manage_cancel.html", context, status=status_of(form, refusal))


@opens(Claim.MANAGE_MEETING)
@require_http_methods(["GET", "HEAD", "POST"])
def around(request: HttpRequest, slug: str) -> HttpResponse:
    """Invited countries, bodies and links: three forms on one page, told apart by their button."""
    meeting, by = managed_or_404(request, slug), account_of(request)

    def sent(name: str) -> Any:
        return request.POST if name in request.POST else None

    states = forms.StatesForm(sent("invite"), meeting=meeting)
    body = forms.OrganisationForm(sent("add-body"))
    link = forms.LinkForm(sent("add-link"))
    refusal = None
    try:
        if states.is_bound and states.is_valid():
            details.invite_states(by=by, meeting=meeting, states=states.cleaned_data["states"])
            return redirect("meetings:manage-around", slug)
        if body.is_bound and body.is_valid():
            details.add_organisation(by=by, meeting=meeting, **body.cleaned_data)
            return redirect("meetings:manage-around", slug)
        if link.is_bound and link.is_valid():
            details.add_link(by=by, meeting=meeting, **link.cleaned_data)
            return redirect("meetings:manage-around", slug)
    except SamsvarError as error:
        refusal = words.trouble(error)
    context = {
        "meeting": meeting,
        "states": states,
        "body": body,
        "link": link,
        "bodies": meeting.organisations.select_related("organisation"),
        "links": meeting.links.filter(session=None),
        "refusal": refusal,
    }
    wrong = next((one for one in (states, body, link) if one.is_bound and one.errors), states)
    return render(request, "meetings/manage_around.html", context, status=status_of(wrong, refusal))


@opens(Claim.MANAGE_MEETING)
@require_POST
def remove_organisation(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    meeting = managed_or_404(request, slug)
    row = or_404(meeting.organisations.select_related("organisation").filter(pk=pk).first())
    details.remove_organisation(by=account_of(request), meeting=meeting, row=row)
    return redirect("meetings:manage-around", slug)


@opens(Claim.MANAGE_MEETING)
@require_POST
def remove_link(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    meeting = managed_or_404(request, slug)
    row = or_404(meeting.links.filter(pk=pk, session=None).first())
    details.remove_link(by=account_of(request), meeting=meeting, row=row)
    return redirect("meetings:manage-around", slug)


@opens(Claim.MANAGE_MEETING)
@limited("upload")
@require_http_methods(["GET", "HEAD", "POST"])
def documents(request: HttpRequest, slug: str) -> HttpResponse:
    """Every document of the meeting, and one more."""
    meeting = managed_or_404(request, slug)
    form = forms.DocumentForm(request.POST or None, request.FILES or None, meeting=meeting)
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            actions_documents.add_document(by=account_of(request), meeting=meeting, **form.said())
        except SamsvarError as error:
            refusal = words.trouble(error)
        else:
            return redirect("meetings:manage-documents", slug)
    context = {
        "meeting": meeting,
        "form": form,
        "documents": meeting.documents.select_related("session"),
        "refusal": refusal,
    }
    return render(request, "meetings/manage_documents.html", context, status=status_of(form, refusal))


@opens(Claim.MANAGE_MEETING)
@require_POST
def withdraw(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    meeting = managed_or_404(request, slug)
    row = or_404(meeting.documents.filter(public_id=public_id).first())
    actions_documents.withdraw_document(by=account_of(request), meeting=meeting, document=row)
    return redirect("meetings:manage-documents", slug)


@opens(Claim.MANAGE_MEETING)
@require_http_methods(["GET", "HEAD", "POST"])
def helpers(request: HttpRequest, slug: str) -> HttpResponse:
    """Who helps with what, and until when."""
    meeting = managed_or_404(request, slug)
    form = forms.DutyForm(request.POST or None, meeting=meeting)
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            actions_helpers.give_duty(
                by=account_of(request), meeting=meeting, site=site_of(request), **form.cleaned_data
            )
        except SamsvarError as error:
            refusal = words.trouble(error)
        else:
            return redirect("meetings:manage-helpers", slug)
    duties = models.Duty.objects.filter(meeting=meeting).select_related("account").order_by("kind", "until")
    context = {
        "meeting": meeting,
        "form": form,
        "duties": duties,
        "refusal": refusal,
        "reviews": asks_for_reviews(meeting),
    }
    return render(request, "meetings/manage_helpers.html", context, status=status_of(form, refusal))


@opens(Claim.MANAGE_MEETING)
@require_POST
def end_duty(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    meeting = managed_or_404(request, slug)
    row = or_404(models.Duty.objects.select_related("account").filter(meeting=meeting, pk=pk).first())
    actions_helpers.end_duty(by=account_of(request), meeting=meeting, duty=row)
    return redirect("meetings:manage-helpers", slug)
