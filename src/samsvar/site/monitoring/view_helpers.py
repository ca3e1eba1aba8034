"""Rendering of a finding's page, for the views that show it and those that review the finding."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language

from samsvar.site.convention.query_params import RequestedDay
from samsvar.site.monitoring import citing, queries
from samsvar.site.monitoring.actions import reviews
from samsvar.site.monitoring.models import FindingLink
from samsvar.site.monitoring.review.forms import build_review_forms
from samsvar.site.monitoring.review.queries import find_own_change, find_own_link_decisions, finding_review

SHORTCUTS_OFF = "review_shortcuts_off"  # in the session of a reviewer who has turned the keyboard shortcuts off


def render_finding_page(
    request: HttpRequest,
    page: queries.FindingPage,
    *,
    forms: Mapping[str, Form] = MappingProxyType({}),
    error: object = None,
    requested: RequestedDay | None = None,
) -> HttpResponse:
    """Render a finding's page. `forms` are submitted forms with errors, by their names in `build_review_forms`."""
    permalink = build_permalink(request, page)
    review = finding_review(request.user, page.finding)
    links = (*page.takes_up, *page.taken_up_by)
    context = {
        "page": page,
        "finding": page.finding,
        "citation": citing.build_citation(page.document, page.finding, permalink).to_text(get_language() or "en"),
        "permalink": permalink,
        "review": review,
        "done": find_own_change(request.user, request.GET.get("reviewed")),
        "forms": {**build_review_forms(page.finding, review), **forms},
        "open_forms": [*forms],
        "shortcuts": review.can_review and not request.session.get(SHORTCUTS_OFF, False),
        "seen": reviews.review_state(page.finding),
        "error": error or (requested.error if requested else None),
        "requested": requested,
        "links": [link for link in links if link.is_fact],
        "proposed_links": [link for link in links if link.is_proposed],
        "links_set_aside": [link for link in links if link.later_text == FindingLink.LaterText.SET_ASIDE],
        "undoable_links": find_own_link_decisions(request.user, links) if review.can_review else {},
    }
    status = 409 if error else 422 if request.method == "POST" else 200
    return render(request, "monitoring/finding.html", context, status=status)


def build_permalink(request: HttpRequest, page: queries.FindingPage) -> str:
    return request.build_absolute_uri(reverse("monitoring:finding", args=[page.finding.public_id]))
