"""Outcomes of a meeting: commitments and their progress, the survey and the report."""
