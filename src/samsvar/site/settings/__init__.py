"""Settings: `base` applies everywhere; `demo`, `production` and `testing` add what differs."""
