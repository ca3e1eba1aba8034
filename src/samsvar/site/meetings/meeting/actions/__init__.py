"""Actions on a meeting's details and documents, and emails to its helpers."""
