"""Queries for registration."""
