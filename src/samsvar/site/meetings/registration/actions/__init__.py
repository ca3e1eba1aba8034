"""Actions of registration."""
