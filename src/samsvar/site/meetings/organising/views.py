"""Views for creating and managing meetings."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from samsvar.network.rights import Claim
from samsvar.site.meetings import models
from samsvar.site.meetings.contributions.queries import uses_reviews
from samsvar.site.meetings.meeting.actions import details
from samsvar.site.meetings.meeting.actions import documents as actions_documents
from samsvar.site.meetings.meeting.view_helpers import managed_meeting_or_404
from samsvar.site.meetings.organising import forms, introductions, queries
from samsvar.site.meetings.organising.actions import helpers as actions_helpers
from samsvar.site.meetings.organising.actions import meetings as actions
from samsvar.site.meetings.organising.actions.from_introductions import create_meeting_from_introduction
from samsvar.site.network.view_helpers import current_account, object_or_404
from samsvar.site.shell.form_pages import form_page, page_with_form
from samsvar.site.shell.limits import rate_limited
from samsvar.site.shell.view_permissions import requires


@requires(Claim.PLAN_MEETINGS)
@page_with_form
def create_meeting(request: HttpRequest) -> HttpResponse:
    """Create a meeting for one of the user's networks."""
    networks = queries.networks_to_plan_for(request.user)
    if not networks:
        raise PermissionDenied
    outer = queries.possible_outer_meetings(request.user)
    form = forms.MeetingForm(request.POST or None, meeting=None, networks=networks, outer=outer)
    return form_page(
        request,
        form,
        action=lambda: actions.create_meeting(
            by=current_account(request),
            **{name: form.cleaned_data[name] for name in ("public_id", "network")},
            data=form.get_meeting_values(),
        ),
        success=_("Meeting created. Only its organisers can see it until you publish it."),
        redirect_to=lambda meeting: redirect("meetings:manage", meeting.public_id),
        template="meetings/organising/create.html",
    )


@requires(Claim.PLAN_MEETINGS)
@page_with_form
def create_from_introduction(request: HttpRequest, public_id: str) -> HttpResponse:
    """Create the meeting that an introduction becomes, with its kind, countries and title filled in."""
    introduction = object_or_404(introductions.introduction_to_meet(request.user, public_id))
    networks = [one for one in queries.networks_to_plan_for(request.user) if introduction.network_id in {None, one.pk}]
    if not networks:
        raise PermissionDenied
    outer, initial = queries.possible_outer_meetings(request.user), introductions.proposed_values(introduction)
    form = forms.MeetingForm(request.POST or None, meeting=None, networks=networks, outer=outer, initial=initial)
    return form_page(
        request,
        form,
        action=lambda: create_meeting_from_introduction(
            by=current_account(request),
            introduction=introduction,
            **{name: form.cleaned_data[name] for name in ("public_id", "network")},
            data=form.get_meeting_values(),
        ),
        success=_("Meeting created. Only its organisers can see it until you publish it. Invite both sides to it."),
        redirect_to=lambda meeting: redirect("meetings:manage", meeting.public_id),
        template="meetings/organising/create.html",
        context=lambda: {"introduction": introduction},
    )


@requires(Claim.MANAGE_MEETING)
@require_safe
def manage_meeting(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the organisers' overview of a meeting."""
    meeting = managed_meeting_or_404(request, slug)
    page = queries.overview_page(meeting, request.user)
    return render(request, "meetings/organising/overview.html", {"meeting": meeting, "page": page})


@requires(Claim.MANAGE_MEETING)
@page_with_form
def edit_meeting(request: HttpRequest, slug: str) -> HttpResponse:
    meeting, by = managed_meeting_or_404(request, slug), current_account(request)
    outer = queries.possible_outer_meetings(request.user).exclude(pk=meeting.pk)
    form = forms.MeetingForm(request.POST or None, meeting=meeting, networks=[], outer=outer)
    return form_page(
        request,
        form,
        action=lambda: actions.update_meeting(
            by=by, meeting=meeting, data=form.get_meeting_values(), **form.get_notification_options()
        ),
        redirect_to=request.path,
        template="meetings/organising/edit.html",
        context=lambda: {"meeting": meeting},
    )


@requires(Claim.MANAGE_MEETING)
@page_with_form
def publish_meeting(request: HttpRequest, slug: str) -> HttpResponse:
    """Publish a meeting for a chosen audience, change the audience, or withdraw the meeting from publication."""
    meeting = managed_meeting_or_404(request, slug)
    posted = request.POST if request.method == "POST" else None
    publish_form, withdraw_form = forms.PublishForm(posted, meeting=meeting), forms.WithdrawForm(posted)
    form = withdraw_form if withdraw_form.is_bound and withdraw_form.is_valid() else publish_form

    def success_message(published: models.Meeting) -> str:
        if not published.is_published:
            return _("Meeting withdrawn from publication. Only the organisers can see it.")
        audience = publish_form.audiences[published.access]
        return _("Meeting published. It can be seen by: %(audience)s.") % {"audience": audience}

    return form_page(
        request,
        form,
        action=lambda: actions.publish_meeting(by=current_account(request), meeting=meeting, **form.cleaned_data),
        success=success_message,
        redirect_to=reverse("meetings:manage", args=[slug]),
        template="meetings/organising/publish.html",
        context=lambda: {
            "meeting": meeting,
            "form": publish_form,
            "audience": publish_form.audiences.get(meeting.access, ""),
        },
    )


@requires(Claim.MANAGE_MEETING)
@page_with_form
def cancel_meeting(request: HttpRequest, slug: str) -> HttpResponse:
    """Cancel or reinstate a meeting, with a reason that is emailed to everyone concerned."""
    meeting = managed_meeting_or_404(request, slug)
    form = forms.CancelForm(request.POST or None)
    action = actions.reinstate_meeting if request.POST.get("do") == "hold" else actions.cancel_meeting
    return form_page(
        request,
        form,
        action=lambda: action(by=current_account(request), meeting=meeting, why=form.cleaned_data["why"]),
        success=lambda count: ngettext("%(n)s email sent.", "%(n)s emails sent.", count) % {"n": count},
        redirect_to=reverse("meetings:manage", args=[slug]),
        template="meetings/organising/cancel.html",
        context=lambda: {"meeting": meeting, "inner": models.Meeting.objects.filter(inside=meeting, cancelled_at=None)},
    )


@requires(Claim.MANAGE_MEETING)
@page_with_form
def manage_details(request: HttpRequest, slug: str) -> HttpResponse:
    """Edit invited states, organisations and links, using three forms distinguished by their submit buttons."""
    meeting, by = managed_meeting_or_404(request, slug), current_account(request)

    def get_posted_data(name: str) -> Any:
        return request.POST if name in request.POST else None

    states = forms.InvitedStatesForm(get_posted_data("invite"), meeting=meeting)
    organisation = forms.MeetingOrganisationForm(get_posted_data("add-body"))
    link = forms.RelatedItemForm(get_posted_data("add-link"))

    def save() -> None:
        if states.is_bound:
            details.set_invited_states(by=by, meeting=meeting, states=states.cleaned_data["states"])
        elif organisation.is_bound:
            details.add_organisation(by=by, meeting=meeting, **organisation.cleaned_data)
        else:
            details.add_link(by=by, meeting=meeting, **link.cleaned_data)

    return form_page(
        request,
        next((form for form in (states, organisation, link) if form.is_bound), states),
        action=save,
        redirect_to=request.path,
        template="meetings/organising/countries_and_links.html",
        context=lambda: {
            "meeting": meeting,
            "states": states,
            "body": organisation,
            "link": link,
            "bodies": meeting.organisations.select_related("organisation"),
            "links": meeting.links.filter(session=None),
        },
    )


@requires(Claim.MANAGE_MEETING)
@require_POST
def remove_organisation(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    meeting = managed_meeting_or_404(request, slug)
    meeting_organisation = object_or_404(meeting.organisations.select_related("organisation").filter(pk=pk).first())
    details.remove_organisation(by=current_account(request), meeting=meeting, meeting_organisation=meeting_organisation)
    return redirect("meetings:manage-details", slug)


@requires(Claim.MANAGE_MEETING)
@require_POST
def remove_link(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    meeting = managed_meeting_or_404(request, slug)
    link = object_or_404(meeting.links.filter(pk=pk, session=None).first())
    details.remove_link(by=current_account(request), meeting=meeting, link=link)
    return redirect("meetings:manage-details", slug)


@requires(Claim.MANAGE_MEETING)
@rate_limited("upload")
@page_with_form
def manage_documents(request: HttpRequest, slug: str) -> HttpResponse:
    """List all documents of the meeting, and add new ones."""
    meeting, by = managed_meeting_or_404(request, slug), current_account(request)
    form = forms.DocumentForm(request.POST or None, request.FILES or None, meeting=meeting)
    return form_page(
        request,
        form,
        action=lambda: actions_documents.add_document(by=by, meeting=meeting, **form.get_document_values()),
        redirect_to=request.path,
        template="meetings/organising/documents.html",
        context=lambda: {"meeting": meeting, "documents": meeting.documents.select_related("session")},
    )


@requires(Claim.MANAGE_MEETING)
@require_POST
def withdraw_document(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    meeting = managed_meeting_or_404(request, slug)
    document = object_or_404(meeting.documents.filter(public_id=public_id).first())
    actions_documents.withdraw_document(by=current_account(request), meeting=meeting, document=document)
    return redirect("meetings:manage-documents", slug)


@requires(Claim.MANAGE_MEETING)
@page_with_form
def manage_helpers(request: HttpRequest, slug: str) -> HttpResponse:
    """List the helpers of the meeting with their duties, and add new ones."""
    meeting = managed_meeting_or_404(request, slug)
    form = forms.DutyForm(request.POST or None, meeting=meeting)
    return form_page(
        request,
        form,
        action=lambda: actions_helpers.assign_duty(by=current_account(request), meeting=meeting, **form.cleaned_data),
        redirect_to=request.path,
        template="meetings/organising/helpers.html",
        context=lambda: {
            "meeting": meeting,
            "duties": models.Duty.objects.filter(meeting=meeting).select_related("account").order_by("kind", "until"),
            "reviews": uses_reviews(meeting),
        },
    )


@requires(Claim.MANAGE_MEETING)
@require_POST
def end_duty(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    meeting = managed_meeting_or_404(request, slug)
    duty = object_or_404(models.Duty.objects.select_related("account").filter(meeting=meeting, pk=pk).first())
    actions_helpers.end_duty(by=current_account(request), meeting=meeting, duty=duty)
    return redirect("meetings:manage-helpers", slug)
