"""The Convention: its articles, how they are mentioned, and who is bound by them on a given day."""
