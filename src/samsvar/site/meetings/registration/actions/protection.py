"""Somebody who must not be found takes part: hidden as they ask, or as whoever runs the meeting says why.

It is the network's own mark (`at_risk`), so that it holds at every meeting and in the directory at once. What this adds
is who may ask for it: a guest has no entry and no secretariat of their own.
"""

from __future__ import annotations

from django.db import transaction

from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.permissions import must_manage
from samsvar.site.meetings.registration.actions.emails import write_to
from samsvar.site.meetings.registration.actions.places import _locked
from samsvar.site.meetings.registration.actions.registering import show_nowhere
from samsvar.site.meetings.registration.errors import StandsOtherwise
from samsvar.site.network.access.permissions import Account
from samsvar.site.network.directory.actions.people import end_hiding_for_safety, hide_participant


def hide_oneself(*, registration: models.Registration, pseudonym: str, by: Account | None) -> models.Registration:
    """Hide whoever asks, by their account or by the link of their registration (`by` None)."""
    return _hide(registration, pseudonym, by=by, own=True)


def hide_somebody(
    *, registration: models.Registration, pseudonym: str, by: Account, why: str, site: str
) -> models.Registration:
    """Hide somebody as whoever runs the meeting. A letter leads them to their page, and says neither what nor why."""
    must_manage(by, registration.meeting)
    with transaction.atomic():
        row = _hide(registration, pseudonym, by=by, own=False, why=why)
        write_to(row, "changed_by_others", site=site)
    return row


def end_hiding(*, registration: models.Registration, site: str) -> models.Registration:
    """End it by the link of one's registration. Whoever has an account ends it there, where they show who they are.

    Every secretariat concerned and the person get a letter, as when it ends anywhere else. Nothing is shown by it.
    """
    with transaction.atomic():
        row = _locked(registration)
        if row.person is None or row.person.account_id is not None:
            raise StandsOtherwise
        end_hiding_for_safety(person=row.person, by=None, site=site, why="by the link of their registration")
        write_to(row, "changed_by_others", site=site)
    return row


def _hide(
    registration: models.Registration, pseudonym: str, *, by: Account | None, own: bool, why: str = ""
) -> models.Registration:
    with transaction.atomic():
        row = _locked(registration)
        if row.person is None:
            raise StandsOtherwise
        hide_participant(person=row.person, pseudonym=pseudonym, by=by, meeting=row.meeting.public_id, own=own, why=why)
        show_nowhere(row.person)
    return row
