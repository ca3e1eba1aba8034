"""Queries about meetings and their countries, documents and registration periods."""
