"""Forms for the programme."""
