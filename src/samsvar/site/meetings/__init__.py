"""Meetings app: invitations, registration, programmes, attendance and outcomes."""
