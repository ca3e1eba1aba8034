"""Actions on outcomes, follow-ups and the survey."""
