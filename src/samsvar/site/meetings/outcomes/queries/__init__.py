"""Queries of outcomes."""
