"""Queries of the programme."""
