"""The introductions of a request that a reader sees, and the form with which the reader begins another."""

from __future__ import annotations

from dataclasses import dataclass

from django import template
from django.urls import reverse
from django.utils.translation import gettext as _

from samsvar.site.exchange.introductions.permissions import can_arrange_for, can_ask_for_introduction
from samsvar.site.exchange.introductions.queries import IntroductionRow, introductions_of_request
from samsvar.site.exchange.requests.models import HelpRequest
from samsvar.site.network.access.permissions import User

register = template.Library()


@dataclass(frozen=True, slots=True)
class RequestIntroductions:
    """The introductions of a request that one reader sees, and what they can do."""

    rows: list[IntroductionRow]
    can_ask: bool
    can_propose: bool


@register.simple_tag
def introductions_for(user: User, public_id: str) -> RequestIntroductions | None:
    """Return the introductions of a request for its asker, its secretariat or a helper; None for anyone else."""
    if not user or not user.is_authenticated:
        return None
    request = HelpRequest.objects.select_related("network").filter(public_id=public_id).first()
    if request is None:
        return None
    can_ask, can_propose = can_ask_for_introduction(user, request), can_arrange_for(user, request)
    rows = introductions_of_request(user, public_id)
    return RequestIntroductions(rows, can_ask, can_propose) if rows or can_ask or can_propose else None


@dataclass(frozen=True, slots=True)
class IntroductionForm:
    """The form with which a reader begins an introduction: its URL, and what the link to it says."""

    url: str
    label: str


@register.simple_tag
def introduction_form_for(user: User, public_id: str) -> IntroductionForm | None:
    """Return the form with which a reader asks for, or proposes, an introduction; None for anyone else."""
    if not user or not user.is_authenticated:
        return None
    request = HelpRequest.objects.select_related("network").filter(public_id=public_id).first()
    if request is not None and can_ask_for_introduction(user, request):
        url = reverse("exchange:ask-for-introduction", args=[public_id])
        return IntroductionForm(url, _("Ask for an introduction"))
    if request is not None and can_arrange_for(user, request):
        return IntroductionForm(
            reverse("exchange:propose-introduction", args=[public_id]), _("Propose an introduction")
        )
    return None
