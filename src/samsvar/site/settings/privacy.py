"""Who answers for the data, and how long each kind of it stays where a site wants another period than ours."""

from __future__ import annotations

import os

from django.core.exceptions import ImproperlyConfigured


def days_by_kind(said: str) -> dict[str, int]:
    """ "letters=14,questions=90" → {"letters": 14, "questions": 90}; whether there are such kinds, `check` says."""
    days: dict[str, int] = {}
    for one in filter(None, (part.strip() for part in said.split(","))):
        kind, _sign, number = (half.strip() for half in one.partition("="))
        if not kind or not number.isdecimal() or int(number) < 1:
            raise ImproperlyConfigured(f"SAMSVAR_RETENTION: “{one}” is not like letters=14, in days from 1.")
        days[kind] = int(number)
    return days


# Named in the privacy notice and in the record of processing (Articles 13 and 30 of the GDPR).
SAMSVAR_CONTROLLER = os.environ.get("SAMSVAR_CONTROLLER", "")  # the body and its postal address
SAMSVAR_PRIVACY_CONTACT = os.environ.get("SAMSVAR_PRIVACY_CONTACT", "")  # an address; the data protection officer's

# The kinds and their periods stand in docs/reference/processing.md.
SAMSVAR_RETENTION = days_by_kind(os.environ.get("SAMSVAR_RETENTION", ""))
