"""The meeting: its details, access, countries, links and documents."""
