"""People and networks: roles and permissions, memberships, consent, and the visibility of personal details."""
