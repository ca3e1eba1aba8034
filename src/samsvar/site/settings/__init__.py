"""Django settings: `base` applies everywhere; `demo`, `production` and `testing` import it and add to it."""
