"""Factories for tests of the site: they create our own values and rows, quickly."""
