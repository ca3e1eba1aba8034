"""Actions of the directory."""
