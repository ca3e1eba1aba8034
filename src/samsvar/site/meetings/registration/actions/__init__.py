"""Actions for registration."""
