"""Management commands of the network app."""
