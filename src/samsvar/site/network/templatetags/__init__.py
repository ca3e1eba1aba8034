"""Filters for pages about people, networks and organisations."""
