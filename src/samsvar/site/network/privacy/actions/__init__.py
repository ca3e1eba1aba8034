"""Actions of personal data."""
