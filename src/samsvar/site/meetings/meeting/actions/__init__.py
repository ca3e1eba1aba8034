"""Actions on a meeting."""
