"""Sentences and grounds that stand at more than one holding."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from samsvar.network.consent import Ground, Purpose
from samsvar.network.people import Field

OTHER = _("names another person; that is theirs")
OPENS = _("opens the account; whoever has the file would have the key")
SECRETARIAT = _("the secretariat of the person’s networks, in a staff session that says why")
ITSELF = _("nobody but the person and the site itself")
OTHERS_RIGHT = _("it is about somebody else; there your emptied account stands as who did it, without name or address")
LIVES = _("while the account lives")

SECURITY = (Purpose.SECURITY,)
INTEREST = (Ground.LEGITIMATE_INTERESTS,)
COUNTED = (Field.GROUP,)  # stays at an emptied person, so that the share of each group stays true
