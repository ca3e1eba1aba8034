"""Questions to members, which the secretariat forwards or declines."""
