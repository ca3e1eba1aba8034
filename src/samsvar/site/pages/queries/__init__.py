"""Queries of the pages that combine several apps."""
