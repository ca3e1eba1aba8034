"""Networks, organisations, seats, members and terms of office."""
