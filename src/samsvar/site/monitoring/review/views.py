"""Views for reviewing findings, and for proposing corrections and deciding on them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from samsvar.errors import SamsvarError
from samsvar.network.rights import Claim
from samsvar.site.monitoring import queries as monitoring_queries
from samsvar.site.monitoring.actions import links, proposals, remarks, reviews, samples
from samsvar.site.monitoring.models import CorrectionProposal, Finding, ReviewSample
from samsvar.site.monitoring.permissions import can_propose, can_review
from samsvar.site.monitoring.review import forms, queries
from samsvar.site.monitoring.review.queries import (
    find_own_change,
    find_own_sample,
    find_proposal,
    find_remark,
    report_progress,
)
from samsvar.site.monitoring.view_helpers import SHORTCUTS_OFF, render_finding_page
from samsvar.site.network.view_helpers import current_account, object_or_404
from samsvar.site.shell.errors import describe_error
from samsvar.site.shell.form_pages import form_page, page_with_form, run_action, run_with_message
from samsvar.site.shell.limits import consume_or_429
from samsvar.site.shell.view_permissions import public, requires


@requires(Claim.REVIEW_FINDINGS)
@require_POST
def review_finding(request: HttpRequest, public_id: str) -> HttpResponse:
    """Confirm, correct or reject a finding, or restore its automatic label; then show the result and *Undo*."""
    page = object_or_404(monitoring_queries.finding_page(public_id, request.user))
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
            note=form.cleaned_data.get("note", ""),
            seen=request.POST.get("seen") or None,
        )
    except reviews.ReasonMissing as missing:
        if "note" not in form.fields:
            return render_finding_page(request, page, error=describe_error(missing))
        form.add_error("note", missing.message)
        return render_finding_page(request, page, forms={name: form})
    except SamsvarError as error:
        return render_finding_page(request, page, forms={name: form}, error=describe_error(error))
    return _redirect_after_review(request, page.finding)


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
    page = object_or_404(monitoring_queries.finding_page(public_id, request.user))
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
    account = current_account(request)
    own = object_or_404(queries.find_own_proposal(account, proposal))
    run_with_message(request, proposals.withdraw_proposal, proposal=own, by=account, success=_("Proposal withdrawn."))
    return redirect("monitoring:finding", own.finding_id)


# --- Review in batches ------------------------------------------------------------------------------------------------


@requires(Claim.PROPOSE_CORRECTIONS)
@require_safe
def work_list(request: HttpRequest) -> HttpResponse:
    """Show the reports to review, and the proposals to decide on or made by the user."""
    work = queries.work_list(request.user, request.GET.get("page"))
    return render(request, "monitoring/review/work_list.html", {"work": work})


@requires(Claim.REVIEW_FINDINGS)
@require_safe
def report_work_list(request: HttpRequest, public_id: str) -> HttpResponse:
    work = object_or_404(queries.report_work_list(request.user, public_id))
    return render(request, "monitoring/review/report.html", {"work": work, "report": work.report})


@requires(Claim.REVIEW_FINDINGS)
@require_POST
def toggle_shortcuts(request: HttpRequest) -> HttpResponse:
    """Turn the keyboard shortcuts on or off, for this session."""
    request.session[SHORTCUTS_OFF] = not request.session.get(SHORTCUTS_OFF, False)
    return redirect("monitoring:work-list")


@requires(Claim.REVIEW_FINDINGS)
@page_with_form
def draw_sample(request: HttpRequest) -> HttpResponse:
    """Show the filters and the number of automatic labels that match them, and draw a sample."""
    values = request.POST if request.method == "POST" else request.GET
    filters = queries.SampleFilters.from_params(values.dict())
    error = None
    if request.method == "POST":
        sample, error = run_action(samples.draw_sample, filters=filters, by=current_account(request))
        if error is None:
            return redirect("monitoring:sample", sample.pk)
    choices = queries.sample_choices(request.user, filters)
    context = {
        "choices": choices,
        "chosen": asdict(filters),
        "filters": forms.build_sample_filters(filters, choices),
        "sample_size": queries.SAMPLE_SIZE,
        "error": error,
    }
    return render(request, "monitoring/review/draw_sample.html", context, status=409 if error else 200)


@requires(Claim.REVIEW_FINDINGS)
@require_safe
def sample(request: HttpRequest, sample: UUID) -> HttpResponse:
    return _render_sample(request, object_or_404(queries.find_own_sample(request.user, sample)))


@requires(Claim.REVIEW_FINDINGS)
@require_POST
def confirm_after_sample(request: HttpRequest, sample: UUID) -> HttpResponse:
    own = object_or_404(queries.find_own_sample(request.user, sample))
    done, error = run_action(
        samples.confirm_after_sample, sample=own, by=current_account(request), seen=request.POST.get("seen", "")
    )
    if error:
        return _render_sample(request, own, error)
    text = ngettext("%(number)d finding confirmed.", "%(number)d findings confirmed.", done.confirmed)
    messages.success(request, text % {"number": done.confirmed})
    return redirect("monitoring:sample", own.pk)


def _render_sample(request: HttpRequest, sample: ReviewSample, error: object = None) -> HttpResponse:
    progress = queries.sample_progress(sample)
    filters = queries.SampleFilters(**sample.filters)
    waiting = queries.findings_to_confirm(request.user, filters, sample=sample).values_list("public_id", flat=True)
    cards = [
        (sampled, forms.build_card_forms(sampled.finding), reviews.review_state(sampled.finding))
        for sampled in progress.findings
        if sampled.finding
    ]
    context = {
        "sample": sample,
        "progress": progress,
        "outcome": queries.sample_outcome(sample, progress),
        "cards": cards,
        "first_waiting": next((sampled.finding for sampled, *_ in cards if sampled.judgement == "waiting"), None),
        "others": len(waiting),
        "seen": queries.hash_selection(waiting),
        "chosen": forms.describe_filters(filters),
        "done": queries.find_own_change(request.user, request.GET.get("reviewed")),
        "kept_until": sample.drawn_at + queries.SAMPLE_PERIOD,
        "shortcuts": not request.session.get(SHORTCUTS_OFF, False),
        "error": error,
    }
    return render(request, "monitoring/review/sample.html", context, status=409 if error else 200)


# --- Helpers ----------------------------------------------------------------------------------------------------------


def _decide(
    request: HttpRequest, key: UUID, name: str, form: Form, action: Callable[..., Any], success: str
) -> HttpResponse:
    """Carry out a reviewer's decision on a proposal, or show the finding's page again with an error."""
    proposal: CorrectionProposal = object_or_404(find_proposal(key))
    if not can_review(request.user, proposal.finding):
        raise PermissionDenied
    page = object_or_404(monitoring_queries.finding_page(proposal.finding_id, request.user))
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


def _redirect_after_review(request: HttpRequest, finding: Finding) -> HttpResponse:
    """Redirect with a notice of the review: to the sample it was made in, to the next finding, or to this one."""
    change = finding.label_changes.last()
    query = urlencode({"reviewed": change.pk}) if change else ""
    if sample := _find_sample(request, request.POST.get("sample", "")):
        address = reverse("monitoring:sample", args=[sample.pk])
        return redirect(f"{address}?{query}#next")
    next_id = request.POST.get("and_next") and report_progress(finding.report_id, after=finding.ordinal).next_id
    return redirect(f"{reverse('monitoring:finding', args=[next_id or finding.public_id])}?{query}")


def _find_sample(request: HttpRequest, key: str) -> ReviewSample | None:
    try:
        return find_own_sample(request.user, UUID(key))
    except ValueError:
        return None


# --- Links between findings -------------------------------------------------------------------------------------------


@requires(Claim.REVIEW_FINDINGS)
@require_safe
def link_list(request: HttpRequest) -> HttpResponse:
    """Show the links that the computer proposed, or those decided about, each with both passages side by side."""
    values = request.GET.dict()
    status = values.get("status", "")
    shown = queries.LinkStatus(status) if status in set(queries.LinkStatus) else queries.LinkStatus.PROPOSED
    state = values.get("state", "").upper()
    links_shown = queries.link_list(request.user, status=shown, state=state, page=values.get("page"))
    context = {
        "links": links_shown,
        "status": shown,
        "filters": forms.build_link_filters({**values, "state": state}, links_shown),
        "done": queries.find_own_link_decision(request.user, values.get("decided")),
    }
    return render(request, "monitoring/review/links.html", context)


@requires(Claim.REVIEW_FINDINGS)
@require_POST
def decide_link(request: HttpRequest, public_id: str, pk: int) -> HttpResponse:
    """Save what a later finding does to an earlier one, or withdraw that decision."""
    finding_link = object_or_404(monitoring_queries.find_link(public_id, pk))
    form = forms.LinkDecisionForm(request.POST)
    from_list = "from_list" in request.POST
    decided: dict[str, Any] = {}
    if form.is_valid():
        account = current_account(request)
        link, error = run_action(links.decide_link, link=finding_link, by=account, **form.cleaned_data)
        if error:
            messages.error(request, " ".join(filter(None, map(str, (error.message, error.effect, error.advice)))))
        else:
            messages.success(request, _("Decision saved."))
            own = queries.find_own_link_decisions(account, [link])
            decided = {"decided": own[link.pk].pk} if from_list and link.pk in own else {}
    else:
        reasons = [str(reason) for errors in form.errors.values() for reason in errors]
        messages.error(request, " ".join([_("Nothing was saved."), *reasons]))
    if from_list:
        return redirect(f"{reverse('monitoring:link-list')}?{urlencode(_list_filters(request) | decided)}")
    return redirect(reverse("monitoring:finding", args=[public_id]) + "#rounds")


@requires(Claim.REVIEW_FINDINGS)
@require_POST
def undo_link_decision(request: HttpRequest) -> HttpResponse:
    decision = object_or_404(queries.find_own_link_decision(request.user, request.POST.get("decision")))
    run_with_message(
        request,
        links.undo_link_decision,
        decision=decision,
        by=current_account(request),
        success=_("Decision undone. The link is as it was before."),
    )
    if "from_list" in request.POST:
        return redirect(f"{reverse('monitoring:link-list')}?{urlencode(_list_filters(request))}")
    return redirect(reverse("monitoring:finding", args=[decision.later_id]) + "#rounds")


def _list_filters(request: HttpRequest) -> dict[str, str]:
    """Return the filters of the list from which a form was submitted."""
    return {name: value for name in ("status", "state") if (value := request.POST.get(f"list_{name}", ""))}


@public
@page_with_form
def report_label(request: HttpRequest, public_id: str) -> HttpResponse:
    """Let any reader tell reviewers privately that a label of a finding is wrong."""
    if limited := consume_or_429(request, action="report_label", config=settings.SAMSVAR_RATE_LIMITS):
        return limited
    finding = object_or_404(queries.find_labelled_finding(public_id))
    form = forms.RemarkForm(request.POST if request.method == "POST" else None)
    by = current_account(request) if request.user.is_authenticated else None
    return form_page(
        request, form,
        action=lambda: remarks.remark_on_label(finding=finding, by=by, **form.cleaned_data),
        redirect_to=lambda _remark: render(request, "monitoring/review/label_reported.html", {"finding": finding}),
        template="monitoring/review/report_label.html",
        context=lambda: {"finding": finding, "numbers": monitoring_queries.get_article_numbers(finding)},
    )  # fmt: skip


@requires(Claim.REVIEW_FINDINGS)
@require_POST
def deal_with_remark(request: HttpRequest, remark: UUID) -> HttpResponse:
    """Mark a reader's remark as dealt with, and return to the review of its finding or of all."""
    reported = object_or_404(find_remark(remark))
    run_with_message(
        request,
        remarks.deal_with_remark,
        remark=reported,
        by=current_account(request),
        success=_("Marked as dealt with."),
    )
    return redirect("monitoring:work-list")
