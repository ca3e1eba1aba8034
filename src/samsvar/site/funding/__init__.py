"""Funding app: pages about programmes, calls, initiatives and projects, their partners, amounts and results."""
