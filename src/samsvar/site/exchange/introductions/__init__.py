"""Introductions of those who ask to those who can help."""
