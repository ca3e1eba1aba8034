"""Plans and measures of a state, which findings they answer, and what its desk decided about each finding."""
