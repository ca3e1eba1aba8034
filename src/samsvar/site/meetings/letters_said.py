"""What letters about outcomes say; those about places stand in `words_registration`."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from samsvar.site.network.letters import Form

LETTERS: Mapping[str, Form] = {
    "meetings/how_does_it_go": Form(
        _("What became of what was promised"),
        _(
            "At a meeting you spoke for %(count)s commitments that are still open. Please say in a minute how each "
            "stands, here:"
        ),
        "address",
        _("You are asked twice a year until it is over. The link is yours alone and holds for 90 days."),
    ),
}
