"""Actions on reports and findings."""
