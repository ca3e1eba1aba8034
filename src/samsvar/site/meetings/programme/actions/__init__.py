"""Actions for the programme."""
