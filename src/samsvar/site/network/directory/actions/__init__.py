"""Actions on profiles, consents, participants and photographs."""
