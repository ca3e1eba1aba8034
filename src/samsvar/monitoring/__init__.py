"""Monitoring reports: read, placed under the Convention's articles, and accounted for to the last character."""

from samsvar.monitoring.pipeline import read_report

__all__ = ["read_report"]
