"""The enumerations for meetings (kinds, attendance, access, registration, roles), and the base error class."""

from __future__ import annotations

from enum import StrEnum

from samsvar.errors import SamsvarError


class MeetingsError(SamsvarError):
    """Base class of errors about a meeting, its programme or its participants."""


class MeetingKind(StrEnum):
    """The kinds of meetings. A meeting may be part of another one, such as a network meeting during a conference."""

    HIGH_LEVEL_CONFERENCE = "high_level_conference"
    CONFERENCE = "conference"
    NETWORK_MEETING = "network_meeting"
    STUDY_VISIT = "study_visit"
    PEER_REVIEW = "peer_review"  # of a country's work, by peers of other countries
    CALL = "call"  # online, of one to two hours
    WORKSHOP = "workshop"
    WEBINAR = "webinar"


class AttendanceMode(StrEnum):
    """The ways in which people attend a meeting."""

    IN_PERSON = "in_person"
    ONLINE = "online"
    HYBRID = "hybrid"


class AccessLevel(StrEnum):
    """The levels of access to information about a meeting, from the widest audience to the narrowest."""

    PUBLIC = "public"
    SIGNED_IN = "signed_in"
    NETWORK = "network"  # members of the meeting's network
    PARTICIPANTS = "participants"  # people with a confirmed place, and those invited
    SPEAKERS = "speakers"  # people who appear in the programme
    ORGANISERS = "organisers"

    @property
    def rank(self) -> int:
        """Return the rank of the level, from 5 (widest) to 0 (narrowest)."""
        return len(AccessLevel) - 1 - list(AccessLevel).index(self)


class RegistrationPolicy(StrEnum):
    """The rules on who may register for a meeting."""

    OPEN = "open"  # anyone with a confirmed email address
    MEMBERS = "members"  # members of the meeting's network
    INVITED = "invited"  # people who were invited or nominated by a delegation


class ProgrammeRole(StrEnum):
    """The roles in which people appear in a programme."""

    SPEAKER = "speaker"
    CHAIR = "chair"
    MODERATOR = "moderator"
    PANELLIST = "panellist"
    RAPPORTEUR = "rapporteur"
    INTERPRETER = "interpreter"


class ParticipantCategory(StrEnum):
    """The categories of participants; each has its own questions and its own badge colour."""

    PARTICIPANT = "participant"
    SPEAKER = "speaker"
    OBSERVER = "observer"
    PRESS = "press"
    INTERPRETER = "interpreter"
    STAFF = "staff"


class CountryRole(StrEnum):
    """The roles of countries at a meeting."""

    INVITED = "invited"
    SPEAKERS = "speakers"  # a source says that speakers came from there
    HOST = "host"
