"""Actions of the programme."""
