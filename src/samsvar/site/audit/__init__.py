"""The audit log, and the change number that is used to keep caches and the search index up to date."""
