"""What meetings have to do once a day; the network's daily task asks for it."""

from __future__ import annotations

from datetime import datetime

from samsvar.site.meetings.contributions.reviewers import tell_of_new_contributions
from samsvar.site.meetings.outcomes.actions.follow_up import ask_how_it_goes
from samsvar.site.meetings.outcomes.actions.survey import announce_surveys
from samsvar.site.meetings.registration.actions.delegations import let_run_out
from samsvar.site.meetings.registration.actions.invitations import remind_all


def each_day(*, now: datetime, host: str) -> dict[str, int]:
    """Letters that are due: how commitments go, invitations unanswered, evaluations opened, contributions to review."""
    site = f"https://{host}/"
    done = {
        "asked_how_it_goes": ask_how_it_goes(now=now, host=host),
        "nominations_ran_out": let_run_out(now=now, site=site),
        "reminded_of_meetings": remind_all(now=now, site=site),
        "told_of_evaluations": announce_surveys(now=now, site=site),
        "told_reviewers": tell_of_new_contributions(now=now, site=site),
    }
    return {what: count for what, count in done.items() if count}
