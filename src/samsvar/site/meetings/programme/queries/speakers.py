"""Queries for people whom organisers add to sessions by name and address: their link, page and other data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q

from samsvar.meetings.registration import ACTIVE_STATUSES
from samsvar.network.people import Field
from samsvar.site.meetings import models
from samsvar.site.meetings.registration.queries.naming_consent import NamingConsent, naming_consent_of
from samsvar.site.meetings.registration.queries.own import edits_own_name
from samsvar.site.network.access.permissions import Account, Person
from samsvar.site.network.directory.queries.participants import participant_views
from samsvar.site.network.directory.queries.people import PersonView

MIN_TIME_BETWEEN_REQUESTS = timedelta(days=1)  # minimum time between two emails to the same person
SHOWN_FIELDS = (Field.NAME, Field.TITLE, Field.ORGANISATION, Field.COUNTRY)


def find_speaker_link(slug: str, token_hash: str) -> models.SpeakerLink | None:
    """Return the link with this hash; None if there is none."""
    links = models.SpeakerLink.objects.select_related("meeting", "person__account")
    return links.filter(meeting__public_id=slug, token_hash=token_hash).first()


def speaker_link_of_appearance(appearance: models.Appearance) -> models.SpeakerLink | None:
    """Return the link emailed to the person of an appearance; None if they were not emailed."""
    links = models.SpeakerLink.objects.select_related("meeting", "person")
    return links.filter(meeting=appearance.session.meeting_id, person=appearance.person_id).order_by("-pk").first()


def find_participant(meeting: models.Meeting, email: str) -> Person | None:
    """Return the participant whom the organiser knows by this address; never a person at risk."""
    by_address = Q(invitation__email=email) | Q(person__account__email=email)
    registrations = meeting.registrations.filter(
        by_address, status__in=ACTIVE_STATUSES, person__at_risk=False, person__erased_at__isnull=True
    )
    registration = registrations.select_related("person").order_by("pk").first()
    return registration.person if registration is not None else None


def is_hidden(account: Account | None) -> bool:
    """Return whether the signed-in person is hidden for their safety."""
    return account is not None and Person.objects.filter(account=account, at_risk=True).exists()


def has_other_data(person: Person, *, except_meeting: int | None = None) -> bool:
    """Return whether other data refer to a person: account, network, place, proposal, link or session.

    `except_meeting`: primary key of a meeting whose sessions do not count.
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
    """The page behind a person's link: their sessions, their details and what the programme may publish."""

    link: models.SpeakerLink
    written: PersonView | None
    sessions: tuple[tuple[models.Session, tuple[str, str, str]], ...]  # with part, interpretation language, channel
    naming: NamingConsent | None  # None: no consent is requested
    can_edit_name: bool  # here, not in a profile of their own
    is_separate: bool  # they are hidden elsewhere, and this page must not reveal that it is them

    @property
    def initial_details(self) -> dict[str, str]:
        """Return their current name, position and organisation, to be corrected."""
        return {one: self.written.first(one) for one in SHOWN_FIELDS} if self.written else {}

    @property
    def waits(self) -> bool:
        """Return whether they have not answered yet if they may be named."""
        return self.link.answered_at is None and self.naming is not None and not self.naming.agreed


def speaker_page(link: models.SpeakerLink, account: Account | None) -> SpeakerPage:
    """Return the page of a link for its holder, with the account that its address belongs to, if any."""
    person, meeting = link.person, link.meeting
    is_separate = person.account_id is None and is_hidden(account)
    appearances = models.Appearance.objects.filter(session__meeting=meeting, person=person).select_related(
        "session__room"
    )
    subject = f"meeting {meeting.public_id}"
    return SpeakerPage(
        link,
        participant_views(None, [person], subject=subject, fields=SHOWN_FIELDS).get(person.pk),
        tuple(
            (one.session, (one.part, one.language, ""))
            for one in appearances.order_by("session__starts", "session", "pk")
        ),
        None if is_separate or link.declined_at is not None else naming_consent_of(person),
        edits_own_name(person) and not is_separate,
        is_separate,
    )
