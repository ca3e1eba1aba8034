"""People, organisations, memberships and permissions. All personal details are accessed through this app."""
