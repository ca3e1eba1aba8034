"""Template filters for the funding pages."""
