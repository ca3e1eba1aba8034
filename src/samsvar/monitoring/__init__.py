"""Reading of monitoring reports: extracting passages, placing them under articles, accounting for all text."""

from samsvar.monitoring.pipeline import read_report

__all__ = ["read_report"]
