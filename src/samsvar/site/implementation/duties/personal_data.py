"""Duties contain no personal data: who recorded what is in the audit log only."""

from __future__ import annotations

from samsvar.site.network.data_inventory import NoPersonalData

NO_PERSONAL_DATA = {"samsvar_implementation.Duty": NoPersonalData("days of a state’s monitoring procedures")}
