"""Actions of organising a meeting."""
