"""States and their treaty events in the database."""
