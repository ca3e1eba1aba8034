"""Organisations, and the values their filters offer."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from django.db.models import QuerySet

from samsvar.network.people import organisation_in_words
from samsvar.site.network import models


def organisations(*, kind: str = "", state: str = "") -> QuerySet[models.Organisation]:
    """Organisations by country and name."""
    found = models.Organisation.objects.order_by("state_id", "name")
    if kind:
        found = found.filter(kind=kind)
    return found.filter(state_id=state) if state else found


def values_of_organisations(said: Sequence[tuple[str, str]]) -> list[str]:
    """What `Field.ORGANISATION` holds of people who name where they come from: each name with the person's country.

    The public id where one of the list alone has this name, in small or capital letters, and is of no other country
    than the person; else the words. "" for no name.
    """
    listed: dict[str, list[tuple[str, str]]] = {}
    if any(name.strip() for name, _country in said):
        for public_id, name, state in models.Organisation.objects.values_list("public_id", "name", "state_id"):
            listed.setdefault(_folded(name), []).append((public_id, state or ""))
    values = []
    for name, country in said:
        found = [
            public_id
            for public_id, state in listed.get(_folded(name), ())
            if not (state and country) or state == country
        ]
        values.append(found[0] if len(found) == 1 else organisation_in_words(name) if name.strip() else "")
    return values


def _folded(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())
