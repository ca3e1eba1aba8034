"""What a state owes the monitoring bodies and when: its page, its calendar, and what a desk records about it."""
