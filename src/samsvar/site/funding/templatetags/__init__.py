"""Filters for pages about money."""
