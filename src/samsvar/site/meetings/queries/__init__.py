"""Every read of the meetings that is worth a name, by topic."""
