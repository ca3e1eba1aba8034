"""Matches for a gap: practices, praise, offers and people, with reasons that a viewer can switch off."""
