"""Meetings: what kind they are, who may come, what is said when and where, and what was promised there."""
