"""The basic vocabulary of a meeting: its kind, how people attend, and who may see it."""

from __future__ import annotations

from enum import StrEnum

from samsvar.errors import SamsvarError


class MeetingsError(SamsvarError):
    """A rule about a meeting, its programme or its participants is broken."""

    code = "meetings_error"


class MeetingKind(StrEnum):
    """The kind of a meeting. A meeting may be part of another one, such as a network meeting during a conference."""

    HIGH_LEVEL_CONFERENCE = "high_level_conference"
    CONFERENCE = "conference"
    NETWORK_MEETING = "network_meeting"
    STUDY_VISIT = "study_visit"
    WORKSHOP = "workshop"
    WEBINAR = "webinar"


class AttendanceMode(StrEnum):
    """How people attend a meeting."""

    IN_PERSON = "in_person"
    ONLINE = "online"
    HYBRID = "hybrid"


class AccessLevel(StrEnum):
    """Who may read something about a meeting, from the widest audience to the narrowest."""

    PUBLIC = "public"
    SIGNED_IN = "signed_in"
    NETWORK = "network"  # members of the meeting's network
    PARTICIPANTS = "participants"  # people with a confirmed place, and those invited
    SPEAKERS = "speakers"  # people who appear in the programme
    ORGANISERS = "organisers"

    @property
    def width(self) -> int:
        """Return the rank of the level, from 5 (widest) to 0 (narrowest)."""
        return len(AccessLevel) - 1 - list(AccessLevel).index(self)


class RegistrationPolicy(StrEnum):
    """Who may register for a meeting."""

    OPEN = "open"  # anyone with a confirmed email address
    MEMBERS = "members"  # members of the meeting's network
    INVITED = "invited"  # people who were invited or nominated by a delegation


class ProgrammeRole(StrEnum):
    """The role in which a person appears in the programme."""

    SPEAKER = "speaker"
    CHAIR = "chair"
    MODERATOR = "moderator"
    PANELLIST = "panellist"
    RAPPORTEUR = "rapporteur"
    INTERPRETER = "interpreter"


class ParticipantCategory(StrEnum):
    """The category of a participant; each has its own questions and its own badge colour."""

    PARTICIPANT = "participant"
    SPEAKER = "speaker"
    OBSERVER = "observer"
    PRESS = "press"
    INTERPRETER = "interpreter"
    STAFF = "staff"


class CountryRole(StrEnum):
    """The role of a country at a meeting."""

    INVITED = "invited"
    SPEAKERS = "speakers"  # a source says that speakers came from there
    HOST = "host"
