"""Views of networks and members."""
