"""Queries for details that must be kept after an erasure, under a legal basis other than consent."""

from __future__ import annotations

from datetime import datetime

from samsvar.network.consent import LegalBasis, Purpose
from samsvar.network.people import Field
from samsvar.site.network import models
from samsvar.site.network.access.permissions import in_force_filter

# Legal bases that require records of official meetings to be kept: Article 17(3)(b) of the GDPR.
RETENTION_BASES = (LegalBasis.LEGAL_OBLIGATION, LegalBasis.PUBLIC_TASK)
# Fields that such a duty keeps, by purpose; all others are deleted. Membership is not listed, because it ends
# with the erasure.
FIELDS_KEPT_BY_PURPOSE: dict[Purpose, tuple[Field, ...]] = {
    Purpose.MEETINGS: (Field.NAME, Field.ORGANISATION, Field.COUNTRY),
    Purpose.PROGRAMME: (Field.NAME,),
}


def retention_duties(person: models.Person, now: datetime) -> list[models.Basis]:
    """Return a person's current legal bases that require details to be kept."""
    return list(
        person.bases.filter(in_force_filter(now), ground__in=RETENTION_BASES, purpose__in=FIELDS_KEPT_BY_PURPOSE)
    )


def retained_fields(person: models.Person, now: datetime) -> frozenset[Field]:
    """Return the fields of a person that must be kept; empty if no duty applies."""
    return frozenset(
        field for basis in retention_duties(person, now) for field in FIELDS_KEPT_BY_PURPOSE[Purpose(basis.purpose)]
    )
