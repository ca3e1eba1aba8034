"""Actions for the export, erasure and retention of personal data."""
