"""Meetings in the site: invitations, registration, programmes, the event itself and its outcomes."""
