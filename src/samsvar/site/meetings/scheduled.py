"""Daily tasks for meetings, called by the network's daily task."""

from __future__ import annotations

from datetime import datetime

from samsvar.site.meetings.contributions.reviewers import email_reviewers
from samsvar.site.meetings.outcomes.actions.follow_up import send_follow_ups
from samsvar.site.meetings.outcomes.actions.survey import announce_surveys
from samsvar.site.meetings.registration.actions.delegations import expire_nominations
from samsvar.site.meetings.registration.actions.invitations import send_daily_reminders


def run_meeting_tasks(*, now: datetime) -> dict[str, int]:
    """Expire overdue nominations, and send due emails about commitments, invitations, surveys and reviews.

    Return the number of items per task, without the tasks that had none.
    """
    counts = {
        "asked_how_it_goes": send_follow_ups(now=now),
        "nominations_ran_out": expire_nominations(now=now),
        "reminded_of_meetings": send_daily_reminders(now=now),
        "told_of_evaluations": announce_surveys(now=now),
        "told_reviewers": email_reviewers(now=now),
    }
    return {task: count for task, count in counts.items() if count}
