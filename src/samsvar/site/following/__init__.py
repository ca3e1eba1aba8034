"""Following: what a person wants to hear about, the digest that tells them, and a feed for each public object."""
