"""The tables of all features of implementation, which form one Django app with one migration history."""

from __future__ import annotations

from samsvar.site.implementation.digest.models import DigestSubscription
from samsvar.site.implementation.duties.models import Duty
from samsvar.site.implementation.evidence.models import Evidence
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

__all__ = [
    "Answer",
    "Change",
    "Cluster",
    "DigestSubscription",
    "Duty",
    "Evidence",
    "Measure",
    "MeasureBody",
    "Plan",
    "PlanChapter",
    "Region",
    "Triage",
]
