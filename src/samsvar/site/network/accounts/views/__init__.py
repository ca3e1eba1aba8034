"""Views for accounts, invitations, roles and sign-in."""
