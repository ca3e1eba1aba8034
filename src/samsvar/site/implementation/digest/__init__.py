"""The weekly email to each member of a national desk about what is due and overdue."""
