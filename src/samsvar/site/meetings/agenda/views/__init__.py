"""Views for suggested sessions and contacts."""
