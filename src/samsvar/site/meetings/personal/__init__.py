"""What meetings hold of anybody, by topic: read by my data, erasure, retention and the record of processing."""

from __future__ import annotations

from samsvar.site.meetings.personal import after, contributions, day, meeting, programme, registration
from samsvar.site.network.holdings import Holding, HoldsNone, Kind

_TOPICS = (meeting, registration, programme, contributions, day, after)

HOLDINGS: tuple[Holding, ...] = tuple(one for topic in _TOPICS for one in topic.HOLDINGS)
HOLDS_NONE: dict[str, HoldsNone] = {label: one for topic in _TOPICS for label, one in topic.HOLDS_NONE.items()}
KINDS: tuple[Kind, ...] = tuple(one for topic in _TOPICS for one in topic.KINDS)
