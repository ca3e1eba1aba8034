"""Actions for outcomes, follow-ups and surveys."""
