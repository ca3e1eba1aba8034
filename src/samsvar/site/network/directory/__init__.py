"""People, their consents, their photographs, and the directory."""
