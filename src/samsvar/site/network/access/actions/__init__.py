"""Actions on roles and staff sessions."""
