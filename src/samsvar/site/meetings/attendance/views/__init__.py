"""Views for check-in, personal schedules and one-to-one meetings."""
