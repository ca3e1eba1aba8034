"""Errors raised when a suggested session is added to a programme."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from samsvar.site.meetings.meeting.errors import MeetingRuleError


class GapNotShared(MeetingRuleError):
    """Raised when fewer than two countries of a meeting have open recommendations under an article."""

    message = _("The countries of this meeting no longer share open recommendations under this article.")
    advice = _("Choose another suggested session, or add a session yourself.")


class AlreadyInProgramme(MeetingRuleError):
    """Raised when the programme already has a session about these findings."""

    message = _("The draft programme already has a session about these recommendations.")
    advice = _("Open that session to change it.")


class ContactNotAvailable(MeetingRuleError):
    """Raised when a participant is no longer suggested for a request."""

    message = _("This participant is no longer suggested for your request.")
    advice = _("Choose someone from the current list.")
