"""Settings for the data controller, and for retention periods that differ from the defaults."""

from __future__ import annotations

import os

from django.core.exceptions import ImproperlyConfigured


def parse_retention_days(value: str) -> dict[str, int]:
    """Parse "letters=14,questions=90" into {"letters": 14, "questions": 90}.

    A system check reports unknown rule names.
    """
    days: dict[str, int] = {}
    for entry in filter(None, (part.strip() for part in value.split(","))):
        rule, _sign, period = (half.strip() for half in entry.partition("="))
        if not rule or not period.isdecimal() or int(period) < 1:
            raise ImproperlyConfigured(f"SAMSVAR_RETENTION: “{entry}” must look like letters=14, in days from 1.")
        days[rule] = int(period)
    return days


# Named in the privacy notice and in the record of processing (Articles 13 and 30 of the GDPR).
SAMSVAR_CONTROLLER = os.environ.get("SAMSVAR_CONTROLLER", "")  # the organisation and its postal address
SAMSVAR_PRIVACY_CONTACT = os.environ.get("SAMSVAR_PRIVACY_CONTACT", "")  # e.g. of the data protection officer

# The rules and their default periods are listed in docs/reference/processing.md.
SAMSVAR_RETENTION = parse_retention_days(os.environ.get("SAMSVAR_RETENTION", ""))
