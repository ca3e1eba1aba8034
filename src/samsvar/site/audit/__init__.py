"""The audit log, and the change number that caches and the search index follow."""
