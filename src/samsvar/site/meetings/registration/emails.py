"""The texts of emails about invitations, delegations and registrations."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from samsvar.site.network.emails.email_templates import Form

_SIGN_IN_NOT_NEEDED = _("The link is for you alone: whoever has it can answer in your place.")

LETTERS: Mapping[str, Form] = {
    "meetings/invitation": Form(
        _("An invitation to “%(meeting)s”"),
        _(
            "You are invited to “%(meeting)s”: %(when)s.%(who)s\n\nOpen this to register or to decline, until "
            "%(until)s:"
        ),
        "page_url",
        _SIGN_IN_NOT_NEEDED,
    ),
    "meetings/invitation_reminder": Form(
        _("Your invitation to “%(meeting)s” waits for an answer"),
        _(
            "You are invited to “%(meeting)s”: %(when)s.%(who)s\n\nOpen this to register or to decline, until "
            "%(until)s:"
        ),
        "page_url",
        _SIGN_IN_NOT_NEEDED,
    ),
    "meetings/confirm_address": Form(
        _("Register for “%(meeting)s”"),
        _("Somebody, probably you, wants to register for “%(meeting)s”. Open this to go on, until %(until)s:"),
        "page_url",
        _("If this was not you, you need do nothing."),
    ),
    "meetings/delegation": Form(
        _("Name your delegation to “%(meeting)s”"),
        _(
            "You are asked to say who comes to “%(meeting)s” for your delegation, which has %(places)s. The meeting: "
            "%(when)s.%(who)s\n\nOpen this to name them:"
        ),
        "page_url",
        _("The link is for you alone: whoever has it can name people in your place."),
    ),
    "meetings/delegation_reminder": Form(
        _("Places of your delegation to “%(meeting)s” are free"),
        _("Places of your delegation to “%(meeting)s” are not taken yet. You can name people until %(until)s:"),
        "page_url",
    ),
    "meetings/delegation_news": Form(
        _("Somebody of your delegation does not come to “%(meeting)s”"),
        _(
            "Somebody whom you named for “%(meeting)s” does not come, and does not hold a place any more. Open this to "
            "see who, and whether you can name somebody else:"
        ),
        "page_url",
    ),
    "meetings/delegation_ran_out": Form(
        _("Somebody of your delegation has not answered about “%(meeting)s”"),
        _(
            "Somebody whom you named for “%(meeting)s” has not answered in time, and does not hold a place any more. "
            "Open this to see who, and whether you can name somebody else:"
        ),
        "page_url",
    ),
    "meetings/nominated_reminder": Form(
        _("That you are named for “%(meeting)s” waits for an answer"),
        _(
            "You are named as a member of a delegation to “%(meeting)s”: %(when)s.%(who)s\n\nA place is held for you "
            "until %(until)s. Open this to accept or to decline:"
        ),
        "page_url",
        _SIGN_IN_NOT_NEEDED,
    ),
    "meetings/coming": Form(
        _("“%(meeting)s” is soon"),
        _(
            "You have a place at “%(meeting)s”: %(when)s.%(programme)s\n\nOpen this to see your registration, with "
            "what you need at the door, or to say that you do not come:"
        ),
        "page_url",
        _SIGN_IN_NOT_NEEDED,
    ),
    "meetings/nominated": Form(
        _("You are named for “%(meeting)s”"),
        _(
            "You are named as a member of a delegation to “%(meeting)s”: %(when)s.%(who)s\n\nOpen this to accept or to "
            "decline, until %(until)s:"
        ),
        "page_url",
        _SIGN_IN_NOT_NEEDED,
    ),
    "meetings/confirmed": Form(
        _("You have a place at “%(meeting)s”"),
        _(
            "You have a place at “%(meeting)s”: %(when)s.%(who)s\n\nOpen this to see your registration, to change it "
            "or to decline:"
        ),
        "page_url",
        _SIGN_IN_NOT_NEEDED,
    ),
    "meetings/confirmed_and_asked": Form(
        _("You have a place at “%(meeting)s”"),
        _(
            "You have a place at “%(meeting)s”. Some questions are still to be answered. Open this to answer them, to "
            "change your registration or to decline:"
        ),
        "page_url",
        _SIGN_IN_NOT_NEEDED,
    ),
    "meetings/still_to_answer": Form(
        _("Questions about your place at “%(meeting)s” are still to be answered"),
        _("Those who run “%(meeting)s” wait for answers of yours. Open this to give them, or to decline:"),
        "page_url",
        _SIGN_IN_NOT_NEEDED,
    ),
    "meetings/asked": Form(
        _("Your registration for “%(meeting)s” has arrived"),
        _("A place at “%(meeting)s” is held for you until those who run it have decided. Open this to see it:"),
        "page_url",
        _SIGN_IN_NOT_NEEDED,
    ),
    "meetings/waiting": Form(
        _("You are on the waiting list of “%(meeting)s”"),
        _(
            "No place at “%(meeting)s” is free at present. You are on the waiting list, and get a letter when a place "
            "becomes free. Open this to see where you stand:"
        ),
        "page_url",
        _SIGN_IN_NOT_NEEDED,
    ),
    "meetings/over": Form(
        _("Your registration for “%(meeting)s” has ended"),
        _("Those who run “%(meeting)s”, or your delegation, have ended your registration. Open this to read why:"),
        "page_url",
    ),
    "meetings/link_again": Form(
        _("Your registration for “%(meeting)s”"),
        _(
            "Somebody, probably you, has asked for the link of your registration for “%(meeting)s”. It is the same as "
            "before:"
        ),
        "page_url",
        _SIGN_IN_NOT_NEEDED,
    ),
    # a mailbox may be read by those from whom somebody hides: neither what was changed nor why
    "meetings/changed_by_others": Form(
        _("Something about your registration for “%(meeting)s” was changed"),
        _("Something about your registration for “%(meeting)s” was changed. Open this to look at it:"),
        "page_url",
        _("If you do not know why, ask those who run the meeting at once."),
    ),
    # to the secretariat: that something happened and where, and never to whom
    "meetings/list_with_people_at_risk": Form(
        _("A list with people at risk leaves the site"),
        _(
            "A list of those who registered for “%(meeting)s” was made with %(count)s people in it who are marked as "
            "at risk. Who made it and why stands in the trail. If you know of no reason for it, speak to whoever runs "
            "the meeting now, and tell these people. The meeting:"
        ),
        "page_url",
    ),
    "meetings/declined": Form(
        _("You do not come to “%(meeting)s”"),
        _("You have said that you do not come to “%(meeting)s”. Your place is free for somebody else."),
        after=_("If this was not you, write to those who run the meeting."),
    ),
}
