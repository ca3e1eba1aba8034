"""Views for adoptions: their list and page, taking up a practice, changing an adoption, and its steps."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from samsvar.exchange.adoptions import AdoptionStatus
from samsvar.network.rights import Claim
from samsvar.site.exchange.adoptions import actions, queries
from samsvar.site.exchange.adoptions.forms import AdoptionForm, StepForm, adopter_label
from samsvar.site.exchange.adoptions.permissions import can_change, possible_adopters
from samsvar.site.exchange.permissions import Contributor
from samsvar.site.network.view_helpers import current_account, object_or_404
from samsvar.site.shell.form_pages import form_page, form_page_status, page_with_form, post_action, run_action
from samsvar.site.shell.view_permissions import public, requires


@public
@require_safe
def adoptions(request: HttpRequest) -> HttpResponse:
    """List the practices that others have taken up, one's own first."""
    own, others = queries.adoption_list(request.user)
    return render(request, "exchange/adoptions/list.html", {"own": own, "others": others})


@public
@require_safe
def adoption(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show an adoption with its history."""
    return _render(request, public_id)


def _render(request: HttpRequest, public_id: str, form: StepForm | None = None, error: object = None) -> HttpResponse:
    page = object_or_404(queries.adoption_page(request.user, public_id))
    if page.can_change and form is None:
        form = StepForm(statuses=page.next_statuses)
    context = {"page": page, "adoption": page.listed.adoption, "form": form, "error": error}
    return render(request, "exchange/adoptions/adoption.html", context, status=form_page_status(form, error))


@requires(Claim.CONTRIBUTE)
@page_with_form
def adopt_practice(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take up a practice on behalf of a desk or an organisation; `?for=` chooses if the user acts for several."""
    practice = object_or_404(queries.find_practice_to_adopt(public_id))
    adopters = {adopter_key(one): one for one in possible_adopters(request.user, practice)}
    if not adopters:
        raise Http404
    chosen = request.GET.get("for", "")
    adopter = adopters.get(chosen) or next(iter(adopters.values()))
    title, language = queries.practice_title(practice)
    form = AdoptionForm(
        request.POST or None, user=request.user, adopter=adopter, title=title,
        initial={"language": get_language() or "en"},
    )  # fmt: skip
    return form_page(
        request, form,
        action=lambda: actions.take_up(
            by=current_account(request), practice=practice, adopter=adopter, values=form.values,
            measure=form.chosen_measure,
            introduction=queries.introduction_of(request.user, practice, request.GET.get("introduction", "")),
        ),
        success=_("Adoption recorded."),
        redirect_to=lambda adoption: redirect("exchange:adoption", adoption.public_id),
        template="exchange/adoptions/take_up.html",
        context=lambda: {
            "practice": practice, "practice_title": title, "practice_language": language,
            "adopter": adopter_label(adopter),
            "others": [(key, adopter_label(one)) for key, one in adopters.items() if one != adopter],
        },
    )  # fmt: skip


def adopter_key(adopter: Contributor) -> str:
    """Return how a query names an adopter."""
    return adopter.organisation.public_id if adopter.organisation else f"desk-{adopter.state}"


@requires(Claim.CONTRIBUTE)
@page_with_form
def edit_adoption(request: HttpRequest, public_id: str) -> HttpResponse:
    existing = object_or_404(queries.find_adoption(request.user, public_id))
    if not can_change(request.user, existing):
        raise Http404
    title, language = queries.practice_title(existing.practice)
    adopter = Contributor(existing.state_id, existing.organisation)
    form = AdoptionForm(request.POST or None, user=request.user, adopter=adopter, title=title, existing=existing)
    return form_page(
        request, form,
        action=lambda: actions.change_adoption(
            by=current_account(request), adoption=existing, values=form.values, measure=form.chosen_measure
        ),
        success=_("Changes saved."),
        redirect_to=reverse("exchange:adoption", args=[public_id]),
        template="exchange/adoptions/take_up.html",
        context=lambda: {
            "practice": existing.practice, "practice_title": title, "practice_language": language,
            "adopter": adopter_label(adopter), "adoption": existing, "others": [],
        },
    )  # fmt: skip


@requires(Claim.CONTRIBUTE)
@require_POST
def take_step(request: HttpRequest, public_id: str) -> HttpResponse:
    """Set the status of an adoption from the form on its page."""
    page = object_or_404(queries.adoption_page(request.user, public_id))
    if not page.can_change:
        raise Http404
    form, error = StepForm(request.POST, statuses=page.next_statuses), None
    if form.is_valid():
        data = form.cleaned_data
        _saved, error = run_action(
            actions.take_step, by=current_account(request), adoption=page.listed.adoption,
            **{**data, "status": AdoptionStatus(data["status"])},
        )  # fmt: skip
        if error is None:
            return redirect("exchange:adoption", public_id)
    return _render(request, public_id, form, error)


@requires(Claim.CONTRIBUTE)
@require_POST
def confirm_adoption(request: HttpRequest, public_id: str) -> HttpResponse:
    page = object_or_404(queries.adoption_page(request.user, public_id))
    if not page.can_confirm:
        raise Http404
    return post_action(
        request,
        lambda: actions.confirm_adoption(by=current_account(request), adoption=page.listed.adoption),
        success=_("Adoption confirmed."),
        redirect_to=reverse("exchange:adoption", args=[public_id]),
    )
