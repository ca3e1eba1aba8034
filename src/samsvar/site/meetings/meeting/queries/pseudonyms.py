"""The names and keys under which people at risk appear at a meeting. No two meetings share them.

A pseudonym or a key that is the same at two meetings, or before and after a person was hidden, would link what the
person did under it: an old copy of the programme with the real name would then reveal who is behind the pseudonym.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from django.utils.crypto import salted_hmac

from samsvar.meetings.pseudonyms import make_pseudonym
from samsvar.site.meetings import models
from samsvar.site.network.access.permissions import Person


def get_pseudonyms(meeting: models.Meeting, people: Iterable[Person]) -> Mapping[int, str]:
    """Return the pseudonym at this meeting, by primary key, of those of these people who are at risk.

    Where none was agreed for the meeting, one is derived, never the one of another meeting.
    """
    at_risk = {person.pk: person for person in people if person.at_risk}
    if not at_risk:
        return {}
    agreed = dict(meeting.pseudonyms.filter(person__in=at_risk).values_list("person_id", "name"))
    return {pk: agreed.get(pk) or derive_pseudonym(meeting, person) for pk, person in at_risk.items()}


def get_pseudonym(meeting: models.Meeting, person: Person) -> str:
    """Return the pseudonym of a person at this meeting; "" if they are not at risk."""
    return get_pseudonyms(meeting, [person]).get(person.pk, "")


def get_registration_pseudonyms(registrations: Iterable[models.Registration]) -> dict[int, str]:
    """Return the pseudonyms of those of these participants who are at risk, by primary key of the registration."""
    by_meeting: dict[models.Meeting, list[tuple[int, Person]]] = defaultdict(list)
    for registration in registrations:
        if registration.person is not None and registration.person.at_risk:
            by_meeting[registration.meeting].append((registration.pk, registration.person))
    names: dict[int, str] = {}
    for meeting, participants in by_meeting.items():
        pseudonyms = get_pseudonyms(meeting, [person for _pk, person in participants])
        names |= {pk: pseudonyms[person.pk] for pk, person in participants}
    return names


def derive_pseudonym(meeting: models.Meeting, person: Person) -> str:
    """Return an invented name that is always the same for one person at one meeting."""
    return make_pseudonym(_person_digest("pseudonym", meeting, person))


def hidden_person_key(meeting: models.Meeting, person: Person) -> str:
    """Return the key of a person at risk in the programme and its feeds, unrelated to that before they were hidden."""
    return _person_digest("programme", meeting, person).hex()[:16]


def _person_digest(use: str, meeting: models.Meeting, person: Person) -> bytes:
    salt, value = f"samsvar.meetings.{use}", f"{meeting.public_id}/{person.public_id}"
    return salted_hmac(salt, value, algorithm="sha256").digest()
