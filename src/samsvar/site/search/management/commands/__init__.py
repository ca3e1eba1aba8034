"""Commands of the search room, one a module."""
