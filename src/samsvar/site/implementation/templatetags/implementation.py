"""`{% desk_finding_url user finding_id as url %}`: the page of a finding at its state's desk."""

from __future__ import annotations

from django import template
from django.urls import reverse

from samsvar.network.rights import Claim
from samsvar.site.implementation.permissions import can_manage_country
from samsvar.site.monitoring.models import Finding
from samsvar.site.network.access.permissions import User, has_claim

register = template.Library()


@register.simple_tag
def desk_finding_url(user: User, finding: str) -> str:
    """Return the URL of a finding's page at its state's desk, or "" for anyone else. Only a desk costs a query."""
    if not user or not user.is_authenticated or not has_claim(user, Claim.MANAGE_COUNTRY):
        return ""
    state = Finding.objects.filter(public_id=finding).values_list("state_id", flat=True).first()
    if not state or not can_manage_country(user, state):
        return ""
    return reverse("implementation:desk-finding", args=[state, finding])
