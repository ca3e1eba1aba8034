"""Monitoring reports: read them, place passages under the Convention's articles, and account for every character."""

from samsvar.monitoring.pipeline import read_report

__all__ = ["read_report"]
