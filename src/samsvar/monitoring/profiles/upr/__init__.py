"""The profile for reports of the Universal Periodic Review."""
