"""Invitation, visa and confirmation letters and certificates of attendance, as PDF."""
