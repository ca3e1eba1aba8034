"""Views of the call for contributions: the call, submissions, reviews and decisions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from samsvar.network.rights import Claim
from samsvar.site.meetings import models
from samsvar.site.meetings.contributions import actions, queries
from samsvar.site.meetings.contributions.forms import (
    CallForm,
    ContributionDecisionForm,
    ContributionForm,
    ContributionReviewForm,
    SubmissionLinkForm,
)
from samsvar.site.meetings.meeting.view_helpers import limit_emails_to, managed_meeting_or_404
from samsvar.site.meetings.registration import naming_consent as naming_consent_views
from samsvar.site.meetings.registration.queries import naming_consent
from samsvar.site.network.access.permissions import Account
from samsvar.site.network.labels import language_name
from samsvar.site.network.view_helpers import current_account, object_or_404
from samsvar.site.shell.form_pages import form_page, page_with_form, post_action
from samsvar.site.shell.view_permissions import public, requires

# --- The call and submissions -----------------------------------------------------------------------------------------


@public
@require_safe
def show_call(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the call with a link for submitting a contribution."""
    meeting = object_or_404(queries.find_meeting_with_call(request.user, slug))
    call = object_or_404(queries.find_call(meeting))
    now = timezone.now()
    context = {
        "meeting": meeting,
        "call": call,
        "is_open": queries.is_call_open(call, now),
        "languages": [language_name(code) for code in call.languages],
        "own": queries.list_own_contributions(request.user, meeting),
    }
    response = render(request, "meetings/contributions/call.html", context)
    if now.date() in {call.opens_at.date(), call.closes_at.date()}:
        response["Cache-Control"] = "no-store"  # the call opens or closes today, which changes this page
    return response


@public
@page_with_form
def submit_contribution(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the submission form to signed-in users; ask others for an email address and send them a link to it."""
    meeting = object_or_404(queries.find_meeting_with_call(request.user, slug))
    call = object_or_404(queries.find_call(meeting))
    if not request.user.is_authenticated:
        return _submission_link_page(request, meeting, call)
    return _submission_page(
        request,
        call,
        redirect_to=lambda contribution: redirect("meetings:my-contribution", slug, contribution.public_id),
        account=current_account(request),
    )


def _submission_link_page(request: HttpRequest, meeting: models.Meeting, call: models.ContributionCall) -> HttpResponse:
    form = SubmissionLinkForm(request.POST or None)
    if form.is_bound and form.is_valid() and (limited := limit_emails_to(request, form.cleaned_data["email"])):
        return limited
    return form_page(
        request,
        form,
        action=lambda: actions.send_submission_link(
            call=call, address=form.cleaned_data["email"], language=request.LANGUAGE_CODE
        ),
        success=_("We have emailed a link to this address."),
        redirect_to=reverse("meetings:call", args=[meeting.public_id]),
        template="meetings/contributions/submit.html",
        context=lambda: {"meeting": meeting, "call": call, "address": True},
    )


@public
@page_with_form
def submit_by_link(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    """Show the page of a submission link: the form or, after submission, the contribution and the decision on it."""
    meeting = object_or_404(models.Meeting.objects.filter(public_id=slug).first())
    link = object_or_404(queries.find_submission_link(meeting, token))
    contribution = models.Contribution.objects.select_related("call__meeting").filter(link=link).first()
    if contribution is not None:
        return _own_contribution_page(request, contribution, by=None)
    return _submission_page(request, link.call, redirect_to=request.path, link=link)


@requires(Claim.OWN_ACCOUNT)
@page_with_form
def my_contribution(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    """Show the user's contribution, which they can edit until the call closes, and the decision on it."""
    meeting = object_or_404(models.Meeting.objects.filter(public_id=slug).first())
    contribution = object_or_404(queries.find_own_contribution(request.user, meeting, public_id))
    return _own_contribution_page(request, contribution, by=current_account(request))


def _own_contribution_page(
    request: HttpRequest, contribution: models.Contribution, *, by: Account | None
) -> HttpResponse:
    verb, person = request.POST.get("do"), contribution.person
    if verb in {"name", "unname"} and person is not None:
        return naming_consent_views.change_naming_consent(request, person, by, redirect_to=request.path)
    if "withdraw" in request.POST:
        return post_action(
            request,
            lambda: actions.withdraw_contribution(contribution=contribution, by=by),
            success=_("Your proposal has been withdrawn."),
            redirect_to=request.path,
        )
    is_open = queries.is_call_open(contribution.call, timezone.now())
    initial = ContributionForm.get_initial_values(contribution)
    form = ContributionForm(contribution.call, request.POST or None, initial=initial, knows_name=True)
    may_change = contribution.state == contribution.State.OFFERED and is_open
    return form_page(
        request,
        form,
        action=lambda: actions.update_contribution(
            contribution=contribution, by=by, data=form.get_contribution_values()
        ),
        success=_("Your proposal has been updated."),
        redirect_to=request.path,
        template="meetings/contributions/own_proposal.html",
        context=lambda: {
            "meeting": contribution.call.meeting,
            "call": contribution.call,
            "row": contribution,
            "form": form if may_change else None,
            "naming": naming_consent.get_naming_consent(person),
            "may_withdraw": contribution.state in {contribution.State.OFFERED, contribution.State.ACCEPTED},
        },
    )


# --- Reviewers --------------------------------------------------------------------------------------------------------


@requires(Claim.OWN_ACCOUNT)
@require_safe
def review_list(request: HttpRequest, slug: str) -> HttpResponse:
    meeting = object_or_404(queries.find_meeting_to_review(request.user, slug))
    rows = queries.contributions_to_review(request.user, meeting)
    context = {"meeting": meeting, "lines": rows, "progress": queries.summarise_review_progress(rows)}
    return render(request, "meetings/contributions/reviews.html", context)


@requires(Claim.OWN_ACCOUNT)
@page_with_form
def review_contribution(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    """Review a contribution without seeing its author, or declare a conflict of interest, which ends access to it."""
    meeting = object_or_404(queries.find_meeting_to_review(request.user, slug))
    contribution = object_or_404(queries.find_contribution(meeting, public_id))
    page = queries.review_page(request.user, contribution)
    if not page.access.can_review:
        raise Http404
    if "conflict" in request.POST:
        return _declare_conflict(request, contribution, reverse("meetings:review-contributions", args=[slug]))
    initial = {"score": page.own.score, "text": page.own.text} if page.own else None
    form = ContributionReviewForm(request.POST or None, initial=initial)
    return form_page(
        request,
        form,
        action=lambda: actions.review_contribution(
            by=current_account(request), contribution=contribution, **form.cleaned_data
        ),
        success=_("Your rating has been saved."),
        redirect_to=request.path,
        template="meetings/contributions/review.html",
        context=lambda: {"meeting": meeting, "page": page},
    )


# --- Organisers -------------------------------------------------------------------------------------------------------


@requires(Claim.MANAGE_MEETING)
@page_with_form
def manage_contributions(request: HttpRequest, slug: str) -> HttpResponse:
    """Edit the call, and list all its contributions."""
    meeting = managed_meeting_or_404(request, slug)
    call = queries.find_call(meeting)
    form = CallForm(meeting, request.POST or None, initial=CallForm.get_initial_values(call))
    return form_page(
        request,
        form,
        action=lambda: actions.save_call(by=current_account(request), meeting=meeting, **form.get_values()),
        success=_("Call for contributions saved."),
        redirect_to=request.path,
        template="meetings/contributions/list.html",
        context=lambda: {
            "meeting": meeting,
            "call": call,
            "lines": queries.list_contributions(request.user, meeting),
            "reviewers": queries.list_reviewers(meeting),
        },
    )


@requires(Claim.MANAGE_MEETING)
@page_with_form
def decide_contribution(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    """Show a contribution with its reviews, and decide on it."""
    meeting = managed_meeting_or_404(request, slug)
    contribution = object_or_404(queries.find_contribution(meeting, public_id))
    page = queries.review_page(request.user, contribution)
    list_url = reverse("meetings:manage-contributions", args=[slug])
    if "conflict" in request.POST:
        return _declare_conflict(request, contribution, list_url)
    undecided = contribution.state == contribution.State.OFFERED and page.access.can_decide
    form = ContributionDecisionForm(request.POST or None)
    return form_page(
        request,
        form,
        action=lambda: actions.decide_contribution(
            by=current_account(request),
            contribution=contribution,
            accepted=form.cleaned_data["decision"] == "accept",
            reason=form.cleaned_data["reason"],
        ),
        success=_("The decision has been saved and sent by email."),
        redirect_to=list_url,
        template="meetings/contributions/decide.html",
        context=lambda: {"meeting": meeting, "page": page, "form": form if undecided else None},
    )


# --- Steps ------------------------------------------------------------------------------------------------------------


def _submission_page(
    request: HttpRequest,
    call: models.ContributionCall,
    *,
    redirect_to: str | Callable[[Any], HttpResponse],
    account: Account | None = None,
    link: models.ContributionLink | None = None,
) -> HttpResponse:
    form = ContributionForm(call, request.POST or None)
    return form_page(
        request,
        form,
        action=lambda: actions.submit_contribution(
            call=call, account=account, link=link, data=form.get_contribution_values(), **form.get_author_values()
        ),
        success=_("We have received your proposal."),
        redirect_to=redirect_to,
        template="meetings/contributions/submit.html",
        context=lambda: {
            "meeting": call.meeting,
            "call": call,
            "closed": not queries.is_call_open(call, timezone.now()),
        },
    )


def _declare_conflict(request: HttpRequest, contribution: models.Contribution, list_url: str) -> HttpResponse:
    return post_action(
        request,
        lambda: actions.declare_conflict(by=current_account(request), contribution=contribution),
        success=_("Your conflict of interest has been recorded. You no longer have access to this proposal."),
        redirect_to=list_url,
        on_error=request.path,
    )
