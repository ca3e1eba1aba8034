"""Meetings in the site: invitations, places, programmes, the days themselves, and what came of them."""
