"""Views for evidence: side by side, a state's list, one's own, one revision with its steps, and its file."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST, require_safe

from samsvar.implementation.evidence import FormFault, Side
from samsvar.network.rights import Claim
from samsvar.site.convention.models import State
from samsvar.site.implementation.evidence import actions, queries
from samsvar.site.implementation.evidence.forms import EvidenceForm, FormFaultForm, SetAsideForm, revision_initial
from samsvar.site.implementation.evidence.models import Evidence
from samsvar.site.implementation.evidence.permissions import can_act_for_giver, possible_givers
from samsvar.site.implementation.measures.models import Measure
from samsvar.site.implementation.measures.queries import find_measure
from samsvar.site.monitoring.models import Finding
from samsvar.site.network.view_helpers import current_account, object_or_404
from samsvar.site.shell.filters import build_filter_form
from samsvar.site.shell.form_pages import form_page, page_with_form, post_action
from samsvar.site.shell.labels import enum_choices
from samsvar.site.shell.limits import rate_limited
from samsvar.site.shell.uploads import file_response
from samsvar.site.shell.view_permissions import public, requires

# --- Public pages -----------------------------------------------------------------------------------------------------


@public
@require_safe
def measure_evidence(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show what both sides say about a measure."""
    page = object_or_404(queries.evidence_for_measure(request.user, public_id, timezone.localdate()))
    return render(request, "implementation/evidence/side_by_side.html", {"page": page})


@public
@require_safe
def finding_evidence(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show what both sides say about a finding and the measures that answer it."""
    page = object_or_404(queries.evidence_for_finding(request.user, public_id, timezone.localdate()))
    return render(request, "implementation/evidence/side_by_side.html", {"page": page})


@public
@require_safe
def state_evidence(request: HttpRequest, code: str) -> HttpResponse:
    """List the released evidence about a state."""
    state = object_or_404(State.objects.filter(pk=code.upper()).first())
    filters = {name: request.GET.get(name, "") for name in ("side", "validity")}
    page = queries.state_evidence(request.user, state.pk, timezone.localdate(), **filters)
    validities = [("valid", pgettext("evidence", "valid")), ("expired", pgettext("evidence", "expired"))]
    form = build_filter_form(
        {**request.GET.dict(), **filters}, "evidence",
        side=(_("Side"), _("both sides"), enum_choices(Side)),
        validity=(_("Validity"), _("valid and expired"), validities),
    )  # fmt: skip
    return render(request, "implementation/evidence/state.html", {"page": page, "filters": form})


@public
@require_safe
def evidence_details(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show one revision of a piece of evidence with its history."""
    details = object_or_404(queries.evidence_details(request.user, public_id, timezone.localdate()))
    return render(request, "implementation/evidence/details.html", {"details": details})


@public
@require_safe
def evidence_file(request: HttpRequest, public_id: str) -> HttpResponse:
    """Return the file of evidence to those who can see the evidence; browsers do not run it."""
    evidence = object_or_404(queries.find_evidence(request.user, public_id))
    content = object_or_404(actions.read_evidence_file(evidence))
    return file_response(content, evidence.format, evidence.filename)


# --- One's own side ---------------------------------------------------------------------------------------------------


@requires(Claim.OWN_ACCOUNT)
@require_safe
def own_evidence(request: HttpRequest) -> HttpResponse:
    """List the evidence of the organisations and of the desk that the user acts for."""
    page = queries.own_evidence(request.user, timezone.localdate())
    return render(request, "implementation/evidence/own.html", {"page": page})


@requires(Claim.OWN_ACCOUNT)
@rate_limited("upload")
@page_with_form
def offer_for_measure(request: HttpRequest, public_id: str) -> HttpResponse:
    return _offer(request, object_or_404(find_measure(request.user, public_id)))


@requires(Claim.OWN_ACCOUNT)
@rate_limited("upload")
@page_with_form
def offer_for_finding(request: HttpRequest, public_id: str) -> HttpResponse:
    finding = Finding.objects.filter(public_id=public_id, state__isnull=False).first()
    return _offer(request, object_or_404(finding))


@requires(Claim.OWN_ACCOUNT)
@rate_limited("upload")
@page_with_form
def revise_evidence(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show the form for a new revision, filled with the values of the newest one."""
    evidence = _own_evidence_or_404(request, public_id)
    about = evidence.measure or evidence.finding
    return _offer(request, object_or_404(about), revises=evidence)


def _offer(request: HttpRequest, about: Measure | Finding, *, revises: Evidence | None = None) -> HttpResponse:
    assert about.state_id
    givers = possible_givers(request.user, about.state_id)
    if revises is not None and revises.side != Side.STATE:
        givers = [giver for giver in givers if giver.organisation and giver.organisation.pk == revises.organisation_id]
    if not givers:
        raise Http404
    initial = revision_initial(revises) if revises else {}
    form = EvidenceForm(request.POST or None, request.FILES or None, givers=givers, revises=revises, initial=initial)
    return form_page(
        request,
        form,
        action=lambda: actions.offer_evidence(
            by=current_account(request), about=about, revises=revises, **form.offer_values()
        ),
        success=_("Evidence saved. Only your side sees it until you release it."),
        redirect_to=lambda evidence: redirect("implementation:evidence", evidence.public_id),
        template="implementation/evidence/offer.html",
        context=lambda: {
            "about": about,
            "is_measure": isinstance(about, Measure),
            "revises": revises,
            "givers": givers,
        },
    )


@requires(Claim.OWN_ACCOUNT)
@require_POST
def accept_evidence(request: HttpRequest, public_id: str) -> HttpResponse:
    evidence = _own_evidence_or_404(request, public_id)
    return post_action(
        request,
        lambda: actions.accept_evidence(by=current_account(request), evidence=evidence),
        success=_("Evidence released: everyone can see it now."),
        redirect_to=_evidence_url(evidence),
    )


@requires(Claim.OWN_ACCOUNT)
@page_with_form
def set_evidence_aside(request: HttpRequest, public_id: str) -> HttpResponse:
    evidence = _own_evidence_or_404(request, public_id)
    form = SetAsideForm(request.POST or None)
    return form_page(
        request,
        form,
        action=lambda: actions.set_evidence_aside(by=current_account(request), evidence=evidence, **form.cleaned_data),
        success=_("Evidence set aside."),
        redirect_to=_evidence_url(evidence),
        template="implementation/evidence/set_aside.html",
        context=lambda: {"evidence": evidence},
    )


@requires(Claim.OWN_ACCOUNT)
@require_POST
def withdraw_evidence(request: HttpRequest, public_id: str) -> HttpResponse:
    evidence = _own_evidence_or_404(request, public_id)
    return post_action(
        request,
        lambda: actions.withdraw_evidence(by=current_account(request), evidence=evidence),
        success=_("Evidence withdrawn. Its files are deleted."),
        redirect_to=_evidence_url(evidence),
    )


@requires(Claim.REVIEW_FINDINGS)
@page_with_form
def set_aside_for_form(request: HttpRequest, public_id: str) -> HttpResponse:
    """Let an independent reviewer set evidence aside for a fault of its form."""
    details = object_or_404(queries.evidence_details(request.user, public_id, timezone.localdate()))
    if not details.can_check:
        raise Http404
    form = FormFaultForm(request.POST or None)
    return form_page(
        request,
        form,
        action=lambda: actions.set_aside_for_form(
            by=current_account(request),
            evidence=details.evidence,
            fault=FormFault(form.cleaned_data["fault"]),
            reason=form.cleaned_data["reason"],
        ),
        success=_("Evidence set aside for its form. Those who gave it can release a corrected revision."),
        redirect_to=lambda evidence: redirect("implementation:state-evidence", evidence.state_id),
        template="implementation/evidence/set_aside.html",
        context=lambda: {"evidence": details.evidence, "is_review": True},
    )


def _evidence_url(evidence: Evidence) -> str:
    return reverse("implementation:evidence", args=[evidence.public_id])


def _own_evidence_or_404(request: HttpRequest, public_id: str) -> Evidence:
    """Return evidence of the user's own side; raise `Http404` for any other, as if it did not exist."""
    evidence = object_or_404(queries.find_evidence(request.user, public_id))
    if not can_act_for_giver(request.user, evidence):
        raise Http404
    return evidence
