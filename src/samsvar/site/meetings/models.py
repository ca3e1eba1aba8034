"""All models of the meetings app, imported from its topics; no other app reads them.

Participants are people of `site/network`, which stores their details and controls access to them. This app stores
only that they were invited, have a place, appear in a session or attended.
"""

# ruff: noqa: F401 - they are imported here to be read as `models.Meeting`

from __future__ import annotations

from samsvar.site.meetings.attendance.models import (
    CheckIn,
    NetworkingOptIn,
    OneToOneMeeting,
    OneToOnePeriod,
    OneToOneSeat,
    ScheduleEntry,
    ScheduleLink,
)
from samsvar.site.meetings.contributions.models import (
    Contribution,
    ContributionCall,
    ContributionLink,
    ContributionReview,
    ImportedPerson,
)
from samsvar.site.meetings.letters.models import IssuedLetter
from samsvar.site.meetings.meeting.models import (
    Duty,
    InvitedState,
    Meeting,
    MeetingDocument,
    MeetingLink,
    MeetingOrganisation,
    MeetingPseudonym,
)
from samsvar.site.meetings.outcomes.models import (
    Commitment,
    FollowUp,
    Outcome,
    OutcomeChange,
    ProgressReport,
    Survey,
    SurveyParticipation,
    SurveyQuestion,
    SurveyTally,
    SurveyText,
)
from samsvar.site.meetings.programme.models import Appearance, Availability, Room, Session, SpeakerLink, Track, Version
from samsvar.site.meetings.registration.models import (
    Answer,
    Delegation,
    LinkRequest,
    MeetingInvitation,
    Question,
    Quota,
    Registration,
    WaitingList,
)
