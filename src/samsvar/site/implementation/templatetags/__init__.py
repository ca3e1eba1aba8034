"""Template filters of implementation, one module per feature."""
