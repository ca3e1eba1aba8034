"""Queries about a meeting."""
