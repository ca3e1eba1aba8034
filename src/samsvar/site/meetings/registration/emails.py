"""Email templates about invitations, delegations and registrations."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from samsvar.site.network.emails.email_templates import EmailTemplate
from samsvar.site.shell.labels import Label

_SIGN_IN_NOT_NEEDED = _("This link is for you only: anyone who has it can reply on your behalf.")


def _personal_template(subject: Label, body: Label) -> EmailTemplate:
    """Return a template with the recipient's own link, and a footer that says whom the link is for."""
    return EmailTemplate(subject, body, "page_url", _SIGN_IN_NOT_NEEDED)


EMAIL_TEMPLATES: Mapping[str, EmailTemplate] = {
    "meetings/invitation": _personal_template(
        _("Invitation to “%(meeting)s”"),
        _("You are invited to “%(meeting)s”: %(when)s.%(who)s\n\nTo register or decline, use this link by %(until)s:"),
    ),
    "meetings/invitation_reminder": _personal_template(
        _("Please respond to your invitation to “%(meeting)s”"),
        _("You are invited to “%(meeting)s”: %(when)s.%(who)s\n\nTo register or decline, use this link by %(until)s:"),
    ),
    "meetings/confirm_address": EmailTemplate(
        _("Register for “%(meeting)s”"),
        _("Someone, probably you, wants to register for “%(meeting)s”. To continue, use this link by %(until)s:"),
        "page_url",
        _("If this was not you, you do not need to do anything."),
    ),
    "meetings/delegation": EmailTemplate(
        _("Nominate your delegation for “%(meeting)s”"),
        _(
            "Please tell us who will attend “%(meeting)s” as part of your delegation, which has %(places)s. "
            "Date and location: %(when)s.%(who)s\n\nTo nominate the members of your delegation, use this link:"
        ),
        "page_url",
        _("This link is for you only. Anyone who has it can nominate people on your behalf."),
    ),
    "meetings/delegation_reminder": EmailTemplate(
        _("Your delegation to “%(meeting)s” still has places available"),
        _("Your delegation to “%(meeting)s” still has places available. You can nominate people until %(until)s:"),
        "page_url",
    ),
    "meetings/delegation_news": EmailTemplate(
        _("A member of your delegation will not be attending “%(meeting)s”"),
        _(
            "Someone you nominated for “%(meeting)s” will not be attending and no longer has a place. To see "
            "who this is, and whether you can nominate someone else, use this link:"
        ),
        "page_url",
    ),
    "meetings/delegation_ran_out": EmailTemplate(
        _("A member of your delegation to “%(meeting)s” has not responded"),
        _(
            "Someone you nominated for “%(meeting)s” did not respond in time and no longer has a place. To see "
            "who this is, and whether you can nominate someone else, use this link:"
        ),
        "page_url",
    ),
    "meetings/nominated_reminder": _personal_template(
        _("Please respond: you have been nominated for “%(meeting)s”"),
        _(
            "You have been nominated as a member of a delegation to “%(meeting)s”: %(when)s.%(who)s\n\nA place "
            "is being held for you until %(until)s. To accept or decline, use this link:"
        ),
    ),
    "meetings/coming": _personal_template(
        _("“%(meeting)s” is coming up soon"),
        _(
            "You have a place at “%(meeting)s”: %(when)s.%(programme)s\n\nTo view your registration and what "
            "you need for check-in, or to tell us that you cannot attend, use this link:"
        ),
    ),
    "meetings/nominated": _personal_template(
        _("You have been nominated to attend “%(meeting)s”"),
        _(
            "You have been nominated as a member of a delegation to “%(meeting)s”: %(when)s.%(who)s\n\nTo "
            "accept or decline, use this link by %(until)s:"
        ),
    ),
    "meetings/confirmed": _personal_template(
        _("Your registration for “%(meeting)s” is confirmed"),
        _(
            "You have a place at “%(meeting)s”: %(when)s.%(who)s\n\nTo view or change your registration, or to "
            "decline your place, use this link:"
        ),
    ),
    "meetings/confirmed_and_asked": _personal_template(
        _("Your registration for “%(meeting)s” is confirmed"),
        _(
            "You have a place at “%(meeting)s”. Some questions are still unanswered. Use this link to answer "
            "them, change your registration or decline your place:"
        ),
    ),
    "meetings/still_to_answer": _personal_template(
        _("Please answer the remaining questions for “%(meeting)s”"),
        _(
            "The organisers of “%(meeting)s” still need some answers from you. To answer or to decline your "
            "place, use this link:"
        ),
    ),
    "meetings/asked": _personal_template(
        _("We have received your registration for “%(meeting)s”"),
        _(
            "A place at “%(meeting)s” is being held for you until the organisers decide. To view your "
            "registration, use this link:"
        ),
    ),
    "meetings/waiting": _personal_template(
        _("You are on the waiting list for “%(meeting)s”"),
        _(
            "There are currently no places available at “%(meeting)s”. You are on the waiting list and we will "
            "email you if a place becomes available. To see your position, use this link:"
        ),
    ),
    "meetings/over": EmailTemplate(
        _("Your registration for “%(meeting)s” has been cancelled"),
        _(
            "The organisers of “%(meeting)s”, or your delegation, have cancelled your registration. To read "
            "the reason, use this link:"
        ),
        "page_url",
    ),
    "meetings/link_again": _personal_template(
        _("Your registration for “%(meeting)s”"),
        _(
            "Someone, probably you, has requested the link to your registration for “%(meeting)s”. The link "
            "has not changed:"
        ),
    ),
    # The people from whom the person hides may read the mailbox, so the email says neither what was changed nor why.
    "meetings/changed_by_others": EmailTemplate(
        _("Your registration for “%(meeting)s” has been changed"),
        _("Your registration for “%(meeting)s” has been changed. To review it, use this link:"),
        "page_url",
        _("If you do not know why, contact the organisers immediately."),
    ),
    # to the secretariat: says what happened and where, but never to whom
    "meetings/list_with_people_at_risk": EmailTemplate(
        _("A list including people at risk has been exported"),
        _(
            "A list of people registered for “%(meeting)s” has been exported. Number of people on it who are "
            "marked as at risk: %(count)s. The audit log shows who exported it and why. If you do not know why "
            "it was needed, contact the meeting’s organisers now and tell the people concerned. Link to the "
            "meeting:"
        ),
        "page_url",
    ),
    "meetings/declined": EmailTemplate(
        _("You will not be attending “%(meeting)s”"),
        _(
            "You have told us that you will not be attending “%(meeting)s”. Your place is now available to "
            "someone else."
        ),
        footer=_("If this was not you, contact the organisers."),
    ),
}
