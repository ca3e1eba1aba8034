"""What outcomes, commitments and the survey hold of anybody."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from samsvar.network.consent import Ground, Purpose
from samsvar.site.meetings import models
from samsvar.site.network.data_inventory import INSIDE, Fate, Holding, HoldsNone, Kind, Whose

READERS = _("whoever may read the outcome: participants, or everybody, as the organiser opened it")
RECORDERS = _("those who run the meeting or keep its record")
RECORD = _("with the record of the meeting")

HOLDINGS: tuple[Holding, ...] = (
    Holding(
        key="outcomes_recorded",
        model="samsvar_meetings.Outcome",
        what=_("Outcomes of sessions that the person wrote down"),
        whose=Whose.STAFF,
        through=("recorded_by",),
        given=("public_id", "meeting", "kind", "text", "recorded_at"),
        withheld={"id": INSIDE, "recorded_by": INSIDE},
        plain=("session", "language", "state", "access", "article", "finding", "confirmed_at"),
        purposes=(Purpose.MEETINGS,),
        grounds=(Ground.PUBLIC_TASK, Ground.LEGITIMATE_INTERESTS),
        recipients=READERS,
        stays=RECORD,
        fate=Fate.KEPT,
        erasure=_("what was decided and promised stays; who wrote it down is an emptied account"),
    ),
    Holding(
        key="outcomes_corrected",
        model="samsvar_meetings.OutcomeChange",
        what=_("Corrections of outcomes that the person made, and why"),
        whose=Whose.STAFF,
        through=("by",),
        given=("text_before", "why", "at"),
        withheld={"id": INSIDE, "by": INSIDE, "outcome": INSIDE},
        plain=("after_closing", "before"),
        purposes=(Purpose.MEETINGS,),
        grounds=(Ground.PUBLIC_TASK, Ground.LEGITIMATE_INTERESTS),
        recipients=RECORDERS,
        stays=RECORD,
        fate=Fate.KEPT,
        erasure=_("the correction stays with the outcome that it explains, from an emptied account"),
    ),
    Holding(
        key="commitments_spoken_for",
        model="samsvar_meetings.Commitment",
        what=_("Commitments of a state or a body for which the person spoke, and is asked how they go"),
        whose=Whose.PEOPLE,
        through=("person",),
        given=("outcome", "due", "keeping", "next_follow_up"),
        withheld={"id": INSIDE, "person": INSIDE},
        plain=("state", "organisation"),
        purposes=(Purpose.MEETINGS,),
        grounds=(Ground.PUBLIC_TASK, Ground.LEGITIMATE_INTERESTS),
        recipients=_("nobody: that a state or a body promised is read, not who spoke for it"),
        stays=RECORD,
        fate=Fate.EMPTIED,
        erasure=_("the commitment stays with the state or body that made it; that the person spoke for it is removed"),
        empty={"person": None},
    ),
    Holding(
        key="progress_said",
        model="samsvar_meetings.Progress",
        what=_("What the person said of a commitment, with evidence"),
        whose=Whose.ACCOUNTS,
        through=("by",),
        given=("commitment", "keeping", "text", "evidence", "at"),
        withheld={"id": INSIDE, "by": INSIDE},
        plain=("said_as",),
        purposes=(Purpose.MEETINGS,),
        grounds=(Ground.PUBLIC_TASK, Ground.LEGITIMATE_INTERESTS),
        recipients=READERS,
        stays=RECORD,
        fate=Fate.KEPT,
        erasure=_("what was said for a state or a body stays; who said it is an emptied account"),
    ),
    Holding(
        key="asked_how_it_goes",
        model="samsvar_meetings.FollowUp",
        what=_("That the person was asked how their commitments go, and answered"),
        whose=Whose.PEOPLE,
        through=("person",),
        given=("due", "sent_at", "answered_at"),
        withheld={"id": INSIDE, "person": INSIDE, "token_hash": _("only what a link hashes to; it opens nothing")},
        plain=(),
        purposes=(Purpose.MEETINGS,),
        grounds=(Ground.PUBLIC_TASK, Ground.LEGITIMATE_INTERESTS),
        recipients=_("nobody but the person and the site itself"),
        stays="follow_ups",
        fate=Fate.DELETED,
        erasure=_("deleted"),
    ),
    Holding(
        key="evaluations_answered",
        model="samsvar_meetings.SurveyTurn",
        what=_("That the person has answered the evaluation of a meeting; not what"),
        whose=Whose.PEOPLE,
        through=("registration__person",),
        given=("survey",),
        withheld={"id": INSIDE, "registration": INSIDE},
        plain=(),
        purposes=(Purpose.MEETINGS,),
        grounds=(Ground.LEGITIMATE_INTERESTS,),
        recipients=_("nobody but the person and the site itself"),
        stays="evaluations_answered",
        fate=Fate.DELETED,
        erasure=_("deleted; what was answered stays, since nobody can tell whose it is"),
    ),
)


def _old_follow_ups(limit: datetime) -> QuerySet[Any]:
    return models.FollowUp.objects.filter(sent_at__lt=limit)


def _old_turns(limit: datetime) -> QuerySet[Any]:
    return models.SurveyTurn.objects.filter(survey__closes_at__lt=limit)


KINDS: tuple[Kind, ...] = (
    Kind(
        key="evaluations_answered",
        what=_("Who has answered the evaluation of a meeting"),
        days=1,
        after=_("after it was closed"),
        why=_("it is kept only so that nobody answers twice"),
        rows=_old_turns,
        age="survey__closes_at",
    ),
    Kind(
        key="follow_ups",
        what=_("That somebody was asked how their commitments go"),
        days=400,
        after=_("after the letter was written"),
        why=_("its link holds for 90 days; until the second letter after it, it shows that somebody was asked"),
        rows=_old_follow_ups,
        age="sent_at",
    ),
)

_ASKED = "what the organiser asks, and when; of the meeting"
HOLDS_NONE: dict[str, HoldsNone] = {
    "samsvar_meetings.FollowUp_commitments": HoldsNone("about which commitments somebody was asked; goes with it"),
    "samsvar_meetings.Survey": HoldsNone(_ASKED),
    "samsvar_meetings.SurveyQuestion": HoldsNone(_ASKED, {"text": _ASKED, "options": _ASKED}),
    "samsvar_meetings.SurveyTally": HoldsNone(
        "how often a value was chosen: no row stands for one person", {"value": "one of the offered values"}
    ),
    "samsvar_meetings.SurveyText": HoldsNone(
        "answers that nobody can be found by",
        {"text": "written under the advice to tell nobody who one is; not joined with anybody"},
    ),
}
