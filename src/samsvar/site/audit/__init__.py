"""Who did what, and the change number that caches and the search index follow."""
