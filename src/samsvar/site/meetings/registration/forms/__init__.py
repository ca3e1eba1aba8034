"""Forms for registration."""
