"""What outcomes, commitments, the survey and the report holds of anybody."""

from __future__ import annotations

from samsvar.site.network.holdings import Holding, HoldsNone, Kind

HOLDINGS: tuple[Holding, ...] = ()
HOLDS_NONE: dict[str, HoldsNone] = {}
KINDS: tuple[Kind, ...] = ()
