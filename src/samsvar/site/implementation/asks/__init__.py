"""Asks: requests for information that a national desk sends to officials of other bodies."""
