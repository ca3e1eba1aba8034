"""Adoptions of practices by other states."""
