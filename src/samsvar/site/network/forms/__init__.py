"""What somebody says about themselves, and what the secretariat says about others."""
