"""Participants of meetings as those see them who run the meeting: what registration asked, where that is lawful.

Only `site/meetings` asks here, after its own `permissions` have said that this user runs the meeting or helps at it.
The door still looks for the ground (`Purpose.MEETINGS`), gives no more than registration is for, and writes down the
sight.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from django.utils import timezone

from samsvar.network.consent import Purpose, Visibility
from samsvar.network.people import Field
from samsvar.site.audit.actions import record_sight
from samsvar.site.network import models
from samsvar.site.network.access.permissions import User, access_of, in_force
from samsvar.site.network.directory.queries.people import PersonView, told_in

# What the organiser of a meeting needs of whoever takes part; a telephone number or a photograph is asked for nowhere.
OF_A_PARTICIPANT = frozenset(
    {Field.NAME, Field.TITLE, Field.ORGANISATION, Field.COUNTRY, Field.GROUP, Field.LANGUAGES, Field.EMAIL}
)
GIVES_THE_COUNTRY_AWAY = (Field.COUNTRY, Field.ORGANISATION)


def participants_for(
    user: User | None,
    people: Iterable[models.Person],
    *,
    subject: str,
    fields: Collection[Field] = (Field.NAME,),
) -> Mapping[int, PersonView]:
    """These participants by the key of their row, for whoever runs their meeting; None: the site itself, for a letter.

    Who was erased, or whose ground has ended, has nothing told. Of people at risk neither the country is told nor the
    organisation, which would give it away.
    """
    wanted = [person for person in people if person.erased_at is None]
    keys = [person.pk for person in wanted]
    lawful = set(
        models.Basis.objects.filter(
            in_force(timezone.now()), person__in=keys, purpose__in=(Purpose.MEETINGS, Purpose.MEMBERSHIP)
        ).values_list("person_id", flat=True)
    )
    rows = list(
        models.Detail.objects.filter(person__in=lawful, field__in=OF_A_PARTICIPANT.intersection(fields))
        .exclude(visibility=Visibility.ONLY_ME)
        .exclude(person__at_risk=True, field__in=GIVES_THE_COUNTRY_AWAY)
        .order_by("field", "pk")
    )
    told = told_in(rows)
    own = access_of(user).person if user is not None else None
    views = {
        person.pk: PersonView(
            person.public_id, person.pk == own, person.invented, told.get(person.pk, ()), at_risk=person.at_risk
        )
        for person in wanted
    }
    if user is not None:
        sights = {
            view.public_id: {str(one.field) for one in view.told}
            for view in views.values()
            if view.told and not view.is_self
        }
        if sights:
            by_link = getattr(user, "known_as", "")  # without an account: the trail says by whose link
            seen_in = f"{subject}, by the link of {by_link}" if by_link else subject
            record_sight(by=None if by_link else user, people=sights, subject=seen_in)
    return views


def networks_of(people: Iterable[models.Person], besides: models.Network | None) -> list[models.Network]:
    """The networks whose secretariats answer for these people: each of which they are or were members, and one more."""
    keys = [person.pk for person in people]
    rows = models.Network.objects.filter(memberships__person__in=keys).distinct().order_by("pk")
    return list(dict.fromkeys([*([besides] if besides is not None else []), *rows]))
