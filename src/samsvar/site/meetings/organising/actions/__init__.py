"""Actions for organising a meeting."""
