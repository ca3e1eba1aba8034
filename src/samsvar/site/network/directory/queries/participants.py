"""Participants' details for the organisers of a meeting: only what registration asked for, where lawful.

Only `site/meetings` calls this module, after its own `permissions` have established that the user organises the meeting
or helps at it. This module still checks the legal basis (`Purpose.MEETINGS`), returns only the fields that registration
is for, and logs the access.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from django.utils import timezone

from samsvar.network.consent import Purpose, Visibility
from samsvar.network.people import Field
from samsvar.site.audit.actions import record_access
from samsvar.site.network import models
from samsvar.site.network.access.permissions import User, get_access, in_force_filter
from samsvar.site.network.directory.queries.people import VisiblePerson, group_details_by_person

# The fields that organisers need. No registration asks for a telephone number or a photograph.
PARTICIPANT_FIELDS = frozenset(
    {Field.NAME, Field.TITLE, Field.ORGANISATION, Field.COUNTRY, Field.GROUP, Field.LANGUAGES, Field.EMAIL}
)
COUNTRY_REVEALING_FIELDS = (Field.COUNTRY, Field.ORGANISATION)


def get_visible_participants(
    user: User | None, people: Iterable[models.Person], *, subject: str, fields: Collection[Field] = (Field.NAME,)
) -> Mapping[int, VisiblePerson]:
    """Return participants by primary key, with the details that the organisers of their meeting may see.

    `user` None means that the site itself needs the details for an email. People whose data has been erased are left
    out. People without a current legal basis have no details. People at risk have neither a country nor an
    organisation, because the organisation would reveal the country.
    """
    not_erased = [person for person in people if person.erased_at is None]
    keys = [person.pk for person in not_erased]
    lawful = set(
        models.Basis.objects.filter(
            in_force_filter(timezone.now()), person__in=keys, purpose__in=(Purpose.MEETINGS, Purpose.MEMBERSHIP)
        ).values_list("person_id", flat=True)
    )
    rows = list(
        models.Detail.objects.filter(person__in=lawful, field__in=PARTICIPANT_FIELDS.intersection(fields))
        .exclude(visibility=Visibility.ONLY_ME)
        .exclude(person__at_risk=True, field__in=COUNTRY_REVEALING_FIELDS)
        .order_by("field", "pk")
    )
    details = group_details_by_person(rows)
    own = get_access(user).person if user is not None else None
    views = {
        person.pk: VisiblePerson(
            person.public_id, person.pk == own, person.fictional, details.get(person.pk, ()), at_risk=person.at_risk
        )
        for person in not_erased
    }
    if user is not None:
        sights = {
            view.public_id: {str(one.field) for one in view.details}
            for view in views.values()
            if view.details and not view.is_self
        }
        if sights:
            by_link = getattr(user, "audit_name", "")  # a user without an account: log whose link was used
            seen_in = f"{subject}, by the link of {by_link}" if by_link else subject
            record_access(by=None if by_link else user, fields_by_person=sights, subject=seen_in)
    return views


def responsible_networks(people: Iterable[models.Person], extra: models.Network | None) -> list[models.Network]:
    """Return the networks whose secretariats are responsible for these people.

    These are all networks of which the people are or were members and, if given, the network `extra`.
    """
    keys = [person.pk for person in people]
    rows = models.Network.objects.filter(memberships__person__in=keys).distinct().order_by("pk")
    return list(dict.fromkeys([*([extra] if extra is not None else []), *rows]))
