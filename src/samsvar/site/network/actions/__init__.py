"""Every write about accounts, people, networks and rights: one verb, one transaction, one line in the trail."""
