"""Emails to helpers about their duties at a meeting."""

from __future__ import annotations

from samsvar.site.meetings import models
from samsvar.site.meetings.meeting import labels
from samsvar.site.network.emails.actions import notify

# for newly assigned duties
DUTY_EMAILS = {
    models.Duty.Kind.DOOR: "asked_to_the_door",
    models.Duty.Kind.RECORD: "asked_to_record",
    models.Duty.Kind.REVIEW: "asked_to_review",
}


def email_helper(duty: models.Duty, kind: str, *, count: int = 0) -> bool:
    """Email a helper a link to the page for their duty; return whether the email was queued."""
    meeting, account, page = duty.meeting, duty.account, labels.DUTY_MENU[duty.kind][0]
    title = meeting.get_title(account.language or "en")
    email = notify(account, f"meetings/{kind}", page=page, args=[meeting.public_id], meeting=title, count=count)
    return email is not None
