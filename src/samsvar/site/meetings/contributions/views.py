"""The call for contributions: read, answered, judged, decided."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from samsvar.network.rights import Claim
from samsvar.site.meetings import models
from samsvar.site.meetings.contributions import actions, queries
from samsvar.site.meetings.contributions.forms import AddressForm, CallForm, DecideForm, OfferForm, ReviewForm
from samsvar.site.meetings.meeting import labels as words
from samsvar.site.meetings.meeting.view_helpers import managed_or_404, tried
from samsvar.site.meetings.registration.queries import naming_consent as naming
from samsvar.site.meetings.registration.views import naming_consent as naming_steps
from samsvar.site.network.view_helpers import account_of, or_404, site_of, status_of
from samsvar.site.shell.view_permissions import door, open_to_all

page_with_form = require_http_methods(["GET", "HEAD", "POST"])


# --- What everybody reads ---------------------------------------------------------------------------------------------


@open_to_all
@require_safe
def call(request: HttpRequest, slug: str) -> HttpResponse:
    """The call, and the way to answer it."""
    meeting = or_404(queries.meeting_with_call(request.user, slug))
    found = or_404(queries.call_of(meeting))
    now = timezone.now()
    context = {
        "meeting": meeting,
        "call": found,
        "is_open": queries.is_open(found, now),
        "languages": queries.languages_of(found),
        "own": queries.offered_by(request.user, meeting),
    }
    response = render(request, "meetings/call.html", context)
    if now.date() in {found.opens_at.date(), found.closes_at.date()}:
        response["Cache-Control"] = "no-store"  # it reads otherwise before the day is over
    return response


@open_to_all
@page_with_form
def offer(request: HttpRequest, slug: str) -> HttpResponse:
    """Signed in, the form; else a field for an address, to which the form's link is sent."""
    meeting = or_404(queries.meeting_with_call(request.user, slug))
    found = or_404(queries.call_of(meeting))
    if not request.user.is_authenticated:
        return _ask_for_link(request, meeting, found)
    form = OfferForm(found, request.POST or None)
    refusal = None
    if request.method == "POST" and form.is_valid():
        made, refusal = tried(
            actions.offer,
            call=found,
            account=account_of(request),
            **form.person(),
            said=form.said(),
            site=site_of(request),
        )
        if refusal is None:
            messages.success(request, _("Your contribution has arrived."))
            return redirect("meetings:my-contribution", slug, made.public_id)
    return _offer_page(request, meeting, found, form, refusal)


def _ask_for_link(request: HttpRequest, meeting: models.Meeting, found: models.ContributionCall) -> HttpResponse:
    form = AddressForm(request.POST or None)
    refusal = None
    if request.method == "POST" and form.is_valid():
        _done, refusal = tried(
            actions.ask_for_link,
            call=found,
            address=form.cleaned_data["email"],
            site=site_of(request),
            language=request.LANGUAGE_CODE,
        )
        if refusal is None:
            messages.success(request, _("A letter with a link is on its way to this address."))
            return redirect("meetings:call", meeting.public_id)
    context = {"meeting": meeting, "call": found, "form": form, "refusal": refusal, "address": True}
    return render(request, "meetings/offer.html", context, status=status_of(form, refusal))


@open_to_all
@page_with_form
def offer_by_link(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    """The page of a link: one contribution to offer, then to change, to withdraw and to read the decision on."""
    meeting = or_404(models.Meeting.objects.filter(public_id=slug).first())
    link = or_404(queries.link_by(meeting, token))
    row = models.Contribution.objects.select_related("call__meeting").filter(link=link).first()
    if row is not None:
        return _own_page(request, row, by=None, here=request.path)
    form = OfferForm(link.call, request.POST or None)
    refusal = None
    if request.method == "POST" and form.is_valid():
        _made, refusal = tried(
            actions.offer,
            call=link.call,
            link=link,
            **form.person(),
            said=form.said(),
            site=site_of(request),
        )
        if refusal is None:
            messages.success(request, _("Your contribution has arrived."))
            return redirect(request.path)
    return _offer_page(request, meeting, link.call, form, refusal)


@door(Claim.OWN_ACCOUNT)
@page_with_form
def my_contribution(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    """What one has offered: to change until the call closes, to withdraw, to read the decision on."""
    meeting = or_404(models.Meeting.objects.filter(public_id=slug).first())
    row = or_404(queries.own_contribution(request.user, meeting, public_id))
    return _own_page(request, row, by=account_of(request), here=request.path)


def _own_page(request: HttpRequest, row: models.Contribution, *, by: Any, here: str) -> HttpResponse:
    may_change = row.state == row.State.OFFERED and queries.is_open(row.call, timezone.now())
    form, refusal = None, None
    if request.method == "POST" and request.POST.get("do") in {"name", "unname"} and row.person is not None:
        do, version = request.POST["do"], request.POST.get("version", "")
        done, refusal, said = naming_steps.named_or_not(do, row.person, version, by)
        if done:
            messages.success(request, said)
            return redirect(here)
    elif request.method == "POST" and "withdraw" in request.POST:
        _done, refusal = tried(actions.withdraw, contribution=row, by=by)
        if refusal is None:
            messages.success(request, _("Your contribution is withdrawn."))
            return redirect(here)
    elif may_change:
        form = OfferForm(row.call, request.POST or None, initial=OfferForm.initial_of(row), knows_name=True)
        if request.method == "POST" and form.is_valid():
            _done, refusal = tried(actions.change, contribution=row, by=by, said=form.said())
            if refusal is None:
                messages.success(request, _("Your contribution is changed."))
                return redirect(here)
    elif request.method == "POST":
        _done, refusal = None, words.trouble(actions.IsDecided())
    context = {
        "meeting": row.call.meeting,
        "call": row.call,
        "row": row,
        "form": form,
        "refusal": refusal,
        "naming": naming.naming_of(row.person),
        "may_withdraw": row.state in {row.State.OFFERED, row.State.ACCEPTED},
    }
    status = status_of(form, refusal) if form is not None else 409 if refusal else 200
    return render(request, "meetings/my_contribution.html", context, status=status)


# --- Who reviews ------------------------------------------------------------------------------------------------------


@door(Claim.OWN_ACCOUNT)
@require_safe
def review_list(request: HttpRequest, slug: str) -> HttpResponse:
    meeting = or_404(queries.meeting_to_review(request.user, slug))
    lines = queries.to_review(request.user, meeting)
    context = {"meeting": meeting, "lines": lines, "progress": queries.progress_in(lines)}
    return render(request, "meetings/review_list.html", context)


@door(Claim.OWN_ACCOUNT)
@page_with_form
def review(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    """One contribution without its author; a judgement, or a conflict of interest, which ends the reading."""
    meeting = or_404(queries.meeting_to_review(request.user, slug))
    row = or_404(queries.contribution_by(meeting, public_id))
    page = queries.review_page(request.user, row)
    if not page.standpoint.may_review:
        raise Http404
    initial = {"score": page.own.score, "text": page.own.text} if page.own else None
    form = ReviewForm(None if "conflict" in request.POST else request.POST or None, initial=initial)
    refusal = None
    if request.method == "POST" and "conflict" in request.POST:
        _done, refusal = tried(actions.declare_conflict, by=account_of(request), contribution=row)
        if refusal is None:
            messages.success(request, _("It is noted. You see no more of this contribution."))
            return redirect("meetings:review-contributions", slug)
    elif request.method == "POST" and form.is_valid():
        _done, refusal = tried(actions.review, by=account_of(request), contribution=row, **form.cleaned_data)
        if refusal is None:
            messages.success(request, _("Your judgement is stored."))
            return redirect("meetings:review-contribution", slug, public_id)
    context = {"meeting": meeting, "page": page, "form": form, "refusal": refusal}
    return render(request, "meetings/review.html", context, status=status_of(form, refusal))


# --- Who runs the meeting ---------------------------------------------------------------------------------------------


@door(Claim.MANAGE_MEETING)
@page_with_form
def manage_contributions(request: HttpRequest, slug: str) -> HttpResponse:
    """The call, and everything that was offered."""
    meeting = managed_or_404(request, slug)
    found = queries.call_of(meeting)
    form = CallForm(meeting, request.POST or None, initial=CallForm.initial_of(found))
    refusal = None
    if request.method == "POST" and form.is_valid():
        _done, refusal = tried(actions.open_call, by=account_of(request), meeting=meeting, **form.values())
        if refusal is None:
            messages.success(request, _("The call stands as you wrote it."))
            return redirect("meetings:manage-contributions", slug)
    context = {
        "meeting": meeting,
        "call": found,
        "form": form,
        "refusal": refusal,
        "lines": queries.all_offered(request.user, meeting),
        "reviewers": queries.reviewers_of(meeting),
    }
    return render(request, "meetings/contributions_manage.html", context, status=status_of(form, refusal))


@door(Claim.MANAGE_MEETING)
@page_with_form
def decide(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    """One contribution with its reviews, and the decision."""
    meeting = managed_or_404(request, slug)
    row = or_404(queries.contribution_by(meeting, public_id))
    page = queries.review_page(request.user, row)
    undecided = row.state == row.State.OFFERED and page.standpoint.may_decide
    form = DecideForm(request.POST or None) if undecided else None
    refusal = None
    if request.method == "POST" and "conflict" in request.POST:
        form = None if form is None else DecideForm()
        _done, refusal = tried(actions.declare_conflict, by=account_of(request), contribution=row)
        if refusal is None:
            messages.success(request, _("It is noted. You see no more of this contribution."))
            return redirect("meetings:manage-contributions", slug)
    elif request.method == "POST":
        if form is None:
            wrong = actions.IsDecided() if page.standpoint.is_free else actions.ConflictOfInterest()
            refusal = words.trouble(wrong)
        elif form.is_valid():
            _done, refusal = tried(
                actions.decide,
                by=account_of(request),
                contribution=row,
                accepted=form.cleaned_data["decision"] == "accept",
                reason=form.cleaned_data["reason"],
                site=site_of(request),
            )
            if refusal is None:
                messages.success(request, _("It is decided, and a letter says so."))
                return redirect("meetings:manage-contributions", slug)
    context = {"meeting": meeting, "page": page, "form": form, "refusal": refusal}
    status = status_of(form, refusal) if form is not None else 409 if refusal else 200
    return render(request, "meetings/contribution_decide.html", context, status=status)


# --- Steps ------------------------------------------------------------------------------------------------------------


def _offer_page(
    request: HttpRequest, meeting: models.Meeting, found: models.ContributionCall, form: OfferForm, refusal: Any
) -> HttpResponse:
    context = {
        "meeting": meeting,
        "call": found,
        "form": form,
        "refusal": refusal,
        "closed": not queries.is_open(found, timezone.now()),
    }
    return render(request, "meetings/offer.html", context, status=status_of(form, refusal))
