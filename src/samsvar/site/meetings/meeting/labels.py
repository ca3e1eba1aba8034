"""Labels and menus shared by the topics of the meetings app."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from samsvar.meetings.meeting import (
    AccessLevel,
    AttendanceMode,
    CountryRole,
    MeetingKind,
    ParticipantCategory,
    RegistrationPolicy,
)
from samsvar.site.shell.labels import LABELS, Label

KINDS: dict[MeetingKind, Label] = {
    MeetingKind.HIGH_LEVEL_CONFERENCE: _("high-level conference"),
    MeetingKind.CONFERENCE: _("conference"),
    MeetingKind.NETWORK_MEETING: _("network meeting"),
    MeetingKind.STUDY_VISIT: _("study visit"),
    MeetingKind.PEER_REVIEW: _("peer review"),
    MeetingKind.CALL: pgettext_lazy("kind of meeting", "call"),
    MeetingKind.WORKSHOP: _("workshop"),
    MeetingKind.WEBINAR: _("webinar"),
}
ATTENDANCE_MODES: dict[AttendanceMode, Label] = {
    AttendanceMode.IN_PERSON: pgettext_lazy("a meeting", "in person"),
    AttendanceMode.ONLINE: pgettext_lazy("a meeting", "online"),
    AttendanceMode.HYBRID: pgettext_lazy("a meeting", "in person and online"),
}
ACCESS_LEVELS: dict[AccessLevel, Label] = {  # who may read
    AccessLevel.PUBLIC: _("everyone"),
    AccessLevel.SIGNED_IN: _("everyone who is signed in"),
    AccessLevel.NETWORK: _("members of the network"),
    AccessLevel.PARTICIPANTS: _("participants"),
    AccessLevel.SPEAKERS: _("speakers"),
    AccessLevel.ORGANISERS: _("organisers"),
}
REGISTRATION_POLICIES: dict[RegistrationPolicy, Label] = {  # who may request a place
    RegistrationPolicy.OPEN: _("everyone"),
    RegistrationPolicy.MEMBERS: _("members of the network"),
    RegistrationPolicy.INVITED: _("people with an invitation"),
}
CATEGORIES: dict[ParticipantCategory, Label] = {
    ParticipantCategory.PARTICIPANT: pgettext_lazy("takes part as", "participant"),
    ParticipantCategory.SPEAKER: pgettext_lazy("takes part as", "speaker"),
    ParticipantCategory.OBSERVER: pgettext_lazy("takes part as", "observer"),
    ParticipantCategory.PRESS: pgettext_lazy("takes part as", "press"),
    ParticipantCategory.INTERPRETER: pgettext_lazy("takes part as", "interpreter"),
    ParticipantCategory.STAFF: pgettext_lazy("takes part as", "staff"),
}
COUNTRY_ROLES: dict[CountryRole, Label] = {
    CountryRole.INVITED: pgettext_lazy("a country", "invited"),
    CountryRole.SPEAKERS: pgettext_lazy("a country", "provided speakers"),
    CountryRole.HOST: pgettext_lazy("a country", "host"),
}

LABELS.update(
    MeetingKind=KINDS, AttendanceMode=ATTENDANCE_MODES,
    AccessLevel=ACCESS_LEVELS, RegistrationPolicy=REGISTRATION_POLICIES,
    ParticipantCategory=CATEGORIES, CountryRole=COUNTRY_ROLES,
)  # fmt: skip

# The menus of a meeting, as URL name and label. Entries whose URL does not exist are not shown.
PUBLIC_MENU: tuple[tuple[str, Label], ...] = (
    ("meetings:meeting", pgettext_lazy("a meeting", "About")),
    ("meetings:programme", _("Programme")),
    ("meetings:speakers", _("Speakers")),
    ("meetings:countries", _("Countries")),
    ("meetings:documents", _("Documents")),
    ("meetings:outcomes", _("Outcomes")),
)
OWN_MENU: tuple[tuple[str, Label], ...] = (("meetings:my-schedule", _("My schedule")),)
LINK_MENU: tuple[tuple[str, Label], ...] = (("meetings:my-registration", _("Your registration")),)
# for people who have a duty at the meeting but are not organisers
DUTY_MENU: dict[str, tuple[str, Label]] = {
    "door": ("meetings:check-in", _("Check-in")),
    "record": ("meetings:manage-outcomes", _("Session records")),
    "review": ("meetings:review-contributions", _("Proposals to review")),
}
ORGANISER_MENU: tuple[tuple[str, Label], ...] = (
    ("meetings:manage", _("Overview")),
    ("meetings:manage-invitations", _("Invitations")),
    ("meetings:manage-delegations", _("Delegations")),
    ("meetings:manage-registrations", _("Registrations")),
    ("meetings:manage-programme", _("Programme")),
    ("meetings:manage-contributions", _("Proposals")),
    ("meetings:manage-day", pgettext_lazy("of a meeting", "On site")),
    ("meetings:manage-outcomes", _("Outcomes")),
    ("meetings:manage-survey", _("Survey")),
    ("meetings:manage-report", pgettext_lazy("of a meeting", "Report")),
    ("meetings:manage-exchange", _("Import and export")),
)
