"""Forms of a meeting."""
