"""Letters as PDF: invitations, visa letters, confirmations and certificates of attendance."""
