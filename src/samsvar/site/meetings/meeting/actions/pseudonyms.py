"""Actions that keep the pseudonyms of people at risk, one for each meeting."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q

from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.actions.details import record_change
from samsvar.site.meetings.meeting.queries.pseudonyms import derive_pseudonym
from samsvar.site.network.access.permissions import Account, Person
from samsvar.site.network.directory.actions.people import PseudonymMissing


def keep_pseudonyms(*, person: Person, meeting: str = "") -> None:
    """Keep the pseudonym of a person at risk for each meeting in which they take part.

    `meeting` is the public ID of the meeting for which `person.pseudonym` was agreed; "" if it was agreed without one,
    in which case it is used for the last of their meetings. It is used for one meeting only. The caller provides the
    transaction.
    """
    if not person.at_risk:
        return
    taking_part = Q(registrations__person=person) | Q(sessions__appearances__person=person)
    agreed_for = models.Meeting.objects.filter(public_id=meeting).first() if meeting else None
    if agreed_for is not None:
        models.MeetingPseudonym.objects.update_or_create(
            meeting=agreed_for, person=person, defaults={"name": person.pseudonym}
        )
    known = models.MeetingPseudonym.objects.filter(person=person)
    is_used = known.filter(name=person.pseudonym).exists()
    others = models.Meeting.objects.filter(taking_part).exclude(pk__in=known.values("meeting")).distinct()
    for other in others.order_by("-begins", "-pk"):
        name = derive_pseudonym(other, person) if is_used else person.pseudonym
        models.MeetingPseudonym.objects.create(meeting=other, person=person, name=name)
        is_used = True


def change_pseudonym(*, registration: models.Registration, pseudonym: str, by: Account | None) -> str:
    """Change a participant's pseudonym at one meeting, at their own request. `by` is None if they use their link."""
    person, name = registration.person, pseudonym.strip()
    if person is None or not person.at_risk or not name:
        raise PseudonymMissing
    with transaction.atomic():
        models.MeetingPseudonym.objects.update_or_create(
            meeting=registration.meeting, person=person, defaults={"name": name}
        )
        record_change(by, registration.meeting, "changed a pseudonym", person=person.public_id)
    return name
