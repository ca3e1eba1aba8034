"""Personal data in outcomes, commitments and surveys."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.personal_data import meeting_category
from samsvar.site.network.data_inventory import (
    HASH_OF_LINK,
    INTERNAL_ID,
    LEGITIMATE_INTERESTS,
    NO_RECIPIENTS,
    DataSubject,
    NoPersonalData,
    RetentionRule,
    anonymised,
    deleted,
    keep,
)

READERS = _("anyone who may read the outcome: participants, or everyone, as the organiser has chosen")
RECORDERS = _("the organisers and those who keep the meeting record")
RECORD = _("for as long as the meeting record is kept")

DATA_CATEGORIES = (
    meeting_category(
        models.Outcome, "outcomes_recorded", _("Session outcomes recorded by the person"),
        exported="public_id meeting kind text recorded_at", through="recorded_by",
        not_personal="session language state access article finding confirmed_at",
        data_subject=DataSubject.STAFF, recipients=READERS, retention=RECORD,
        erasure=keep(
            _("decisions and commitments are kept; the person who recorded them is shown as an anonymised account"),
        ),
    ),
    meeting_category(
        models.OutcomeChange, "outcomes_corrected", _("Corrections the person made to outcomes, and the reasons"),
        exported="text_before why at", through="by",
        withheld={"outcome": INTERNAL_ID},
        not_personal="after_closing before",
        data_subject=DataSubject.STAFF, recipients=RECORDERS, retention=RECORD,
        erasure=keep(_("the correction is kept with the outcome it explains, attributed to an anonymised account")),
    ),
    meeting_category(
        models.Commitment, "commitments_spoken_for",
        _("Commitments of a state or body that the person presented and is asked to report progress on"),
        exported="outcome due keeping next_follow_up",
        not_personal="state organisation",
        recipients=_("no one: readers can see the commitment of the state or body, but not who presented it"),
        retention=RECORD,
        erasure=anonymised(
            _("the commitment remains attributed to the state or body that made it; the link to the person is "
"removed"),
            {"person": None},
        ),
    ),
    meeting_category(
        models.ProgressReport, "progress_said", _("Progress the person reported on a commitment, with evidence"),
        exported="commitment keeping text evidence at", through="by",
        not_personal="said_as",
        data_subject=DataSubject.ACCOUNTS, recipients=READERS, retention=RECORD,
        erasure=keep(_("statements made for a state or body are kept; the author is shown as an anonymised account")),
    ),
    meeting_category(
        models.FollowUp, "asked_how_it_goes",
        _("Requests to the person for progress updates on their commitments, and whether they replied"),
        exported="due sent_at answered_at",
        withheld={"token_hash": HASH_OF_LINK},
        recipients=NO_RECIPIENTS, retention="follow_ups",
    ),
    meeting_category(
        models.SurveyParticipation, "evaluations_answered",
        _("Whether the person completed a meeting’s survey (not their answers)"),
        exported="survey", through="registration__person",
        legal_bases=LEGITIMATE_INTERESTS, recipients=NO_RECIPIENTS,
        erasure=deleted(_("deleted; the answers are kept, because no one can tell who gave them")),
    ),
)  # fmt: skip


RETENTION_RULES = (
    RetentionRule(
        models.SurveyParticipation, "survey__closes_at", "evaluations_answered",
        _("List of people who have completed a meeting’s survey"),
        days=1, after=_("after the survey closed"), why=_("kept only so that no one can answer twice"),
    ),
    RetentionRule(
        models.FollowUp, "sent_at", "follow_ups", _("Requests for progress updates on commitments"),
        days=400, after=_("after the email was sent"),
        why=_("the link is valid for 90 days; until two more emails have been sent, the record shows that a "
"request was made"),
    ),
)  # fmt: skip

_SURVEY_CONTENT = "the organiser's survey: its questions and dates"
NO_PERSONAL_DATA = {
    "samsvar_meetings.FollowUp_commitments": NoPersonalData("the commitments of a progress request; deleted with it"),
    "samsvar_meetings.Survey": NoPersonalData(_SURVEY_CONTENT),
    "samsvar_meetings.SurveyQuestion": NoPersonalData(
        _SURVEY_CONTENT, {"text": _SURVEY_CONTENT, "options": _SURVEY_CONTENT}
    ),
    "samsvar_meetings.SurveyTally": NoPersonalData(
        "the number of times a value was chosen; no row is about one person", {"value": "one of the offered values"}
    ),
    "samsvar_meetings.SurveyText": NoPersonalData(
        "answers that identify no one",
        {"text": "participants are asked not to identify anyone; not linked to a person"},
    ),
}
