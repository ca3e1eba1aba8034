"""What a meeting is: its kind, how people take part, and who may know of it."""

from __future__ import annotations

from enum import StrEnum

from samsvar.errors import SamsvarError


class MeetingsError(SamsvarError):
    """Something about a meeting, its programme or its participants does not hold."""

    code = "meetings_error"


class MeetingKind(StrEnum):
    """What kind of meeting it is; one may lie inside another, as a network meeting inside a conference."""

    HIGH_LEVEL_CONFERENCE = "high_level_conference"
    CONFERENCE = "conference"
    NETWORK_MEETING = "network_meeting"
    STUDY_VISIT = "study_visit"
    WORKSHOP = "workshop"
    WEBINAR = "webinar"


class Attendance(StrEnum):
    """How people take part."""

    IN_PERSON = "in_person"
    ONLINE = "online"
    HYBRID = "hybrid"


class Access(StrEnum):
    """Who may read something of a meeting, from the widest to the narrowest."""

    PUBLIC = "public"
    SIGNED_IN = "signed_in"
    NETWORK = "network"  # members of the meeting's network
    PARTICIPANTS = "participants"  # whose place is confirmed, and those invited
    SPEAKERS = "speakers"  # who appears in the programme
    ORGANISERS = "organisers"

    @property
    def width(self) -> int:
        """5 for the widest to 0 for the narrowest."""
        return len(Access) - 1 - list(Access).index(self)


class Entry(StrEnum):
    """Who may ask for a place."""

    OPEN = "open"  # anybody, after their address was confirmed
    MEMBERS = "members"  # of the meeting's network
    INVITED = "invited"  # to whom an invitation was sent, or whom a delegation names


class Part(StrEnum):
    """As what somebody appears in a programme."""

    SPEAKER = "speaker"
    CHAIR = "chair"
    MODERATOR = "moderator"
    PANELLIST = "panellist"
    RAPPORTEUR = "rapporteur"
    INTERPRETER = "interpreter"


class Category(StrEnum):
    """As what somebody takes part; each has its own questions and its own colour on a badge."""

    PARTICIPANT = "participant"
    SPEAKER = "speaker"
    OBSERVER = "observer"
    PRESS = "press"
    INTERPRETER = "interpreter"
    STAFF = "staff"


class PlaceOf(StrEnum):
    """What a country's place at a meeting is."""

    INVITED = "invited"
    SPEAKERS = "speakers"  # a source says that speakers came from there
    HOST = "host"
