"""Personal data in indicators: none. Who entered or published figures is in the audit log; a value keeps the role."""

from __future__ import annotations

from samsvar.site.network.data_inventory import NoPersonalData

DATA_CATEGORIES = ()
_FACT = "about a figure, and published with it"
NO_PERSONAL_DATA = {
    "samsvar_implementation.Indicator": NoPersonalData(
        "what a state counts",
        {
            **dict.fromkeys(("titles", "definitions", "numerator", "denominator", "dimensions", "articles"), _FACT),
            "source_body": "an organisation's name",
        },
    ),
    "samsvar_implementation.Release": NoPersonalData("a publication of figures", {}),
    "samsvar_implementation.IndicatorValue": NoPersonalData(
        "figures of a state; small ones are never shown", {"comparability": _FACT, "source": _FACT}
    ),
}
