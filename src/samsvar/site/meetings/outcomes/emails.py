"""What letters about the programme, evaluations and outcomes say; those about places stand in `words_registration`."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from samsvar.site.network.emails.email_templates import Form

LETTERS: Mapping[str, Form] = {
    "meetings/programme_changed": Form(
        _("The programme of “%(meeting)s” has changed"),
        _("Version %(version)s of the programme changes a session in which you appear, or that you chose. See what:"),
        "page_url",
    ),
    # to whom an organiser put into a session: nothing of what is written of them
    "meetings/asked_to_appear": Form(
        _("You are in the programme of “%(meeting)s”"),
        _(
            "Those who run “%(meeting)s” have put you into its programme. Until you agree, the public programme does "
            "not name you. Open this to see in which sessions you are, to say whether you may be named, to correct "
            "what is written of you, or to say that you do not appear:"
        ),
        "page_url",
        _("The link is for you alone: whoever has it can answer in your place. You can change your answer with it."),
    ),
    "meetings/survey_open": Form(
        _("What did you think of “%(meeting)s”?"),
        _(
            "Those who ran “%(meeting)s” ask what you thought of it. Your answers are counted without your name. Until "
            "%(until)s you can say it here:"
        ),
        "page_url",
        _("Everybody who was there gets this letter, once; whoever has answered already need do nothing."),
    ),
    "meetings/asked_to_the_door": Form(
        _("You help at the door of “%(meeting)s”"),
        _("Those who run “%(meeting)s” ask you to check people in. Open this on your telephone while it is online:"),
        "page_url",
    ),
    "meetings/asked_to_record": Form(
        _("You keep the record of “%(meeting)s”"),
        _("Those who run “%(meeting)s” ask you to write down what is decided and promised in its sessions, here:"),
        "page_url",
    ),
    "meetings/how_does_it_go": Form(
        _("What became of what was promised"),
        ngettext_lazy(
            "At a meeting you spoke for a commitment that is still open. Please say in a minute how it stands, here:",
            "At meetings you spoke for %(count)s commitments that are still open. Please say in a minute how each "
            "stands, here:",
            "count",
        ),
        "address",
        _("You are asked twice a year until it is over. The link is yours alone and holds for 90 days."),
    ),
}
