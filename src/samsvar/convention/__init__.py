"""The Convention: its articles, how texts refer to them, and who is bound on a given day."""
