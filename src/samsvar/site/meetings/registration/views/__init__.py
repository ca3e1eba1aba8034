"""Views for registration."""
