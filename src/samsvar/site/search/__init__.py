"""Search over the database; the index is updated by the change number."""
