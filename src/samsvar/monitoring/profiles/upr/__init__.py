"""The Universal Periodic Review's reports."""
