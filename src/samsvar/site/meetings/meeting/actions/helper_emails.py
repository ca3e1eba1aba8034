"""Email a helper about their task."""

from __future__ import annotations

from samsvar.languages import best
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting import labels as words
from samsvar.site.network.emails.actions import tell

# of a duty that was just given
LETTER_OF_DUTY = {
    models.Duty.Kind.DOOR: "asked_to_the_door",
    models.Duty.Kind.RECORD: "asked_to_record",
    models.Duty.Kind.REVIEW: "asked_to_review",
}


def tell_helper(duty: models.Duty, kind: str, *, site: str, count: int = 0) -> bool:
    """Write to whoever has this duty where their page is; whether a letter was written."""
    meeting, account = duty.meeting, duty.account
    title = best(meeting.title, account.language or "en", (meeting.languages or [""])[0])[1]
    letter = tell(
        account=account,
        kind=f"meetings/{kind}",
        site=site,
        page=words.DUTIES_WAYS[duty.kind][0],
        args=[meeting.public_id],
        meeting=title,
        count=count,
    )
    return letter is not None
