"""The step that pages of one's own share: to be named in the programme, or no more."""

from __future__ import annotations

from django.utils.translation import gettext as _

from samsvar.site.meetings.meeting.labels import Trouble
from samsvar.site.meetings.meeting.view_helpers import tried
from samsvar.site.meetings.registration.actions import naming_consent as actions
from samsvar.site.network.access.permissions import Account, Person


def named_or_not(do: str, person: Person, version: str, by: Account | None) -> tuple[bool | None, Trouble | None, str]:
    """(done, refusal, what to say) of "name" or "unname"."""
    if do == "name":
        _done, refusal = tried(actions.agree_to_be_named, person=person, version=version, by=by)
        said = _("You have agreed. The programme names you from now on.")
    else:
        _done, refusal = tried(actions.be_named_no_more, person=person, by=by)
        said = _("The programme names you no more.")
    return (True if refusal is None else None), refusal, said
