"""Actions for check-in, badges, walk-ins, personal schedules and one-to-one meetings."""
