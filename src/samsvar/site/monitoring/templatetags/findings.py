"""Template filters and tags for findings: `{% load findings %}`."""

from __future__ import annotations

from django import template

from samsvar.monitoring.report import Strength
from samsvar.site.monitoring.citing import short_citation
from samsvar.site.monitoring.models import FindingLink
from samsvar.site.monitoring.permissions import can_review
from samsvar.site.monitoring.review.forms import LinkDecisionForm

register = template.Library()
register.filter("short_citation", short_citation)  # {{ finding|short_citation }}


@register.simple_tag(takes_context=True)
def link_decision_form(context: template.Context, link: FindingLink) -> LinkDecisionForm | None:
    """Return the form to decide about a link, or None if the reader cannot: `{% link_decision_form link as form %}`."""
    if link.earlier.strength == Strength.WELCOMES or not can_review(context["request"].user, link.later):
        return None
    initial = {"later_text": link.later_text, "reason": link.reason, "seen": link.later_text}
    return LinkDecisionForm(initial=initial, auto_id=f"link-{link.pk}-%s")
