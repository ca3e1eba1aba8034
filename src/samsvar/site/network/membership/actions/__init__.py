"""Actions on networks and their members."""
