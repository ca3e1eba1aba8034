"""Template tags of measures and of the desk."""
