"""Pages that combine several apps: home, map, country, article, matrix, about the data."""
