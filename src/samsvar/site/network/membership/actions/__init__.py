"""Actions of networks and members."""
