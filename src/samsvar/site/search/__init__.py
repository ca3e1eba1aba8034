"""Search over the database, with an index that is updated after changes to the data."""
