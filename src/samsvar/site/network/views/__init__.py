"""Pages of accounts, people, networks, rights and privacy: one query or one action, one template."""
