"""Worlds for tests of the site: made of values and rows of ours, quickly."""
