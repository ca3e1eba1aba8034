"""Views for the programme."""
