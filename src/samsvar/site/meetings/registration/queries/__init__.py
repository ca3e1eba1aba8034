"""Queries of registration."""
