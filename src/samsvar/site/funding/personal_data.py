"""Personal data in the funding app: there are none.

Partners, payers and recipients are organisations. Who changed a fact is recorded in the audit log.
"""

from __future__ import annotations

from samsvar.site.network.data_inventory import NoPersonalData

_FACT = "a public fact about money, with its source"
_BODY = "a body's name"
_SOURCED = {"note": _FACT, "source": _FACT, "second_source": _FACT}

NO_PERSONAL_DATA = {
    "samsvar_funding.Activity": NoPersonalData(
        _FACT, {**_SOURCED, "title": "an activity's", "about": _FACT, "from_memory": "names of columns"}
    ),
    "samsvar_funding.ActivityState": NoPersonalData("which states give and receive"),
    "samsvar_funding.ActivityArea": NoPersonalData("what it is for"),
    "samsvar_funding.Partner": NoPersonalData("organisations that take part, never a person", {"name": _BODY}),
    "samsvar_funding.Transaction": NoPersonalData(_FACT, _SOURCED),
    "samsvar_funding.Result": NoPersonalData(_FACT, {**_SOURCED, "promised": _FACT, "came": _FACT}),
    "samsvar_funding.Link": NoPersonalData("what money led to", {"note": _FACT, "source": _FACT}),
    "samsvar_funding.FactsheetTotal": NoPersonalData("a factsheet's total", {**_SOURCED, "name": "an area's"}),
}
