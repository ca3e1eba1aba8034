"""What has to stay of somebody who is erased, because a ground other than consent asks for it."""

from __future__ import annotations

from datetime import datetime

from samsvar.network.consent import Ground, Purpose
from samsvar.network.people import Field
from samsvar.site.network import models
from samsvar.site.network.access.permissions import in_force

# Grounds under which what an official meeting has to show may not go: Article 17(3)(b) of the GDPR.
DUTIES = (Ground.LEGAL_OBLIGATION, Ground.PUBLIC_TASK)
# What such a duty needs, by the use it is recorded for; all else goes. Membership itself is none: it ends.
KEPT_BY_DUTY: dict[Purpose, tuple[Field, ...]] = {
    Purpose.MEETINGS: (Field.NAME, Field.ORGANISATION, Field.COUNTRY),
    Purpose.PROGRAMME: (Field.NAME,),
}


def duties_of(person: models.Person, now: datetime) -> list[models.Basis]:
    """Grounds other than consent that hold now, and under which something has to stay."""
    return list(person.bases.filter(in_force(now), ground__in=DUTIES, purpose__in=KEPT_BY_DUTY))


def fields_kept(person: models.Person, now: datetime) -> frozenset[Field]:
    """What duties keep of a person; nothing where there is none."""
    return frozenset(field for basis in duties_of(person, now) for field in KEPT_BY_DUTY[Purpose(basis.purpose)])
