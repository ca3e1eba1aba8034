"""Roles, permissions and staff sessions, and the middleware that enforces them."""
