"""Filters and tags for all templates of the site."""
