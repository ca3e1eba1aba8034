"""Actions on practices: writing, reviewing and publishing, praise of reports, and reminders to confirm."""
