"""An organisation's own room, where it writes its comments on a report that no one else can read."""
