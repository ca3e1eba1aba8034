"""Management commands of the convention app."""
