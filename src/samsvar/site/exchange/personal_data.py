"""Declarations of personal data in the exchange, one module per feature."""

from __future__ import annotations

from types import ModuleType

FEATURES: tuple[ModuleType, ...] = ()
