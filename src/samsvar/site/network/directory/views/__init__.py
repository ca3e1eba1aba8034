"""Views for the directory and for people's own profiles."""
