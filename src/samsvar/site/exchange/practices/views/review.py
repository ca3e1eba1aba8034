"""Views of reviews: the practices that wait for a peer, a peer's review, and the secretariat's decision."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from samsvar.network.rights import Claim
from samsvar.site.exchange.practices.actions import reviewing
from samsvar.site.exchange.practices.forms import ReviewForm, SendBackForm
from samsvar.site.exchange.practices.queries.review import (
    ReviewPage,
    practice_to_publish,
    practice_to_review,
    practices_to_publish,
    practices_to_review,
)
from samsvar.site.exchange.practices.view_helpers import content_context, revision_seen
from samsvar.site.network.view_helpers import current_account, object_or_404
from samsvar.site.shell.form_pages import form_page, page_with_form, post_action
from samsvar.site.shell.view_permissions import requires


@requires(Claim.REVIEW_PRACTICES)
@require_safe
def waiting(request: HttpRequest) -> HttpResponse:
    """List the practices of other organisations that wait for a review."""
    context = {"waiting": practices_to_review(request.user)}
    return render(request, "exchange/practices/review_list.html", context)


@requires(Claim.REVIEW_PRACTICES)
@page_with_form
def review(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show a practice in review with the checks, and record the review of the version that was shown."""
    page = object_or_404(practice_to_review(request.user, public_id))
    form = ReviewForm(request.POST or None, organisations=page.organisations)
    return form_page(
        request,
        form,
        action=lambda: reviewing.review_practice(
            by=current_account(request), practice=page.practice, version=revision_seen(request), **form.values
        ),
        success=_("Review saved. Thank you."),
        redirect_to=reverse("exchange:practices-to-review"),
        template="exchange/practices/review.html",
        context=lambda: {**_shown(request, page), "seen": request.POST.get("seen", page.practice.version)},
    )


def _shown(request: HttpRequest, page: ReviewPage) -> dict[str, object]:
    return {"page": page, "practice": page.practice, **content_context(request, page.content)}


@requires(Claim.PUBLISH_PRACTICES)
@require_safe
def to_publish(request: HttpRequest) -> HttpResponse:
    """List the practices in review for the secretariat."""
    return render(request, "exchange/practices/publish_list.html", {"waiting": practices_to_publish(request.user)})


@requires(Claim.PUBLISH_PRACTICES)
@page_with_form
def publish(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show the secretariat a practice in review with its reviews; a POST publishes it."""
    page = object_or_404(practice_to_publish(request.user, public_id))
    if request.method == "POST":
        return post_action(
            request,
            lambda: reviewing.publish_practice(
                by=current_account(request), practice=page.practice, seen=revision_seen(request)
            ),
            success=_("Practice published."),
            redirect_to=lambda version: redirect("exchange:practice", public_id),
            on_error=request.path,
        )
    context = {**_shown(request, page), "form": SendBackForm()}
    return render(request, "exchange/practices/publish.html", context)


@requires(Claim.PUBLISH_PRACTICES)
@require_POST
def send_back(request: HttpRequest, public_id: str) -> HttpResponse:
    """Send a practice back to its owner, as the secretariat."""
    page = object_or_404(practice_to_publish(request.user, public_id))
    form = SendBackForm(request.POST)
    return form_page(
        request,
        form,
        action=lambda: reviewing.send_practice_back(
            by=current_account(request), practice=page.practice, reason=form.cleaned_data["reason"],
            seen=revision_seen(request),
        ),
        success=_("Practice sent back."),
        redirect_to=reverse("exchange:practices-to-publish"),
        template="exchange/practices/publish.html",
        context=lambda: _shown(request, page),
    )  # fmt: skip
