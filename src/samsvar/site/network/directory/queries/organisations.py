"""Queries for organisations, and matching of names to listed organisations."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from django.db.models import QuerySet

from samsvar.network.people import format_unlisted_organisation
from samsvar.site.network import models


def organisations(*, kind: str = "", state: str = "") -> QuerySet[models.Organisation]:
    """Return organisations, ordered by country and name."""
    queryset = models.Organisation.objects.order_by("state_id", "name")
    if kind:
        queryset = queryset.filter(kind=kind)
    return queryset.filter(state_id=state) if state else queryset


def organisation_field_values(names: Sequence[tuple[str, str]]) -> list[str]:
    """Return the value of `Field.ORGANISATION` for each pair of an organisation's name and the person's country.

    The value is the public id if exactly one listed organisation has this name, ignoring case, and is not in another
    country; otherwise it is the name itself in quotation marks. For an empty name it is "".
    """
    listed: dict[str, list[tuple[str, str]]] = {}
    if any(name.strip() for name, _country in names):
        for public_id, name, state in models.Organisation.objects.values_list("public_id", "name", "state_id"):
            listed.setdefault(_fold_name(name), []).append((public_id, state or ""))
    values = []
    for name, country in names:
        same_name = listed.get(_fold_name(name), ())
        matches = [public_id for public_id, state in same_name if not (state and country) or state == country]
        values.append(matches[0] if len(matches) == 1 else format_unlisted_organisation(name) if name.strip() else "")
    return values


def _fold_name(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())
