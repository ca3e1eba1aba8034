"""Actions of a meeting."""
