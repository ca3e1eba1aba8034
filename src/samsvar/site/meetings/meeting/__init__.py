"""The meeting itself: its details, access, countries, links and documents."""
