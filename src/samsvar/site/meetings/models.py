"""Tables of the meetings, by topic. Nobody outside this app reads these.

Who takes part is a person of `site/network`: what is known of them stands in their details there, behind one door. Here
stands only that they were invited, have a place, appear in a session, came.
"""

from __future__ import annotations

from samsvar.site.meetings.attendance.models import (
    CheckIn,
    Encounter,
    EncounterTime,
    MySession,
    OpenToTalk,
    ScheduleLink,
    Seat,
)
from samsvar.site.meetings.contributions.models import (
    Contribution,
    ContributionCall,
    ContributionLink,
    ContributionReview,
    TakenPerson,
)
from samsvar.site.meetings.letters.models import IssuedLetter
from samsvar.site.meetings.meeting.models import Document, Duty, InvitedState, Link, Meeting, MeetingOrganisation
from samsvar.site.meetings.outcomes.models import (
    Commitment,
    FollowUp,
    Outcome,
    OutcomeChange,
    Progress,
    Survey,
    SurveyQuestion,
    SurveyTally,
    SurveyText,
    SurveyTurn,
)
from samsvar.site.meetings.programme.models import (
    Appearance,
    Availability,
    Room,
    Session,
    SpeakerLink,
    Track,
    Version,
)
from samsvar.site.meetings.registration.models import (
    Answer,
    Delegation,
    MeetingInvitation,
    Question,
    Quota,
    Registration,
    WaitingLine,
)

__all__ = [
    "Answer",
    "Appearance",
    "Availability",
    "CheckIn",
    "Commitment",
    "Contribution",
    "ContributionCall",
    "ContributionLink",
    "ContributionReview",
    "Delegation",
    "Document",
    "Duty",
    "Encounter",
    "EncounterTime",
    "FollowUp",
    "InvitedState",
    "IssuedLetter",
    "Link",
    "Meeting",
    "MeetingInvitation",
    "MeetingOrganisation",
    "MySession",
    "OpenToTalk",
    "Outcome",
    "OutcomeChange",
    "Progress",
    "Question",
    "Quota",
    "Registration",
    "Room",
    "ScheduleLink",
    "Seat",
    "Session",
    "SpeakerLink",
    "Survey",
    "SurveyQuestion",
    "SurveyTally",
    "SurveyText",
    "SurveyTurn",
    "TakenPerson",
    "Track",
    "Version",
    "WaitingLine",
]
