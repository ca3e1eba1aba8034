"""Errors raised when registering and when changing a registration."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.errors import MeetingRuleError
from samsvar.site.meetings.registration.labels import quota_label


class RegistrationError(MeetingRuleError):
    """Raised when a registration does not allow an action. The message is in the language of the page."""


class RegistrationNotOpen(RegistrationError):
    """Raised when registration has not opened yet or has already closed."""

    message = _("Registration for this meeting is not open.")


class MeetingInvitationExpired(RegistrationError):
    """Raised when an invitation was withdrawn or declined, or has expired."""

    message = _("This invitation is no longer valid.")
    advice = _("Ask the person who invited you for a new invitation.")


class WrongRecipient(RegistrationError):
    """Raised when an invitation is opened by an account with another address."""

    message = _("This invitation is for a different address from the one on your account.")
    advice = _("Sign out and open the link in the email again, or ask for an invitation to your own address.")


class SignInRequired(RegistrationError):
    """Raised when the invited address has an account, whose owner must sign in to register."""

    message = _("There is already an account with the email address that was invited.")
    advice = _("Sign in with that account, then open the link again.")


class QuotaFull(RegistrationError):
    """Raised when a quota that the place counts against is full and there is no waiting list for this action."""

    def __init__(self, full: models.Quota) -> None:
        values = {"quota": quota_label(full.kind, full.key)}
        super().__init__(_("There are no places left in this quota: %(quota)s.") % values)
        self.quota = full


class MeetingIsCancelled(RegistrationError):
    """Raised when someone would be invited, nominated or given a place at a cancelled meeting."""

    message = _("This meeting has been cancelled.")
    advice = _("If the meeting will go ahead after all, reinstate it first.")


class ChangesClosed(RegistrationError):
    """Raised when the deadline for changing one's own answers has passed."""

    message = _("Answers can no longer be changed here.")
    advice = _("Contact the organisers.")


class StatusConflict(RegistrationError):
    """Raised when the current status of a registration does not allow a change."""

    message = _("This registration has changed since you opened the page.")
    advice = _("Review the registration and try again.")


class AnswerMissing(RegistrationError):
    """Raised when a required question was not answered."""

    message = _("A required question has not been answered.")
