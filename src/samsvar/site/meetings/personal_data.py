"""What meetings hold of anybody, by topic: read by my data, erasure, retention and the record of processing."""

from __future__ import annotations

from samsvar.site.meetings.attendance import personal_data as attendance
from samsvar.site.meetings.contributions import personal_data as contributions
from samsvar.site.meetings.meeting import personal_data as meeting
from samsvar.site.meetings.outcomes import personal_data as outcomes
from samsvar.site.meetings.programme import personal_data as programme
from samsvar.site.meetings.registration import personal_data as registration
from samsvar.site.network.data_inventory import Holding, HoldsNone, Kind

_FEATURES = (meeting, registration, programme, contributions, attendance, outcomes)

HOLDINGS: tuple[Holding, ...] = tuple(one for feature in _FEATURES for one in feature.HOLDINGS)
HOLDS_NONE: dict[str, HoldsNone] = {label: one for feature in _FEATURES for label, one in feature.HOLDS_NONE.items()}
KINDS: tuple[Kind, ...] = tuple(one for feature in _FEATURES for one in feature.KINDS)
