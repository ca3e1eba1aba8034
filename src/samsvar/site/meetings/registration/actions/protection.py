"""Actions that hide the identity of people at risk, at their own request or by an organiser with a reason.

They set the network's flag `at_risk`, which takes effect at every meeting and in the directory at once. Meetings have
actions of their own because a guest has neither a profile nor a secretariat.
"""

from __future__ import annotations

from django.db import transaction

from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.permissions import check_can_manage
from samsvar.site.meetings.registration.actions.emails import email_participant
from samsvar.site.meetings.registration.actions.places import lock_registration
from samsvar.site.meetings.registration.actions.registering import restrict_visibility_at_all_meetings
from samsvar.site.meetings.registration.errors import StatusConflict
from samsvar.site.network.access.permissions import Account
from samsvar.site.network.directory.actions.people import end_safety_protection, hide_participant_profile


def hide_own_identity(*, registration: models.Registration, pseudonym: str, by: Account | None) -> models.Registration:
    """Hide a participant's identity at their own request. `by` is None if they use the link of their registration."""
    return _hide_identity(registration, pseudonym, by=by, self_requested=True)


def hide_identity_by_organiser(
    *, registration: models.Registration, pseudonym: str, by: Account, why: str
) -> models.Registration:
    """Hide a participant's identity at an organiser's request.

    The participant is emailed a link, without saying what changed or why, because others may read the mailbox.
    """
    check_can_manage(by, registration.meeting)
    with transaction.atomic():
        current = _hide_identity(registration, pseudonym, by=by, self_requested=False, why=why)
        email_participant(current, "changed_by_others")
    return current


def end_protection(*, registration: models.Registration) -> models.Registration:
    """End the protection of a person without an account, who uses the link of their registration.

    People with an account end it there, after signing in. The person and every secretariat concerned are emailed, as
    when it ends anywhere else. Nothing is shown again until the person chooses to show it.
    """
    with transaction.atomic():
        current = lock_registration(registration)
        if current.person is None or current.person.account_id is not None:
            raise StatusConflict
        end_safety_protection(person=current.person, by=None, why="through the link of their registration")
        email_participant(current, "changed_by_others")
    return current


def _hide_identity(
    registration: models.Registration, pseudonym: str, *, by: Account | None, self_requested: bool, why: str = ""
) -> models.Registration:
    with transaction.atomic():
        current = lock_registration(registration)
        if current.person is None:
            raise StatusConflict
        hide_participant_profile(
            person=current.person, pseudonym=pseudonym, by=by, meeting=current.meeting.public_id, own=self_requested,
            why=why,
        )  # fmt: skip
        restrict_visibility_at_all_meetings(current.person)
    return current
