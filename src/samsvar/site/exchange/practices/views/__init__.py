"""Views of practices: the public list and pages, an owner's own, reviews, and the desk's praise."""
