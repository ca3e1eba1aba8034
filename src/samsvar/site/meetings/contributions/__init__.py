"""The call for contributions: proposals, reviews and decisions."""
