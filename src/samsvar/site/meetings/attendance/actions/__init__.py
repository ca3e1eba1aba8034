"""Actions of attendance."""
