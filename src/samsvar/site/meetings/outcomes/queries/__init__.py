"""Queries for outcomes, commitments, reports and surveys."""
