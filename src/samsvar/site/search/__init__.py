"""Search over what the database holds; the index follows the change number."""
