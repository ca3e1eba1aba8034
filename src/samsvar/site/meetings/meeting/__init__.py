"""The meeting itself: who may see it, its countries, links and documents."""
