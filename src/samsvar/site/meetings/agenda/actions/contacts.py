"""Actions of participants who could help each other: agree to be suggested, and ask for a talk."""

from __future__ import annotations

from django.db import transaction

from samsvar.exchange.requests import HelpForm
from samsvar.site.exchange.introductions.actions import AlreadyProposed, ask_for_introduction
from samsvar.site.exchange.introductions.models import Introduction
from samsvar.site.meetings import models
from samsvar.site.meetings.agenda.errors import ContactNotAvailable
from samsvar.site.meetings.agenda.queries import contacts as queries
from samsvar.site.meetings.attendance.actions.check_in import record_registration_action
from samsvar.site.network.access.permissions import Account


def agree_to_suggestions(*, by: Account, registration: models.Registration, agrees: bool) -> models.Registration:
    """Set whether a participant is suggested to others here. Someone at risk never is."""
    with transaction.atomic():
        registration.is_suggested = agrees and registration.person is not None and not registration.person.at_risk
        registration.save(update_fields=["is_suggested"])
        verb = "agreed to be suggested at the meeting" if agrees else "no longer agrees to be suggested at the meeting"
        record_registration_action(by, verb, registration)
    return registration


def ask_for_talk(*, by: Account, registration: models.Registration, request: str, whom: str) -> Introduction:
    """Ask the secretariat for an introduction to a suggested participant, for a talk at the meeting.

    `request` is the public ID of one of the user's requests, `whom` the key of a contact. Raises ContactNotAvailable,
    and AlreadyProposed if there is a current introduction about it.
    """
    suggested = queries.find_contact(by, registration, request, whom)
    if suggested is None:
        raise ContactNotAvailable
    help_request, contact = suggested
    if contact.was_asked:
        raise AlreadyProposed
    helper = contact.helper
    return ask_for_introduction(
        by=by,
        request=help_request,
        form_of_help=HelpForm.CALL,
        practice=helper.practice,
        offer=helper.offer,
        helper=None if helper.practice or helper.offer else helper.account,
        match=queries.frozen_match(contact),
        at_meeting=registration.meeting.public_id,
    )
