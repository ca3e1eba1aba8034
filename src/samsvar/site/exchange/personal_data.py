"""Declarations of personal data in the exchange, one module per feature."""

from __future__ import annotations

from types import ModuleType

from samsvar.site.exchange.practices import personal_data as practices

FEATURES: tuple[ModuleType, ...] = (practices,)
