"""Queries of a meeting."""
