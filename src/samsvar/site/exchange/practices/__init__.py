"""Practices: writing, review by peers, publication, and what monitoring reports welcome."""
