"""States and their treaty events, as rows."""
