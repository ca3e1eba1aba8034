"""Export and deletion of personal data, retention, and the record of processing."""
