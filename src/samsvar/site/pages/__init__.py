"""Pages made of several rooms: home, map, country, article, matrix, about the data."""
