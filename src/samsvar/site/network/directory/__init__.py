"""People, what they agreed to show, their photographs, and the directory."""
