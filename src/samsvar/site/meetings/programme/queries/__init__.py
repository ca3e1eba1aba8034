"""Queries for the programme."""
