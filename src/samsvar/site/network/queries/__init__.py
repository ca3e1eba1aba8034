"""Every read of accounts, people, networks and rights that is worth a name."""
