"""Invitations, delegations, quotas, places, the waiting list and the questions asked of participants."""
