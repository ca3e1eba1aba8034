"""Errors of registering and of changing a registration."""

from __future__ import annotations

from django.utils.translation import gettext as _

from samsvar.meetings.meeting import MeetingsError
from samsvar.site.meetings import models
from samsvar.site.meetings.registration.labels import quota_named


class RegistrationError(MeetingsError):
    """A registration could not be taken or changed; said in the language of whoever is at the page."""

    code = "registration_error"

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message, kept=_("Nothing was stored."), advice=advice)


class NotOpen(RegistrationError):
    """Registration has not begun, or is over."""

    code = "registration_not_open"

    def __init__(self) -> None:
        super().__init__(_("Registration for this meeting is not open."))


class InvitationGone(RegistrationError):
    """The invitation was withdrawn, was declined, or has run out."""

    code = "meeting_invitation_gone"

    def __init__(self) -> None:
        super().__init__(_("This invitation is not valid any more."), _("Ask who invited you for another one."))


class ForSomebodyElse(RegistrationError):
    """An invitation was opened by somebody with another address."""

    code = "meeting_invitation_for_somebody_else"

    def __init__(self) -> None:
        super().__init__(
            _("This invitation is for another address than that of your account."),
            _("Sign out and open the letter’s link again, or ask for an invitation to your own address."),
        )


class SignInFirst(RegistrationError):
    """The invited address has an account: whoever has one registers as the person they are."""

    code = "sign_in_to_register"

    def __init__(self) -> None:
        super().__init__(_("The invited address has an account here."), _("Sign in with it, and open the link again."))


class NoPlaceLeft(RegistrationError):
    """A quota that the place would be taken from has none left, and there is no line to wait in for this."""

    code = "no_place_left"

    def __init__(self, full: models.Quota) -> None:
        said = {"quota": quota_named(full.kind, full.key)}
        super().__init__(_("No place is left under this quota: %(quota)s.") % said)
        self.quota = full


class MeetingIsCancelled(RegistrationError):
    """Nobody is invited to, named for, or given a place at a meeting that is not held."""

    code = "meeting_is_cancelled"

    def __init__(self) -> None:
        super().__init__(_("This meeting is cancelled."), _("If it is held after all, say so first."))


class TooLateToChange(RegistrationError):
    """The day until which people change their own answers is over."""

    code = "too_late_to_change"

    def __init__(self) -> None:
        super().__init__(_("Answers can no longer be changed here."), _("Write to those who run the meeting."))


class StandsOtherwise(RegistrationError):
    """What was asked does not follow from how the registration stands by now."""

    code = "registration_stands_otherwise"

    def __init__(self) -> None:
        super().__init__(_("The registration stands otherwise by now."), _("Look at it as it is, and decide again."))


class AnswerMissing(RegistrationError):
    """A question that has to be answered was not."""

    code = "answer_missing"

    def __init__(self) -> None:
        super().__init__(_("A question that has to be answered was left open."))
