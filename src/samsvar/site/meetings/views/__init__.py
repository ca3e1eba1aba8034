"""Pages of the meetings, by topic."""
