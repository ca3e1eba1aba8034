"""Queries for the pages that combine several apps."""
