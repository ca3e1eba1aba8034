"""Pages for organisers: creating, editing and cancelling meetings, managing helpers, and emailing participants."""
