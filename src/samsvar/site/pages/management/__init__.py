"""Commands about all rooms at once."""
