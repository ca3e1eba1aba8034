"""Outcomes, commitments and their progress, the survey and the report of a meeting."""
