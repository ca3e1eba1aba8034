"""Personal data in the funding app: there are none.

Partners, payers and recipients are organisations. Who changed a fact is recorded in the audit log.
"""

from __future__ import annotations

from samsvar.site.network.data_inventory import NoPersonalData

_FACT = "a public fact about funding, with its source"
_BODY = "an organisation's name"
_SOURCED = {"note": _FACT, "source": _FACT, "second_source": _FACT}

NO_PERSONAL_DATA = {
    "samsvar_funding.Activity": NoPersonalData(
        _FACT, {**_SOURCED, "title": "an activity's", "about": _FACT, "from_memory": "names of columns"}
    ),
    "samsvar_funding.ActivityState": NoPersonalData("donor and beneficiary states"),
    "samsvar_funding.ActivityArea": NoPersonalData("the areas it funds"),
    "samsvar_funding.Partner": NoPersonalData("participating organisations, never people", {"name": _BODY}),
    "samsvar_funding.Transaction": NoPersonalData(_FACT, _SOURCED),
    "samsvar_funding.Result": NoPersonalData(_FACT, {**_SOURCED, "promised": _FACT, "came": _FACT}),
    "samsvar_funding.Link": NoPersonalData("outcomes of funding", {"note": _FACT, "source": _FACT}),
    "samsvar_funding.FactsheetTotal": NoPersonalData("a factsheet's total", {**_SOURCED, "name": "an area's"}),
}
