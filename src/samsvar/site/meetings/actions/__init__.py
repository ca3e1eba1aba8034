"""Every write of the meetings, by topic."""
