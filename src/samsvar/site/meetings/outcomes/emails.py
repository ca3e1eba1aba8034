"""Email templates about the programme, helpers, surveys and outcomes. See also `registration/emails.py`."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from samsvar.site.network.emails.email_templates import EmailTemplate

EMAIL_TEMPLATES: Mapping[str, EmailTemplate] = {
    "meetings/programme_changed": EmailTemplate(
        _("The programme for “%(meeting)s” has changed"),
        _(
            "Version %(version)s of the programme changes a session that you appear in or have chosen. See what "
            "has changed:"
        ),
        "page_url",
    ),
    # sent to a person whom an organiser added to a session; does not repeat what was written about them
    "meetings/asked_to_appear": EmailTemplate(
        _("You are in the programme for “%(meeting)s”"),
        _(
            "The organisers of “%(meeting)s” have added you to its programme. The public programme will not "
            "show your name until you agree. Open this link to see which sessions you are in, choose whether "
            "your name may be shown, correct the information about you, or tell the organisers that you will "
            "not take part:"
        ),
        "page_url",
        _(
            "This link is for you only: anyone who has it can answer in your place. You can also use it to "
            "change your answer."
        ),
    ),
    "meetings/survey_open": EmailTemplate(
        _("What did you think of “%(meeting)s”?"),
        _(
            "The organisers of “%(meeting)s” would like to know what you thought of it. Your answers are saved "
            "without your name. You can answer here until %(until)s:"
        ),
        "page_url",
        _("Everyone who attended gets this email once. If you have already answered, you do not need to do anything."),
    ),
    "meetings/asked_to_the_door": EmailTemplate(
        _("You have been asked to help with check-in at “%(meeting)s”"),
        _(
            "The organisers of “%(meeting)s” have asked you to check people in. Open this link on your phone "
            "while it is online:"
        ),
        "page_url",
    ),
    "meetings/asked_to_record": EmailTemplate(
        _("You have been asked to keep the record of “%(meeting)s”"),
        _(
            "The organisers of “%(meeting)s” have asked you to record the decisions and commitments made in its "
            "sessions here:"
        ),
        "page_url",
    ),
    "meetings/how_does_it_go": EmailTemplate(
        _("Progress on your commitments"),
        ngettext_lazy(
            "At a meeting you presented a commitment that is still open. Please take a minute to report its "
            "progress here:",
            "At meetings you presented %(count)s commitments that are still open. Please take a minute to "
            "report progress on each of them here:",
            "count",
        ),
        "address",
        _(
            "We ask for an update twice a year until the commitment is closed. This link is for you only and is "
            "valid for 90 days."
        ),
    ),
}
