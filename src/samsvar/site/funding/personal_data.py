"""What the room for money holds of anybody: nothing.

Partners, payers and receivers are bodies; who changed a fact stands in the trail.
"""

from __future__ import annotations

from samsvar.site.network.data_inventory import Holding, HoldsNone

HOLDINGS: tuple[Holding, ...] = ()

_FACT = "a public fact about money, with its source"
_BODY = "a body's name"
_SOURCED = {"note": _FACT, "source": _FACT, "second_source": _FACT}

HOLDS_NONE: dict[str, HoldsNone] = {
    "samsvar_funding.Activity": HoldsNone(
        _FACT, {**_SOURCED, "title": "an activity's", "about": _FACT, "from_memory": "names of columns"}
    ),
    "samsvar_funding.ActivityState": HoldsNone("which states give and receive"),
    "samsvar_funding.ActivityArea": HoldsNone("what it is for"),
    "samsvar_funding.Partner": HoldsNone("organisations that take part, never a person", {"name": _BODY}),
    "samsvar_funding.Transaction": HoldsNone(_FACT, _SOURCED),
    "samsvar_funding.Result": HoldsNone(_FACT, {**_SOURCED, "promised": _FACT, "came": _FACT}),
    "samsvar_funding.Link": HoldsNone("what money led to", {"note": _FACT, "source": _FACT}),
    "samsvar_funding.Figure": HoldsNone("a factsheet's total", {**_SOURCED, "name": "an area's"}),
}
