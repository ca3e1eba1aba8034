"""Queries for people, their consents, organisations and the directory."""
