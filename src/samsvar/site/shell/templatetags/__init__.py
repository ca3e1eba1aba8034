"""Filters and tags that every template of the site may use."""
