"""Meetings: their kinds, access, registration, programmes and outcomes."""
