"""Search over the database, with an index that is updated when the change number changes."""
