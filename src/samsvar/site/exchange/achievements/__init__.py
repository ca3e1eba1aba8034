"""What the network achieved: counts of requests, help, visits and adoptions, each opening its list."""
