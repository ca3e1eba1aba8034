"""Monitoring reports: extracting passages, placing them under articles, and accounting for every character."""

from samsvar.monitoring.pipeline import read_report

__all__ = ["read_report"]
