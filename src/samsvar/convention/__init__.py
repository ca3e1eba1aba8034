"""The Convention: its articles, references to them in texts, and the states that are bound on a given day."""
