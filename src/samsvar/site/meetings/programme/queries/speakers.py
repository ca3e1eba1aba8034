"""Whom organisers put into sessions by name and address: their link, their page, and what else is known of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q

from samsvar.meetings.registration import OPEN
from samsvar.network.people import Field
from samsvar.site.meetings import models
from samsvar.site.meetings.registration.queries.naming_consent import Naming, naming_of
from samsvar.site.meetings.registration.queries.own import writes_own_name
from samsvar.site.network.access.permissions import Account, Person
from samsvar.site.network.directory.queries.participants import participants_for
from samsvar.site.network.directory.queries.people import PersonView

QUIET = timedelta(days=1)  # nobody is asked again before
SHOWN = (Field.NAME, Field.TITLE, Field.ORGANISATION, Field.COUNTRY)


def link_with(slug: str, token_hash: str) -> models.SpeakerLink | None:
    """The link that this hash belongs to; None where nobody was sent it."""
    rows = models.SpeakerLink.objects.select_related("meeting", "person__account")
    return rows.filter(meeting__public_id=slug, token_hash=token_hash).first()


def link_of(appearance: models.Appearance) -> models.SpeakerLink | None:
    """How somebody in a session was asked; None where nobody asked them by a letter."""
    rows = models.SpeakerLink.objects.select_related("meeting", "person")
    return rows.filter(meeting=appearance.session.meeting_id, person=appearance.person_id).order_by("-pk").first()


def participant_with(meeting: models.Meeting, email: str) -> Person | None:
    """The participant whom whoever runs the meeting knows by this address; nobody at risk, whose list is another."""
    theirs = Q(invitation__email=email) | Q(person__account__email=email)
    rows = meeting.registrations.filter(
        theirs, standing__in=OPEN, person__at_risk=False, person__erased_at__isnull=True
    )
    row = rows.select_related("person").order_by("pk").first()
    return row.person if row is not None else None


def hides(account: Account | None) -> bool:
    """Whether whoever signs in is hidden for their safety."""
    return account is not None and Person.objects.filter(account=account, at_risk=True).exists()


def is_known_otherwise(person: Person, *, than: int | None = None) -> bool:
    """Whether anything is left of a person: an account, a network, a place, an offer, a link, or a session.

    `than`: the key of a meeting whose sessions do not count.
    """
    return (
        person.account_id is not None
        or person.memberships.exists()
        or models.Registration.objects.filter(person=person).exists()
        or models.Contribution.objects.filter(person=person).exists()
        or models.SpeakerLink.objects.filter(person=person).exists()
        or models.Appearance.objects.filter(person=person).exclude(session__meeting=than).exists()
    )


@dataclass(frozen=True, slots=True)
class SpeakingPage:
    """What somebody reads by their link: their sessions, what is written of them, what the programme may say."""

    link: models.SpeakerLink
    written: PersonView | None
    sessions: tuple[tuple[models.Session, tuple[str, str, str]], ...]  # as what, into which language, on which channel
    naming: Naming | None  # None: they are not asked
    writes_name: bool  # here, and not in an entry of their own
    keeps_apart: bool  # they are hidden elsewhere, and nobody shall see that it is them

    @property
    def written_so(self) -> dict[str, str]:
        """Name, position and organisation as they are written now, to be corrected."""
        return {one: self.written.first(one) for one in SHOWN} if self.written else {}

    @property
    def waits(self) -> bool:
        """Whether they have not said yet if they may be named."""
        return self.link.answered_at is None and self.naming is not None and not self.naming.agreed


def speaking_page(link: models.SpeakerLink, account: Account | None) -> SpeakingPage:
    """The page of a link for whoever has it, with the account that its address belongs to, if it does."""
    person, meeting = link.person, link.meeting
    apart = person.account_id is None and hides(account)
    rows = models.Appearance.objects.filter(session__meeting=meeting, person=person).select_related("session__room")
    subject = f"meeting {meeting.public_id}"
    return SpeakingPage(
        link,
        participants_for(None, [person], subject=subject, fields=SHOWN).get(person.pk),
        tuple((one.session, (one.part, one.language, "")) for one in rows.order_by("session__starts", "session", "pk")),
        None if apart or link.declined_at is not None else naming_of(person),
        writes_own_name(person) and not apart,
        apart,
    )
