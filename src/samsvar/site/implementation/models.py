"""The tables of all features of implementation, which form one Django app with one migration history."""

from __future__ import annotations

from samsvar.site.implementation.asks.models import Ask, AskAnswer, AskEmail, AskEvent, AskQuestion, AskSubmission
from samsvar.site.implementation.digest.models import DigestSubscription
from samsvar.site.implementation.duties.models import Duty
from samsvar.site.implementation.evidence.models import Evidence
from samsvar.site.implementation.imports.models import ColumnMapping, MeasureImport
from samsvar.site.implementation.indicators.models import Indicator, IndicatorValue, Release
from samsvar.site.implementation.measures.models import (
    Answer,
    Change,
    Cluster,
    Measure,
    MeasureBody,
    Plan,
    PlanChapter,
    Region,
    Triage,
)
from samsvar.site.implementation.reports.models import (
    Clearance,
    Draft,
    DraftNote,
    DraftSection,
    EditedFile,
    SectionVersion,
    Submission,
)
from samsvar.site.implementation.rooms.models import Room, RoomMember, RoomPublication, RoomSection, RoomSectionVersion

__all__ = [
    "Answer",
    "Ask",
    "AskAnswer",
    "AskEmail",
    "AskEvent",
    "AskQuestion",
    "AskSubmission",
    "Change",
    "Clearance",
    "Cluster",
    "ColumnMapping",
    "DigestSubscription",
    "Draft",
    "DraftNote",
    "DraftSection",
    "Duty",
    "EditedFile",
    "Evidence",
    "Indicator",
    "IndicatorValue",
    "Measure",
    "MeasureBody",
    "MeasureImport",
    "Plan",
    "PlanChapter",
    "Region",
    "Release",
    "Room",
    "RoomMember",
    "RoomPublication",
    "RoomSection",
    "RoomSectionVersion",
    "SectionVersion",
    "Submission",
    "Triage",
]
