"""Actions of roles and staff sessions."""
