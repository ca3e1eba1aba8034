"""The meeting of an introduction, and the introduction of a meeting, for those who may see it."""

from __future__ import annotations

from django import template

from samsvar.site.exchange.introductions.permissions import can_arrange, side_of
from samsvar.site.exchange.models import Introduction
from samsvar.site.meetings.organising.introductions import IntroductionMeeting
from samsvar.site.meetings.organising.introductions import meeting_of_introduction as find_meeting
from samsvar.site.network.access.permissions import User

register = template.Library()


@register.simple_tag
def meeting_of_introduction(user: User, public_id: str) -> IntroductionMeeting | None:
    """Return the meeting of an introduction for a reader; None if there is nothing that they may know."""
    return find_meeting(user, public_id) if user and user.is_authenticated else None


@register.simple_tag
def can_open_introduction(user: User, introduction: Introduction) -> bool:
    """Return whether a reader can open an introduction: one of its sides or its secretariat."""
    if not user or not user.is_authenticated:
        return False
    return side_of(user, introduction) is not None or can_arrange(user, introduction)
