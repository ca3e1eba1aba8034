"""Declarations of personal data in implementation, one module per feature."""

from __future__ import annotations

from samsvar.site.implementation.asks import personal_data as asks
from samsvar.site.implementation.digest import personal_data as digest
from samsvar.site.implementation.duties import personal_data as duties
from samsvar.site.implementation.evidence import personal_data as evidence
from samsvar.site.implementation.imports import personal_data as imports
from samsvar.site.implementation.indicators import personal_data as indicators
from samsvar.site.implementation.measures import personal_data as measures
from samsvar.site.implementation.reports import personal_data as reports
from samsvar.site.implementation.rooms import personal_data as rooms

FEATURES = (measures, evidence, indicators, duties, imports, asks, digest, reports, rooms)
