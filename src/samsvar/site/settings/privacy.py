"""Who answers for the data, and how long each kind of it stays where a site wants another period than ours."""

from __future__ import annotations

import os

# Named in the privacy notice and in the record of processing (Articles 13 and 30 of the GDPR).
SAMSVAR_CONTROLLER = os.environ.get("SAMSVAR_CONTROLLER", "")  # the body and its postal address
SAMSVAR_PRIVACY_CONTACT = os.environ.get("SAMSVAR_PRIVACY_CONTACT", "")  # an address; the data protection officer's

# Days by kind, as "letters=14,questions=90"; the kinds and their periods stand in docs/reference/processing.md.
SAMSVAR_RETENTION = {
    kind.strip(): int(days)
    for kind, _, days in (
        one.partition("=") for one in os.environ.get("SAMSVAR_RETENTION", "").split(",") if one.strip()
    )
}
