"""Meetings: their kinds, access, registration, programmes, surveys and outcomes."""
