"""Template tags for the call for contributions: `{% load contributions %}`."""

from __future__ import annotations

from django import template

from samsvar.site.meetings import models
from samsvar.site.meetings.contributions import queries

register = template.Library()


@register.simple_tag(takes_context=True)
def review_progress(context: template.Context, meeting: models.Meeting) -> queries.ReviewProgress | None:
    """Return the reader's progress in reviewing this meeting's contributions, or None if they review none."""
    user = context["request"].user
    return queries.get_review_progress(user, meeting) if user.is_authenticated else None


@register.simple_tag
def has_call(meeting: models.Meeting) -> bool:
    """Return whether this meeting has a call for contributions."""
    return queries.find_call(meeting) is not None
