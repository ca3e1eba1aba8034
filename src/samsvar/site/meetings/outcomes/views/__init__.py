"""Views for outcomes, commitments, the survey and the report."""
