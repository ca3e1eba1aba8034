"""Actions for suggested sessions and contacts."""
