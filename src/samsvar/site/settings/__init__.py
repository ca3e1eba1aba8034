"""Settings: `base` holds what is true everywhere; `demo`, `production` and `testing` add what differs."""
