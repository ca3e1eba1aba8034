"""Queries for the quotas that a registration or a delegation counts against."""

from __future__ import annotations

from collections.abc import Iterable

from samsvar.meetings import registration as library
from samsvar.meetings.registration import QuotaKind, RegistrationStatus
from samsvar.site.meetings import models

PLACE_HOLDING_STATUSES = sorted(one.value for one in RegistrationStatus if one.has_place)
QUOTA_ORDER = {kind.value: number for number, kind in enumerate(QuotaKind)}


def registration_quotas(registration: models.Registration, quotas: Iterable[models.Quota]) -> list[models.Quota]:
    """Return the quotas that a registration counts against, in locking order."""
    country = registration.state_id or "" if registration.counts_by_country else ""
    return _matching_quotas(quotas, country=country, group=registration.group, category=registration.category)


def delegation_quotas(delegation: models.Delegation, quotas: Iterable[models.Quota]) -> list[models.Quota]:
    """Return the quotas that an unfilled place counts against: the total and that of the delegation's country."""
    return _matching_quotas(quotas, country=delegation_country(delegation), group="", category="")


def delegation_country(delegation: models.Delegation) -> str:
    """Return the country that a delegation counts under: its own, or that of its organisation."""
    organisation_state = delegation.organisation.state_id if delegation.organisation is not None else None
    return delegation.state_id or organisation_state or ""


def _matching_quotas(quotas: Iterable[models.Quota], *, country: str, group: str, category: str) -> list[models.Quota]:
    return sort_for_locking(
        quota
        for quota in quotas
        if library.Quota(QuotaKind(quota.kind), quota.key, quota.places).applies_to(
            country=country, group=group, category=category
        )
    )


def sort_for_locking(quotas: Iterable[models.Quota]) -> list[models.Quota]:
    """Return quotas in the order in which they are locked. The total, which everyone needs, is last."""
    return sorted(quotas, key=lambda quota: (-QUOTA_ORDER[quota.kind], quota.key))
