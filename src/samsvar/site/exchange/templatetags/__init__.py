"""Template tags and filters of the exchange."""
