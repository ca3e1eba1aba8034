"""Template tags and filters of implementation, one module per feature."""
