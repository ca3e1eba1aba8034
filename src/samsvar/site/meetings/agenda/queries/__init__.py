"""Queries for suggested sessions and contacts."""
