"""People, organisations, memberships and rights: the one door to what is known of a person."""
