"""Forms of the meetings, by topic."""
