"""Suggested sessions from evidence, and participants who could help each other."""
