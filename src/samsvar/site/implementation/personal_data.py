"""Declarations of personal data in implementation, one module per feature."""

from __future__ import annotations

from samsvar.site.implementation.digest import personal_data as digest
from samsvar.site.implementation.duties import personal_data as duties
from samsvar.site.implementation.evidence import personal_data as evidence
from samsvar.site.implementation.measures import personal_data as measures

FEATURES = (measures, evidence, duties, digest)
