"""Template tags for meetings."""
