"""Validation of the reasons for actions that affect other people. Each action applies it, wherever it is called."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from samsvar.site.shell.errors import SiteError

MIN_REASON_LENGTH = 10  # characters; "work", "lost" or "needed" explains nothing to a reader of the audit log


class ReasonTooShort(SiteError):
    """The reason is too short to be useful in the audit log."""

    message = _("The reason is too short.")
    advice = _("Give a reason of at least 10 characters.")


def validate_reason(text: str) -> str:
    """Return the reason as it is stored in the audit log; raise `ReasonTooShort` if it is too short."""
    reason = " ".join(text.split())
    if len(reason) < MIN_REASON_LENGTH:
        raise ReasonTooShort
    return reason
