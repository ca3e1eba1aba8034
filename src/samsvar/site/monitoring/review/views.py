"""Views for reviewing findings, and for proposing corrections and deciding on them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from samsvar.errors import SamsvarError
from samsvar.network.rights import Claim
from samsvar.site.monitoring import queries
from samsvar.site.monitoring.actions import proposals, reviews
from samsvar.site.monitoring.models import CorrectionProposal, Finding
from samsvar.site.monitoring.permissions import can_propose, can_review
from samsvar.site.monitoring.review import forms
from samsvar.site.monitoring.review.queries import find_next_to_review, find_own_change, find_proposal
from samsvar.site.monitoring.views import render_finding_page
from samsvar.site.network.view_helpers import current_account, object_or_404
from samsvar.site.shell.errors import describe_error
from samsvar.site.shell.form_pages import run_action, run_with_message
from samsvar.site.shell.view_permissions import requires


@requires(Claim.REVIEW_FINDINGS)
@require_POST
def review_finding(request: HttpRequest, public_id: str) -> HttpResponse:
    """Confirm, correct or reject a finding, or restore its automatic label; then show the result and *Undo*."""
    page = object_or_404(queries.finding_page(public_id))
    if not can_review(request.user, page.finding):
        raise PermissionDenied
    review = request.POST.get("review", "")
    if review not in Finding.Review.values:
        return render_finding_page(request, page)
    name, form = _submitted_form(request, review)
    if not form.is_valid():
        return render_finding_page(request, page, forms={name: form})
    try:
        reviews.review_finding(
            finding=page.finding,
            by=current_account(request),
            review=review,
            strength=form.cleaned_data.get("strength"),
            articles=form.cleaned_data.get("articles"),
            note=form.cleaned_data["note"],
            seen=request.POST.get("seen") or None,
        )
    except reviews.ReasonMissing as missing:
        form.add_error("note", missing.message)
        return render_finding_page(request, page, forms={name: form})
    except SamsvarError as error:
        return render_finding_page(request, page, forms={name: form}, error=describe_error(error))
    return _redirect_after_review(request, page.finding, and_next="and_next" in request.POST)


@requires(Claim.REVIEW_FINDINGS)
@require_POST
def undo_review(request: HttpRequest, public_id: str) -> HttpResponse:
    change = object_or_404(find_own_change(request.user, request.POST.get("change")))
    run_with_message(
        request,
        reviews.undo_review,
        change=change,
        by=current_account(request),
        success=_("Review undone. The label is as it was before."),
    )
    return redirect("monitoring:finding", public_id)


@requires(Claim.PROPOSE_CORRECTIONS)
@require_POST
def propose_correction(request: HttpRequest, public_id: str) -> HttpResponse:
    page = object_or_404(queries.finding_page(public_id))
    if not can_propose(request.user, page.finding):
        raise PermissionDenied
    form = forms.ProposalForm(request.POST, auto_id="proposal-%s")
    if not form.is_valid():
        return render_finding_page(request, page, forms={"proposal": form})
    data = form.cleaned_data
    _proposal, error = run_action(
        proposals.propose_correction,
        finding=page.finding,
        by=current_account(request),
        rejects=data["rejects"],
        strength=data["strength"] if "strength" in request.POST else None,
        articles=data["articles"] if "articles" in request.POST else None,
        reason=data["reason"],
        seen=request.POST.get("seen") or None,
    )
    if error:
        return render_finding_page(request, page, forms={"proposal": form}, error=error)
    messages.success(request, _("Correction proposed. A reviewer who is not bound to the state will decide on it."))
    return redirect("monitoring:finding", public_id)


@requires(Claim.REVIEW_FINDINGS)
@require_POST
def accept_proposal(request: HttpRequest, proposal: UUID) -> HttpResponse:
    form = forms.AcceptanceForm(request.POST, auto_id="acceptance-%s")
    return _decide(request, proposal, "acceptance", form, proposals.accept_proposal, "")


@requires(Claim.REVIEW_FINDINGS)
@require_POST
def decline_proposal(request: HttpRequest, proposal: UUID) -> HttpResponse:
    form = forms.RefusalForm(request.POST, auto_id="refusal-%s")
    return _decide(request, proposal, "refusal", form, proposals.decline_proposal, _("Proposal declined."))


@requires(Claim.PROPOSE_CORRECTIONS)
@require_POST
def withdraw_proposal(request: HttpRequest, proposal: UUID) -> HttpResponse:
    own = object_or_404(find_proposal(proposal))
    account = current_account(request)
    if own.proposed_by_id != account.pk:
        raise PermissionDenied
    run_with_message(request, proposals.withdraw_proposal, proposal=own, by=account, success=_("Proposal withdrawn."))
    return redirect("monitoring:finding", own.finding_id)


def _decide(
    request: HttpRequest, key: UUID, name: str, form: Form, action: Callable[..., Any], success: str
) -> HttpResponse:
    """Carry out a reviewer's decision on a proposal, or show the finding's page again with an error."""
    proposal: CorrectionProposal = object_or_404(find_proposal(key))
    if not can_review(request.user, proposal.finding):
        raise PermissionDenied
    page = object_or_404(queries.finding_page(proposal.finding_id))
    if not form.is_valid():
        return render_finding_page(request, page, forms={name: form})
    _result, error = run_action(
        action,
        proposal=proposal,
        by=current_account(request),
        reason=form.cleaned_data["reason"],
        seen=request.POST.get("seen") or None,
    )
    if error:
        return render_finding_page(request, page, forms={name: form}, error=error)
    if success:
        messages.success(request, success)
        return redirect("monitoring:finding", proposal.finding_id)
    return _redirect_after_review(request, proposal.finding)


def _submitted_form(request: HttpRequest, review: str) -> tuple[str, Form]:
    """Return the form that a review was submitted with, and its name in `build_review_forms`.

    Corrections are saved only with a confirmation.
    """
    is_correction = review == Finding.Review.CONFIRMED and {"strength", "articles"} & set(request.POST)
    name = "correction" if is_correction else forms.REVIEW_FORMS[review]
    return name, forms.FORM_CLASSES[name](request.POST, auto_id=f"{name}-%s")


def _redirect_after_review(request: HttpRequest, finding: Finding, *, and_next: bool = False) -> HttpResponse:
    """Redirect to the next finding that no one has reviewed, or to this one, with a notice of the review."""
    change = finding.label_changes.last()
    next_id = (and_next and find_next_to_review(finding)) or finding.public_id
    query = urlencode({"reviewed": change.pk}) if change else ""
    return redirect(f"{reverse('monitoring:finding', args=[next_id])}?{query}")
