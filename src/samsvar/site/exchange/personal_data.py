"""Declarations of personal data in the exchange, one module per feature."""

from __future__ import annotations

from types import ModuleType

from samsvar.site.exchange.adoptions import personal_data as adoptions
from samsvar.site.exchange.introductions import personal_data as introductions
from samsvar.site.exchange.practices import personal_data as practices
from samsvar.site.exchange.requests import personal_data as requests

FEATURES: tuple[ModuleType, ...] = (practices, requests, adoptions, introductions)
