"""Template filters and tags for findings: `{% load findings %}`."""

from __future__ import annotations

from collections.abc import Mapping

from django import template

from samsvar.site.monitoring.citing import short_citation
from samsvar.site.monitoring.models import Finding, FindingLink, LinkDecision
from samsvar.site.monitoring.permissions import can_review
from samsvar.site.monitoring.review.forms import LinkDecisionForm

register = template.Library()
register.filter("short_citation", short_citation)  # {{ finding|short_citation }}


@register.filter
def other_finding(link: FindingLink, finding: Finding) -> Finding:
    """Return the finding at the other end of a link: `{{ link|other_finding:finding }}`."""
    return link.later if link.earlier_id == finding.pk else link.earlier


@register.filter
def for_link(decisions: Mapping[int, LinkDecision], link: FindingLink) -> LinkDecision | None:
    """Return the decision of `undoable_links` about a link, or None."""
    return decisions.get(link.pk)


@register.simple_tag(takes_context=True)
def link_decision_form(context: template.Context, link: FindingLink) -> LinkDecisionForm | None:
    """Return the form to decide about a link, or None if the reader cannot: `{% link_decision_form link as form %}`."""
    if not can_review(context["request"].user, link.later):
        return None
    initial = {"later_text": link.later_text, "reason": link.reason, "seen": link.later_text}
    return LinkDecisionForm(initial=initial, auto_id=f"link-{link.pk}-%s")
