"""Views of the programme."""
