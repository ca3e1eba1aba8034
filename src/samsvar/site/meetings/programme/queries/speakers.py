"""Queries for people added to sessions by name and email address: their link, their page and other data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q

from samsvar.ids import random_id
from samsvar.meetings.registration import ACTIVE_STATUSES
from samsvar.network.people import Field
from samsvar.site.meetings import models
from samsvar.site.meetings.registration.queries.naming_consent import NamingConsent, get_naming_consent
from samsvar.site.meetings.registration.queries.own import can_edit_own_name
from samsvar.site.network.access.permissions import Account, Person
from samsvar.site.network.directory.queries.participants import get_visible_participants
from samsvar.site.network.directory.queries.people import VisiblePerson

MIN_TIME_BETWEEN_REQUESTS = timedelta(days=1)  # minimum time between two emails to the same person
SHOWN_FIELDS = (Field.NAME, Field.TITLE, Field.ORGANISATION, Field.COUNTRY)


def find_speaker_link(slug: str, token_hash: str) -> models.SpeakerLink | None:
    """Return the speaker link of a meeting that has this token hash; None if there is none."""
    links = models.SpeakerLink.objects.select_related("meeting", "person__account")
    return links.filter(meeting__public_id=slug, token_hash=token_hash).first()


def find_appearance_link(appearance: models.Appearance) -> models.SpeakerLink | None:
    """Return the link emailed to the person of an appearance; None if they were not emailed."""
    links = models.SpeakerLink.objects.select_related("meeting", "person")
    return links.filter(meeting=appearance.session.meeting_id, person=appearance.person_id).order_by("-pk").first()


def find_participant(meeting: models.Meeting, email: str) -> Person | None:
    """Return the participant registered under this address; never a person at risk."""
    by_address = Q(invitation__email=email) | Q(person__account__email=email)
    registrations = meeting.registrations.filter(
        by_address, status__in=ACTIVE_STATUSES, person__at_risk=False, person__erased_at__isnull=True
    )
    registration = registrations.select_related("person").order_by("pk").first()
    return registration.person if registration is not None else None


def get_appearance_key(meeting: models.Meeting, person: Person) -> str:
    """Return the key under which a person appears at this meeting, or a new one if they do not appear yet."""
    earlier = models.Appearance.objects.filter(session__meeting=meeting, person=person).order_by("pk").first()
    return earlier.key if earlier else random_id()


def is_account_holder_at_risk(account: Account | None) -> bool:
    """Return whether the identity of an account's holder is hidden for their safety; False if there is no account."""
    return account is not None and Person.objects.filter(account=account, at_risk=True).exists()


def has_other_data(person: Person, *, except_meeting: int | None = None) -> bool:
    """Return whether a person has an account, memberships, registrations, contributions, speaker links or sessions.

    Sessions of the meeting with the primary key `except_meeting` do not count.
    """
    return (
        person.account_id is not None
        or person.memberships.exists()
        or models.Registration.objects.filter(person=person).exists()
        or models.Contribution.objects.filter(person=person).exists()
        or models.SpeakerLink.objects.filter(person=person).exists()
        or models.Appearance.objects.filter(person=person).exclude(session__meeting=except_meeting).exists()
    )


@dataclass(frozen=True, slots=True)
class SpeakerPage:
    """The page that a speaker's link opens: their sessions, their details and what the programme may publish."""

    link: models.SpeakerLink
    details: VisiblePerson | None
    sessions: tuple[tuple[models.Session, tuple[str, str, str]], ...]  # with (role, interpretation language, channel)
    naming_consent: NamingConsent | None  # None: no consent is requested
    can_edit_name: bool  # on this page, because they have no profile of their own
    is_separate: bool  # the account holder's identity is hidden, and the page must not show that it is about them

    @property
    def initial_details(self) -> dict[str, str]:
        """Return the person's current name, position, organisation and country, for the correction form."""
        return {one: self.details.get_first_value(one) for one in SHOWN_FIELDS} if self.details else {}

    @property
    def is_awaiting_answer(self) -> bool:
        """Return whether the person has not yet answered whether they may be named."""
        return self.link.answered_at is None and self.naming_consent is not None and not self.naming_consent.is_given


def speaker_page(link: models.SpeakerLink, account: Account | None) -> SpeakerPage:
    """Return the page of a speaker link. `account` is the one with the link's address, or None."""
    person, meeting = link.person, link.meeting
    is_separate = person.account_id is None and is_account_holder_at_risk(account)
    appearances = models.Appearance.objects.filter(session__meeting=meeting, person=person)
    appearances = appearances.select_related("session__room").order_by("session__starts", "session", "pk")
    subject = f"meeting {meeting.public_id}"
    return SpeakerPage(
        link,
        get_visible_participants(None, [person], subject=subject, fields=SHOWN_FIELDS).get(person.pk),
        tuple((one.session, (one.part, one.language, "")) for one in appearances),
        None if is_separate or link.declined_at is not None else get_naming_consent(person),
        can_edit_own_name(person) and not is_separate,
        is_separate,
    )
